"""Changes that upstream merged twice: one of two stands for both, whatever a branch has of them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from backportq.git.cache import Cache
from backportq.git.repository import discover
from backportq.model.config import Config
from backportq.model.ids import BranchName, Oid
from backportq.services.history.facts import Facts
from backportq.services.history.gather import gather
from backportq.services.items.show import show
from tests.driver import TestRepo
from tests.services.queued import reasons, stable, start_queue

_OLD, _NEW = BranchName("stable-4.17"), BranchName("stable-4.18")
_PLAIN = "fix the thing\n\nSigned-off-by: Ada Author <ada@example.org>\n"
_TAGGED = 'fix the thing\n\nFixes: {bug} ("thing")\nCc: stable@vger.kernel.org\n'


@dataclass(frozen=True)
class Story:
    """A bug before both branches, and its fix as two maintainers had it merged: the older and the other."""

    bug: Oid
    older: Oid
    twin: Oid


def _merged_twice(
    repo: TestRepo, message: str = _TAGGED, other: str = _TAGGED, *, forked_between: bool = False, content: str = "2\n"
) -> Story:
    bug = repo.commit("thing", {"file": "1\n"})
    repo.git("branch", _OLD)
    repo.checkout("first-tree", "master")
    older = repo.commit(message.format(bug=bug), {"file": "2\n"})
    repo.checkout("second-tree", "master")
    twin = repo.commit(other.format(bug=bug), {"file": content})
    repo.checkout("master")
    repo.commit("more", {"more": "1\n"})
    if not forked_between:
        repo.git("branch", _NEW)
    repo.git("merge", "-q", "--no-ff", "-m", "pull second", "second-tree")
    if forked_between:
        repo.git("branch", _NEW)
    repo.git("merge", "-q", "--no-ff", "-X", "ours", "-m", "pull first", "first-tree")
    return Story(*map(Oid, (bug, older, twin)))


def _made_again(repo: TestRepo) -> tuple[str, str]:
    """Make a fix, lose it, and make it again on top; return both commits."""
    bug = repo.commit("thing", {"file": "1\n"})
    repo.git("branch", _OLD)
    first = repo.commit(_TAGGED.format(bug=bug), {"file": "2\n"})
    repo.commit("rewrite", {"file": "1\n"})
    return first, repo.commit(_TAGGED.format(bug=bug), {"file": "2\n"})


def _gathered(repo: TestRepo, *names: BranchName) -> Facts:
    return gather(discover(repo.path), Config(BranchName("master"), tuple(stable(name) for name in names)))


def test_twins_are_asked_for_once(repo: TestRepo) -> None:
    story = _merged_twice(repo)
    assert _gathered(repo, _OLD, _NEW).copies == {story.twin: story.older}
    project = start_queue(repo, stable(_OLD), stable(_NEW))
    both = {story.older: ["trailer", "fixes"]}
    assert reasons(project) == {_OLD: both, _NEW: both}
    (place, *_) = show(project, story.twin).branches
    assert place.why == (f'the same change as {story.older[:12]} ("fix the thing"), which stands for it',)


def test_twins_tag_of_either_asks_for_the_older(repo: TestRepo) -> None:
    story = _merged_twice(repo, _PLAIN)
    assert reasons(start_queue(repo, stable(_OLD)))[_OLD] == {story.older: ["trailer", "fixes"]}


@pytest.mark.parametrize("which", ["older", "twin"])
def test_twins_pick_of_either_is_one_of_both(repo: TestRepo, which: str) -> None:
    story = _merged_twice(repo)
    repo.checkout(_NEW)
    repo.pick(getattr(story, which), "-x")
    entry = _gathered(repo, _OLD, _NEW).branches[1]
    assert [entry.contains(oid) for oid in (story.older, story.twin)] == [True, True]
    project = start_queue(repo, stable(_OLD), stable(_NEW))
    assert reasons(project) == {_OLD: {story.older: ["trailer", "fixes", f"newer-branch {_NEW}"]}, _NEW: {}}


def test_twins_pick_without_a_line_is_one_of_both(repo: TestRepo) -> None:
    story = _merged_twice(repo)
    repo.checkout(_NEW)
    repo.pick(story.twin)
    for _ in range(2):  # compared, and remembered
        entry = _gathered(repo, _OLD, _NEW).branches[1]
        (pick,) = entry.picks
        assert (pick.upstream, [str(one.kind) for one in pick.evidence]) == (story.older, ["patch-id", "subject"])
        assert [entry.contains(oid) for oid in (story.older, story.twin)] == [True, True]
    assert reasons(start_queue(repo, stable(_OLD), stable(_NEW)))[_NEW] == {}


def test_twins_what_an_earlier_version_did_not_find_is_compared_again(repo: TestRepo) -> None:
    _merged_twice(repo)
    repo.checkout(_NEW)
    repo.pick("second-tree")
    cache = Cache.open(discover(repo.path))
    cache.put_many("compared_patches_1", {Oid(repo.id(_NEW)): f"{repo.id('master')} ".encode()})
    cache.close()
    assert len(_gathered(repo, _NEW).branches[0].picks) == 1


def test_twins_branch_that_was_made_between_the_merges_has_both(repo: TestRepo) -> None:
    story = _merged_twice(repo, forked_between=True)
    entry = _gathered(repo, _OLD, _NEW).branches[1]
    assert [entry.contains(oid) for oid in (story.older, story.twin)] == [True, True]
    assert reasons(start_queue(repo, stable(_OLD), stable(_NEW)))[_NEW] == {}


@pytest.mark.parametrize("which", ["older", "twin"])
def test_twins_revert_of_either_takes_both_back(repo: TestRepo, which: str) -> None:
    story = _merged_twice(repo)
    repo.git("revert", "--no-edit", getattr(story, which))
    assert set(_gathered(repo, _OLD).reverted_by) == {story.older, story.twin}
    assert reasons(start_queue(repo, stable(_OLD)))[_OLD] == {}


def test_twins_are_none_where_the_patches_differ(repo: TestRepo) -> None:
    story = _merged_twice(repo, content="3\n")
    assert _gathered(repo, _OLD).copies == {}
    assert set(reasons(start_queue(repo, stable(_OLD)))[_OLD]) == {story.older, story.twin}


def test_twins_are_none_where_one_was_made_on_the_other(repo: TestRepo) -> None:
    first, again = _made_again(repo)
    assert _gathered(repo, _OLD).copies == {}
    assert set(reasons(start_queue(repo, stable(_OLD)))[_OLD]) == {first, again}


def test_twins_pick_without_a_line_is_of_the_one_that_was_written_then_where_one_was_made_on_the_other(
    repo: TestRepo,
) -> None:
    _, again = _made_again(repo)
    repo.checkout(_OLD)
    repo.pick(again)
    for _ in range(2):
        assert [pick.upstream for pick in _gathered(repo, _OLD).branches[0].picks] == [again]
