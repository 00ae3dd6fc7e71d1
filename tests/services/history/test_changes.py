"""Merges as changes, and picks known by keys and titles."""

from __future__ import annotations

from backportq.model.ids import Oid
from tests.driver import TestRepo
from tests.services.history.forked import facts_of
from tests.services.queued import reasons, stable, start_queue

_BRANCH = "stable-1"


def _merged(repo: TestRepo, number: int, *titles: str, title: str = "fix both", fixes: str | None = None) -> Oid:
    """Merge a topic of these commits into master as a forge does."""
    repo.checkout(f"topic-{number}", "master")
    for count, subject in enumerate(titles):
        body = f'\n\nFixes: {fixes[:12]} ("start")' if fixes else ""
        repo.commit(f"{subject}{body}\n", {f"f{number}-{count}": "good\n"})
    repo.checkout("master")
    repo.tick += 1
    repo.git("merge", "-q", "--no-ff", "-m", f"Merge pull request #{number} from x/y\n\n{title}", f"topic-{number}")
    return Oid(repo.id("HEAD"))


def _start(repo: TestRepo) -> str:
    start = repo.commit("start", {f"f{number}-{count}": "bug\n" for number in (7, 8, 9) for count in (0, 1)})
    repo.git("branch", _BRANCH)
    return start


def _picks(repo: TestRepo) -> list[tuple[str, str, list[str]]]:
    (branch,) = facts_of(repo.path, _BRANCH).branches
    return [(pick.upstream, pick.commit, [str(each.kind) for each in pick.evidence]) for pick in branch.picks]


def test_pick_of_a_merge_brings_its_members(repo: TestRepo) -> None:
    start = _start(repo)
    merge = _merged(repo, 7, "fix one", "fix two", fixes=start)
    first, second = repo.git("rev-list", "--reverse", "--no-merges", f"{merge}^1..{merge}").split()
    repo.checkout(_BRANCH)
    pick = repo.pick(merge, "-x", "-m", "1")
    (branch,) = facts_of(repo.path, _BRANCH).branches
    assert all(branch.contains(Oid(oid)) for oid in (merge, first, second))
    landed = branch.landed(Oid(first))
    assert landed is not None
    assert (landed.commit, landed.upstream) == (pick, merge)
    assert reasons(start_queue(repo, stable(_BRANCH))) == {_BRANCH: {}}


def test_branch_with_all_members_of_a_merge_has_the_merge(repo: TestRepo) -> None:
    _start(repo)
    merge = _merged(repo, 7, "fix one", "fix two")
    members = repo.git("rev-list", "--reverse", "--no-merges", f"{merge}^1..{merge}").split()
    repo.checkout(_BRANCH)
    repo.pick(members[0], "-x")
    (branch,) = facts_of(repo.path, _BRANCH).branches
    assert not branch.contains(merge)
    repo.pick(members[1], "-x")
    (branch,) = facts_of(repo.path, _BRANCH).branches
    assert branch.contains(merge)


def test_merge_whose_members_are_pending_is_no_candidate_of_its_own(repo: TestRepo) -> None:
    start = _start(repo)
    repo.git("branch", "stable-2")
    merge = _merged(repo, 7, "fix one", "fix two", fixes=start)
    members = repo.git("rev-list", "--reverse", "--no-merges", f"{merge}^1..{merge}").split()
    repo.checkout("stable-2")
    repo.pick(merge, "-x", "-m", "1")
    project = start_queue(repo, stable(_BRANCH), stable("stable-2"))
    assert list(reasons(project)[_BRANCH]) == members


def test_squashed_pick_of_a_merge_is_known_by_its_patch_or_its_number(repo: TestRepo) -> None:
    _start(repo)
    by_patch, by_number = _merged(repo, 7, "fix one", "fix two"), _merged(repo, 8, "fix three", "fix four")
    repo.checkout(_BRANCH)
    squashed = repo.commit("all of it\n", {"f7-0": "good\n", "f7-1": "good\n"})
    adapted = repo.commit("Backport PR #8: fix both\n", {"f8-0": "good enough\n"})
    assert _picks(repo) == [(by_patch, squashed, ["patch-id"]), (by_number, adapted, ["key"])]


