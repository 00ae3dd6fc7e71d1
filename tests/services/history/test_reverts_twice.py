"""What stands in upstream twice, and its reverts: a release that is merged back, a merge that quotes what it brings."""

from __future__ import annotations

import pytest

from backportq.services.scan.report import WarningKind
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.history.forked import facts_of
from tests.services.queued import reasons, stable, start_queue

_OLDEST, _OLD, _NEW = "stable-1.0", "stable-1.2", "stable-1.4"


def test_copy_of_what_was_reverted_everywhere_is_asked_of_no_branch(repo: TestRepo) -> None:
    repo.commit("base", {"base": "1\n"})
    for branch in (_OLDEST, _OLD, _NEW):
        repo.git("branch", branch)
        repo.commit(f"after {branch}", {branch: "1\n"})
    change = repo.commit("change x", {"x": "1\n"})
    repo.checkout(_NEW)
    copy = repo.pick(change, "-x")
    repo.commit("release 1.4.0", {"version": "1.4\n"})
    repo.checkout(_OLD)
    second = repo.pick(copy, "-x")
    repo.checkout(_OLDEST)
    repo.pick(second, "-x")
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-m", "merge the release", _NEW)
    repo.git("revert", "--no-edit", change)
    revert = repo.id("HEAD")
    for branch in (_NEW, _OLD):
        repo.checkout(branch)
        repo.pick(revert, "-x")
    repo.checkout("master")
    assert facts_of(repo.path, _OLDEST, _OLD, _NEW).reverted_by == {change: revert, copy: revert}
    report = scan(start_queue(repo, *map(stable, (_OLDEST, _OLD, _NEW))))
    assert [each for each in report.warnings if each.kind is WarningKind.MISSING_IN_NEWER] == []
    assert {each.branch: each.added for each in report.branches} == {_OLDEST: (revert,), _OLD: (), _NEW: ()}


@pytest.mark.parametrize("first_parent", ["master", "release"])
def test_revert_that_was_merged_back_is_asked_for_by_its_original(repo: TestRepo, first_parent: str) -> None:
    repo.commit("base", {"base": "1\n"})
    bad = repo.commit("bad change", {"x": "1\n"})
    repo.git("branch", _OLD)
    repo.commit("more", {"more": "1\n"})
    repo.git("branch", _NEW)
    repo.git("revert", "--no-edit", bad)
    revert = repo.id("HEAD")
    repo.checkout(_NEW)
    repo.pick(revert, "-x")
    repo.commit("release 1.4.0", {"version": "1.4\n"})
    if first_parent == "release":
        repo.checkout("merged", _NEW)
        repo.git("merge", "-q", "--no-ff", "-m", "merge", "master")
        repo.git("branch", "-f", "master", "merged")
        repo.checkout("master")
    else:
        repo.checkout("master")
        repo.git("merge", "-q", "--no-ff", "-m", "merge", _NEW)
    assert facts_of(repo.path, _OLD, _NEW).reverted_by == {bad: revert}
    assert reasons(start_queue(repo, stable(_OLD), stable(_NEW)))[_OLD] == {revert: ["revert"]}


def test_merge_that_quotes_a_revert_does_not_take_its_place(repo: TestRepo) -> None:
    repo.commit("base", {"base": "1\n"})
    bad = repo.commit("bad change", {"x": "1\n"})
    repo.git("branch", _OLD)
    repo.checkout("topic", "master")
    repo.git("revert", "--no-edit", bad)
    revert = repo.id("HEAD")
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-m", f"Merge topic\n\nThis reverts commit {bad}.", "topic")
    assert reasons(start_queue(repo, stable(_OLD))) == {_OLD: {revert: ["revert"]}}
    again = repo.commit(f"apply again\n\nThis reverts commit {revert}.\n", {"x": "1\n"})
    repo.checkout("late", revert)
    repo.commit("other", {"other": "1\n"})
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-m", f"Merge late\n\nThis reverts commit {bad}.", "late")
    assert facts_of(repo.path, _OLD).reverted_by == {revert: again}


def test_revert_of_several_is_asked_of_a_branch_that_has_one_of_them(repo: TestRepo) -> None:
    repo.commit("base", {"base": "1\n"})
    first = repo.commit("first", {"x": "1\n"})
    repo.git("branch", _OLD)
    second = repo.commit("second", {"y": "1\n"})
    message = f"take both back\n\nThis reverts commit {first}.\nThis reverts commit {second}.\n"
    both = repo.commit(message, {"x": None, "y": None})
    assert reasons(start_queue(repo, stable(_OLD))) == {_OLD: {both: ["revert"]}}
