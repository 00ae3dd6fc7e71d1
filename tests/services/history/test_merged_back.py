"""Releases that are merged back into upstream: picks below the merge base count, and a change is asked for once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from backportq.git.repository import discover
from backportq.model.config import Config
from backportq.model.ids import BranchName, Oid
from backportq.services.history.facts import Facts
from backportq.services.history.gather import gather
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import reasons, stable, start_queue

_OLD, _NEW = BranchName("stable-4.17"), BranchName("stable-4.18")


@dataclass(frozen=True)
class Story:
    """A bug before both branches, its fix upstream, and the pick for the release that was merged back."""

    bug: Oid
    fix: Oid
    pick: Oid
    release: Oid


def _release(repo: TestRepo, *, release_first: bool = False, reverted: bool = False) -> Story:
    bug = repo.commit("thing", {"file": "1\n"})
    repo.git("branch", _OLD)
    repo.commit("more", {"more": "1\n"})
    repo.git("branch", _NEW)
    fix = repo.commit(f'fix the thing\n\nFixes: {bug[:12]} ("thing")\n', {"file": "2\n"})
    repo.checkout(_NEW)
    pick = repo.pick(fix, "-x")
    if reverted:
        repo.git("revert", "--no-edit", pick)
    release = repo.commit("release", {"VERSION": "4.18.0\n"})
    if release_first:  # so that `git log --first-parent` follows the release
        repo.checkout("merged", _NEW)
        repo.git("merge", "-q", "--no-ff", "-X", "theirs", "-m", "merge", "master")
        repo.git("branch", "-f", "master", "merged")
        repo.checkout("master")
    else:
        repo.checkout("master")
        repo.git("merge", "-q", "--no-ff", "-X", "ours", "-m", "merge", _NEW)
    return Story(*map(Oid, (bug, fix, pick, release)))


def _gathered(repo: TestRepo, *names: BranchName) -> Facts:
    return gather(discover(repo.path), Config(BranchName("master"), tuple(stable(name) for name in names)))


@pytest.mark.parametrize("first_parent", ["master", "release"])
@pytest.mark.parametrize("names", [(_NEW,), (_OLD, _NEW)])
def test_pick_for_a_release_that_was_merged_back_has_landed(
    repo: TestRepo, names: tuple[BranchName, ...], first_parent: str
) -> None:
    story = _release(repo, release_first=first_parent == "release")
    later = repo.commit(f'fix the fix\n\nFixes: {story.fix[:12]} ("fix the thing")\n', {"file": "3\n"})
    entry = _gathered(repo, *names).branches[-1]
    assert entry.base == story.release
    assert [(pick.upstream, pick.commit, pick.staged) for pick in entry.picks] == [(story.fix, story.pick, False)]
    assert [entry.contains(oid) for oid in (story.fix, story.pick, Oid(later))] == [True, True, False]
    project = start_queue(repo, *(stable(name) for name in names))
    assert reasons(project)[_NEW] == {later: ["follow-up"]}


@pytest.mark.parametrize("first_parent", ["master", "release"])
def test_change_that_upstream_has_twice_is_asked_for_once(repo: TestRepo, first_parent: str) -> None:
    story = _release(repo, release_first=first_parent == "release")
    facts = _gathered(repo, _OLD, _NEW)
    assert facts.copies == {story.pick: story.fix}
    project = start_queue(repo, stable(_OLD), stable(_NEW))
    assert reasons(project) == {_OLD: {story.fix: ["fixes"]}, _NEW: {}}


def test_pick_of_the_copy_is_one_of_the_original(repo: TestRepo) -> None:
    story = _release(repo)
    repo.checkout(_OLD)
    repo.commit(f"fix the thing here\n\n(cherry picked from commit {story.pick})\n", {"file": "2\n"})
    entry = _gathered(repo, _OLD, _NEW).branches[0]
    assert entry.landed(story.fix) is not None
    assert entry.contains(story.pick)
    assert reasons(start_queue(repo, stable(_OLD), stable(_NEW)))[_OLD] == {}


def test_fix_of_the_copy_concerns_a_branch_that_took_the_original(repo: TestRepo) -> None:
    story = _release(repo)
    later = repo.commit(f'fix it\n\nFixes: {story.pick[:12]} ("fix the thing")\n', {"file": "4\n"})
    repo.checkout(_OLD)
    repo.pick(story.fix, "-x")
    assert reasons(start_queue(repo, stable(_OLD), stable(_NEW)))[_OLD] == {later: ["follow-up"]}


def test_pick_that_was_taken_back_before_the_release_has_not_landed(repo: TestRepo) -> None:
    story = _release(repo, reverted=True)
    for names in ((_NEW,), (_OLD, _NEW)):
        entry = _gathered(repo, *names).branches[-1]
        held = [pick.upstream for pick in entry.picks if pick.reverted_by is None]
        assert (held, entry.contains(story.fix)) == ([], False), names


def test_copy_of_a_change_that_upstream_took_back_later_is_not_asked_for_either(repo: TestRepo) -> None:
    story = _release(repo)
    repo.git("revert", "--no-edit", story.fix)
    facts = _gathered(repo, _OLD, _NEW)
    assert (set(facts.reverted_by), facts.copies) == ({story.fix, story.pick}, {story.pick: story.fix})
    assert reasons(start_queue(repo, stable(_OLD), stable(_NEW)))[_OLD] == {}


def test_item_of_a_copy_is_closed_as_landed_with_the_pick_of_the_original(repo: TestRepo) -> None:
    story = _release(repo)
    repo.checkout(_OLD)
    pick = repo.pick(story.fix, "-x")
    entry = _gathered(repo, _OLD, _NEW).branches[0]
    landed = entry.landed(story.pick)
    assert landed is not None
    assert (landed.upstream, landed.commit) == (story.fix, pick)


def test_pick_line_in_a_note_below_the_merge_base_counts(repo: TestRepo) -> None:
    repo.commit("thing", {"file": "1\n"})
    repo.git("branch", _NEW)
    fix = repo.commit("fix the thing", {"file": "2\n"})
    repo.checkout(_NEW)
    pick = repo.commit("fix it here", {"other": "2\n"})
    repo.commit("release", {"VERSION": "4.18.0\n"})
    repo.git("notes", "--ref=bugs", "add", "-m", f"(cherry picked from commit {fix})", pick)
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", _NEW)
    repo.commit("later", {"later": "1\n"})
    config = Config(BranchName("master"), (stable(_NEW),), dialects=("networkmanager",))
    entry = gather(discover(repo.path), config).branches[0]
    assert [(one.upstream, one.commit) for one in entry.picks] == [(fix, pick)]


def test_what_applies_a_reverted_commit_again_is_no_copy_of_it(repo: TestRepo) -> None:
    bug = repo.commit("thing", {"file": "1\n"})
    repo.git("branch", _NEW)
    fix = repo.commit(f'fix\n\nFixes: {bug[:12]} ("thing")\n', {"file": "2\n"})
    repo.git("revert", "--no-edit", fix)
    again = repo.pick(fix, "-x")
    facts = _gathered(repo, _NEW)
    assert facts.copies == {}
    project = start_queue(repo, stable(_NEW))
    assert again in scan(project).branches[0].added
