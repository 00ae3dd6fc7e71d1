"""What upgrading would lose: what the newer branch lacks, not what it has without saying so."""

from __future__ import annotations

from backportq.services.decisions import verbs
from backportq.services.items.show import show
from backportq.services.reports.release_check import check_release
from backportq.services.scan.report import WarningKind
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decided, stable, start_queue


def test_a_fix_whose_lines_the_newer_branch_has_from_elsewhere_is_no_loss(repo: TestRepo) -> None:
    repo.commit("base", {"ci": "3.12\n", "other": "1\n"})
    for branch in ("stable-1.0", "stable-1.1"):
        repo.git("branch", branch)
    moved = repo.commit("ci: move to 3.14", {"ci": "3.14\n"})
    lost = repo.commit("other: count", {"other": "2\n"})
    repo.checkout("topic", "master")
    repo.commit("test: wait longer", {"test": "long\n"})
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge pull request #7 from x/y\n\nwait", "topic")
    merged = repo.id("HEAD")
    repo.checkout("stable-1.0")
    repo.pick(merged, "-x", "-m", "1")
    repo.pick(moved, "-x")
    repo.pick(lost, "-x")
    repo.checkout("stable-1.1")
    repo.commit("ci: news, and many other things", {"ci": "3.14\n", "news": "1\n", "test": "long\n"})
    project = start_queue(repo, stable("stable-1.0"), stable("stable-1.1"))
    report = scan(project)
    assert [each.commit for each in report.warnings if each.kind is WarningKind.MISSING_IN_NEWER] == [lost]
    assert [each.commit for each in check_release(project, "stable-1.0").missing] == [lost]
    assert show(project, moved).lost == ()
    assert show(project, merged).lost == ()
    assert show(project, lost).lost == ("stable-1.1",)


def test_what_is_remembered_of_losses_follows_decisions_and_branches(repo: TestRepo) -> None:
    base = repo.commit("base", {"file": "1\n"})
    for branch in ("stable-1.0", "stable-1.1"):
        repo.git("branch", branch)
    picked, declined = (repo.commit(f"{name}\n\nFixes: {base[:12]}", {name: "1\n"}) for name in ("one", "two"))
    repo.checkout("stable-1.0")
    repo.pick(picked, "-x")
    repo.pick(declined, "-x")
    project = start_queue(repo, stable("stable-1.0"), stable("stable-1.1"))
    scan(project)

    def missing() -> list[str | None]:
        return [each.commit for each in check_release(project, "stable-1.0").missing]

    assert missing() == [picked, declined]
    decided(project, verbs.decline(project, "no"), [declined], ["stable-1.1"])
    assert missing() == [picked]
    repo.checkout("stable-1.1")
    repo.pick(picked, "-x")
    assert missing() == []