def test_every_number_of_a_list_names_a_change(repo: TestRepo) -> None:
    _start(repo)
    one, two, three = (repo.commit(f"{n} (#2{n})\n", {f"f{n}-0": "good\n"}) for n in (7, 8, 9))
    repo.checkout(_BRANCH)
    pick = repo.commit("Backport #28 and #27\n", {"f7-0": "better\n", "f8-0": "better\n"})
    more = repo.commit("Backport #29, #20 for all\n", {"f9-0": "better\n"})
    found = {(upstream, by) for upstream, by, kinds in _picks(repo) if kinds == ["key"]}
    assert found == {(one, pick), (two, pick), (three, more)}


def test_number_counts_only_where_it_names_one_change_with_a_path_or_title_in_common(repo: TestRepo) -> None:
    _start(repo)
    squashed = repo.commit("fix it (#20)\n", {"f9-0": "good\n"})
    repo.commit("one (#21)\n", {"f9-1": "1\n"})
    repo.commit("two (#21)\n", {"f9-1": "2\n"})
    repo.commit('Revert "fix it (#20)" (#22)\n', {"f9-0": "bug\n"})
    repo.checkout(_BRANCH)
    pick = repo.commit("[stable-1] mend it (#20) (#30)\n", {"f9-0": "well\n"})
    repo.commit("Backport #20: elsewhere\n", {"elsewhere": "1\n"})
    repo.commit("Backport of #21\n", {"f9-1": "3\n"})
    repo.commit("Backport of #22\n", {"f9-0": "3\n"})
    assert _picks(repo) == [(squashed, pick, ["key"])]


def test_title_without_marks_by_the_same_author_is_a_pick_where_a_path_is_shared(repo: TestRepo) -> None:
    _start(repo)
    squashed = repo.commit("fix it (#20)\n", {"f9-0": "good\n"})
    repo.commit("other (#21)\n", {"f9-1": "good\n"})
    repo.checkout(_BRANCH)
    pick = repo.commit("[stable-1] fix it (#30)\n", {"f9-0": "well\n"})
    repo.commit("[stable-1] other (#31)\n", {"elsewhere": "well\n"})
    assert _picks(repo) == [(squashed, pick, ["subject"])]


def test_title_that_is_used_again_and_again_is_told_by_the_lines(repo: TestRepo) -> None:
    _start(repo)
    updates = [repo.commit("update the data\n", {"f7-0": f"{n}\n", "f7-1": f"of {n}\n"}) for n in (1, 2, 3)]
    repo.checkout(_BRANCH)
    fewer = repo.commit("update the data\n", {"f7-0": "1\n"})
    repo.commit("update the data\n", {"f7-0": "other\n"})
    repo.commit("as upstream\n", {"f7-0": "2\n", "f7-1": "of 2\n"})
    more = repo.commit("update the data\n", {"f7-0": "3\n", "f7-1": "of 3\n", "f8-0": "more\n"})
    assert _picks(repo) == [(updates[0], fewer, ["subject"]), (updates[2], more, ["subject"])]


def test_merge_of_a_pick_on_the_branch_is_no_second_pick(repo: TestRepo) -> None:
    _start(repo)
    merge = _merged(repo, 7, "fix one", "fix two")
    repo.checkout("robot", _BRANCH)
    pick = repo.commit("Backport PR #7: fix both\n", {"f7-0": "good enough\n"})
    repo.checkout(_BRANCH)
    repo.git(
        "merge", "-q", "--no-ff", "-m", "Merge pull request #40 from robot/auto-backport-of-pr-7-on-1\n\nx", "robot"
    )
    assert _picks(repo) == [(merge, pick, ["key"])]
