"""What was picked is closed by evidence in git alone, whatever a forge made of the topic branch."""

from __future__ import annotations

import pytest

from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import State
from backportq.services.picks.apply import ApplyRequest, apply
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decide, stable, start_queue


def _merge(repo: TestRepo) -> None:
    repo.git("merge", "-q", "--no-ff", "-m", "Merge branch 'topic'", "topic")


def _rebase(repo: TestRepo) -> None:
    repo.git("checkout", "-q", "topic")
    repo.git("rebase", "-q", "stable-4.18")
    repo.git("checkout", "-q", "stable-4.18")
    repo.git("merge", "-q", "--ff-only", "topic")


def _squash(repo: TestRepo) -> None:
    messages = repo.git("log", "--reverse", "--format=* %s%n%n%b", "stable-4.18..topic")
    repo.git("merge", "-q", "--squash", "topic")
    repo.git("commit", "-q", "-F", "-", stdin=f"Backports for 4.18 (#12)\n\n{messages}\n")


@pytest.mark.parametrize("land", [_merge, _rebase, _squash])
@pytest.mark.parametrize("style", ["cherry-pick", "xen", "linux"])
def test_items_applied_to_a_topic_branch_are_closed_when_it_lands(repo: TestRepo, land: object, style: str) -> None:
    start = repo.commit("start", {"file": "".join(f"line {number}\n" for number in range(30))})
    commits = [
        repo.commit(f'fix {at}\n\nIt was wrong.\n\nFixes: {start[:12]} ("start")\n', {f"file-{at}": "x\n"})
        for at in (1, 2)
    ]
    repo.checkout("stable-4.18", start)
    repo.commit("own", {"other": "x\n"})
    project = start_queue(repo, stable("stable-4.18"))
    for commit in commits:
        decide(project, commit)
    apply(project, ApplyRequest("4.18", onto="topic", style=style))
    repo.commit("the branch moves on", {"other": "y\n"})
    assert callable(land)
    land(repo)
    scan(project)
    queue = project.store.snapshot().state.queue_of(BranchName("stable-4.18"))
    assert [(item.commit, item.state) for item in queue.closed] == [(Oid(one), State.LANDED) for one in commits]
    assert queue.open == ()
