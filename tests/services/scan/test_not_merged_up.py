"""What only an older branch has, in projects that merge upwards and in those that pick."""

from __future__ import annotations

from backportq.model.ids import BranchName
from backportq.services.history.outline import UpwardMerges, read_outline
from backportq.services.items.status import status
from backportq.services.reports.release_check import check_release
from backportq.services.scan.report import WarningKind
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import queue_of, stable, start_queue


def _merge_up(repo: TestRepo, into: str, branch: str) -> None:
    repo.checkout(into)
    repo.tick += 1
    repo.git("merge", "-q", "--no-ff", "-m", f"Merge branch '{branch}' into {into}", branch)


def _only(repo: TestRepo, name: str, message: str, file: str) -> str:
    repo.checkout(name)
    return repo.commit(message, {file: "1\n"})


def test_picks_upwards_leave_what_only_the_oldest_branch_has(repo: TestRepo) -> None:
    repo.commit("base", {"file": "1\n"})
    for name in ("stable-16.0", "stable-17.0"):
        repo.git("branch", name)
        repo.commit(f"open {name}", {"open": name})
    everywhere = _only(repo, "stable-16.0", "fix a crash", "a")
    only_here = _only(repo, "stable-16.0", "fix c, only here", "c")
    _only(repo, "stable-16.0", "bump the version", "version")
    for name in ("stable-17.0", "master"):
        repo.checkout(name)
        repo.pick(everywhere, "-x")
    project = start_queue(repo, stable("stable-16.0"), stable("stable-17.0"))
    report = scan(project)
    found = [(each.branch, each.commit) for each in report.warnings if each.kind is WarningKind.NOT_MERGED_UP]
    assert found == [("stable-16.0", only_here)]
    assert [warning.commit for warning in check_release(project, "16.0").not_merged_up] == [only_here]
    assert check_release(project, "17.0").not_merged_up == ()
    assert [(row.branch, row.not_merged_up) for row in status(project).branches] == [
        ("stable-16.0", 1),
        ("stable-17.0", 0),
    ]


def test_what_only_an_older_branch_has_is_found_out_again_when_branches_move(repo: TestRepo) -> None:
    repo.commit("base", {"file": "1\n"})
    repo.git("branch", "stable-16.0")
    repo.commit("open", {"open": "1\n"})
    first = _only(repo, "stable-16.0", "fix a crash", "a")
    project = start_queue(repo, stable("stable-16.0"))

    def only_here() -> list[str | None]:
        return [each.commit for each in scan(project).warnings if each.kind is WarningKind.NOT_MERGED_UP]

    assert [only_here(), only_here()] == [[first], [first]]
    second = _only(repo, "stable-16.0", "fix b", "b")
    assert set(only_here()) == {first, second}
    repo.checkout("master")
    repo.pick(first, "-x")
    assert [each.commit for each in check_release(project, "16.0").not_merged_up] == [second]
    assert only_here() == [second]


def test_a_project_that_merges_upwards_is_told_all_that_waits_and_asked_for_nothing_downwards(repo: TestRepo) -> None:
    bug = repo.commit("base", {"file": "1\n"})
    repo.git("branch", "stable-5.4")
    repo.commit("open 6.4", {"open": "6\n"})
    repo.git("branch", "stable-6.4")
    repo.commit("open 7", {"open": "7\n"})
    _only(repo, "stable-5.4", "merged: a fix", "a")
    _merge_up(repo, "stable-6.4", "stable-5.4")
    on_newer = _only(repo, "stable-6.4", f'repair it for 6.4\n\nFixes: {bug[:12]} ("base")\n', "b")
    _merge_up(repo, "master", "stable-6.4")
    waits = _only(repo, "stable-5.4", "make it faster", "waits")
    project = start_queue(repo, stable("stable-5.4"), stable("stable-6.4"))
    report = scan(project)
    found = [(each.branch, each.commit) for each in report.warnings if each.kind is WarningKind.NOT_MERGED_UP]
    assert found == [("stable-5.4", waits)]
    assert on_newer not in {item.commit for item in queue_of(project, BranchName("stable-5.4")).open}
    outline = read_outline(project.repository, project.store.snapshot().state.config)
    assert outline.upward == (
        UpwardMerges("stable-5.4", "stable-6.4", 1),
        UpwardMerges("stable-6.4", "master", 1),
    )


def test_merges_upwards_are_a_habit_of_a_pair_and_not_of_the_project(repo: TestRepo) -> None:
    repo.commit("base", {"file": "1\n"})
    for name in ("stable-1.0", "stable-2.0"):
        repo.git("branch", name)
        repo.commit(f"open {name}", {"open": name})
    _only(repo, "stable-2.0", "merged: a fix", "a")
    _merge_up(repo, "master", "stable-2.0")
    repo.checkout("topic", "stable-1.0")
    repo.commit("a fix for both", {"both": "1\n"})
    _merge_up(repo, "stable-1.0", "topic")
    _merge_up(repo, "master", "topic")
    _only(repo, "stable-1.0", "make it faster on 1.0", "only-1")
    waits = _only(repo, "stable-2.0", "make it faster on 2.0", "only-2")
    project = start_queue(repo, stable("stable-1.0"), stable("stable-2.0"))
    found = [(each.branch, each.commit) for each in scan(project).warnings if each.kind is WarningKind.NOT_MERGED_UP]
    assert found == [("stable-2.0", waits)]
    outline = read_outline(project.repository, project.store.snapshot().state.config)
    assert outline.upward == (UpwardMerges("stable-2.0", "master", 1),)
