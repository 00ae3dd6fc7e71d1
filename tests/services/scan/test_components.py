"""Several components in one repository, and point releases: what is asked of which branch, and what it would lose."""

from __future__ import annotations

from backportq.model.ids import BranchName
from backportq.services.history.gather import gather
from backportq.services.queue_admin.init import InitRequest, initialise
from backportq.services.scan.report import ScanReport, WarningKind
from backportq.services.scan.scan import scan
from backportq.services.suggest.past import past_of
from tests.driver import TestRepo
from tests.services.queued import project_of


def _lines(start: int) -> str:
    return "".join(f"line {n}\n" for n in range(start, start + 30))


def _lost(report: ScanReport) -> list[tuple[str | None, str | None]]:
    return [(each.branch, each.commit) for each in report.warnings if each.kind is WarningKind.MISSING_IN_NEWER]


def test_scan_of_components_nominates_what_touches_each_and_compares_within_each(repo: TestRepo) -> None:
    base = repo.commit("base", {"component-a/a": _lines(1), "component-b/b": _lines(1), "shared/s": "1\n"})
    for release in (1, 2):
        for component in ("component-a", "component-b"):
            repo.git("branch", f"{component}/release-{release}.x")
        repo.commit(f"open {release}", {"open": f"{release}\n"})
    fixes = f'\n\nFixes: {base[:12]} ("base")\n'
    fix_a = repo.commit(f"a: fix{fixes}", {"component-a/a": _lines(2)})
    fix_b = repo.commit(f"b: fix{fixes}", {"component-b/b": _lines(2)})
    repo.commit(f"shared: fix{fixes}", {"shared/s": "2\n"})
    repo.checkout("component-a/release-1.x")
    repo.pick(fix_a, "-x")
    repo.checkout("master")
    project = project_of(repo.path)
    initialise(project, InitRequest())
    report = scan(project)
    assert {branch.branch: branch.added for branch in report.branches} == {
        "component-a/release-1.x": (),
        "component-a/release-2.x": (fix_a,),
        "component-b/release-1.x": (fix_b,),
        "component-b/release-2.x": (fix_b,),
    }
    assert _lost(report) == [("component-a/release-2.x", fix_a)]
    past = past_of(gather(project.repository, project.store.snapshot().state.config))
    newer = {branch.name: past.newer(branch) for branch in past.branches}
    assert {name: each.name for name, each in newer.items() if each is not None} == {
        "component-a/release-1.x": "component-a/release-2.x",
        "component-b/release-1.x": "component-b/release-2.x",
    }


def test_scan_does_not_ask_a_point_release_for_what_its_line_has(repo: TestRepo) -> None:
    repo.commit("base", {"file": _lines(1)})
    repo.git("branch", "stable/14")
    repo.commit("open", {"open": "1\n"})
    repo.git("branch", "stable/15")
    fix = repo.commit("fix", {"file": _lines(2)})
    repo.checkout("stable/14")
    repo.git("branch", "releng/14.1")
    repo.pick(fix, "-x")
    project = project_of(repo.path)
    initialise(project, InitRequest(branches=("stable/14", "releng/14.1", "stable/15")))
    report = scan(project)
    assert _lost(report) == [("stable/15", fix)]
    assert not project.store.snapshot().state.queue_of(BranchName("releng/14.1")).open
