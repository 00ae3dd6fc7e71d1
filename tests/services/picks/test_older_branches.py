"""What was just picked belongs on older branches too: said where it helps, and never in the way."""

from __future__ import annotations

import pytest

from backportq.model.config import Support
from backportq.model.ids import BranchName, Oid
from backportq.services.decisions.nominate import Request, tag
from backportq.services.picks.older_branches import AlsoOn, also_on
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from backportq.services.suggest.likelihood import read_outlook
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue

NEWEST = BranchName("stable-3")


@pytest.fixture
def history(repo: TestRepo) -> dict[str, str]:
    """stable-1 parts first and lacks what stable-2 and stable-3 have and `fix` fixes; `plain` names nothing."""
    repo.commit("base", {"base": "1\n"})
    repo.git("branch", "stable-0")
    repo.git("branch", "stable-1")
    bug = repo.commit("bug", {"bug": "1\n"})
    repo.git("branch", "stable-2")
    repo.git("branch", "stable-3")
    return {
        "fix": repo.commit(f"fix\n\nFixes: {bug[:12]}\n", {"bug": "2\n"}),
        "old": repo.commit(f"old\n\nFixes: {repo.id('stable-1')[:12]}\n", {"base": "2\n"}),
        "plain": repo.commit("plain", {"plain": "1\n"}),
    }


def started(repo: TestRepo) -> Project:
    oldest = stable("stable-0", support=Support.SECURITY)
    return start_queue(repo, oldest, stable("stable-1"), stable("stable-2"), stable("stable-3"))


def test_older_branches_are_named_that_have_what_is_fixed(repo: TestRepo, history: dict[str, str]) -> None:
    project = started(repo)

    found = also_on(project, NEWEST, [Oid(history[name]) for name in ("fix", "old", "plain")])

    assert found == (
        AlsoOn((BranchName("stable-2"),), (Oid(history["fix"]), Oid(history["plain"]))),
        AlsoOn((BranchName("stable-2"), BranchName("stable-1")), (Oid(history["old"]),)),
    )


def test_what_is_there_or_in_the_queue_needs_no_reminder(repo: TestRepo, history: dict[str, str]) -> None:
    project = started(repo)
    repo.checkout("stable-2")
    repo.pick(history["fix"], "-x")
    repo.checkout("master")
    tag(project, [Oid(history["old"])], ("stable-1",), Request(None, None, force=False))

    found = also_on(project, NEWEST, [Oid(history["fix"]), Oid(history["old"])])

    assert found == (AlsoOn((BranchName("stable-2"),), (Oid(history["old"]),)),)


def test_without_a_queue_or_picks_there_is_no_reminder(repo: TestRepo, history: dict[str, str]) -> None:
    project = started(repo)
    assert also_on(project, NEWEST, []) == ()
    assert also_on(project, BranchName("stable-1"), [Oid(history["fix"])]) == ()
    repo.git("update-ref", "-d", "refs/heads/backportq")
    assert also_on(project, NEWEST, [Oid(history["fix"])]) == ()


def test_what_was_left_out_says_so_later(repo: TestRepo, history: dict[str, str]) -> None:
    repo.checkout("stable-3")
    repo.pick(history["plain"], "-x")
    repo.checkout("master")
    project = started(repo)
    scan(project)
    state = project.store.snapshot().state
    name = BranchName("stable-2")
    item = next(item for item in state.queue_of(name).open if item.commit == history["plain"])

    for _ in range(2):  # found out, and then remembered
        judged = read_outlook(project, state).of(item, name, project.clock())
        assert judged.reasons[0] == "left out here 929 days ago, when stable-3 took it"
