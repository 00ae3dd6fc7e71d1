"""High means high: follow-ups of the last release and of harm, never of style or of what was released long ago."""

from __future__ import annotations

import pytest

from backportq.model.ids import Oid
from backportq.model.priority import Priority
from tests.driver import TestRepo
from tests.services.queued import history_of, stable, start_queue


def _follow_up(repo: TestRepo, message: str, *, releases: int) -> Priority:
    """Return the priority of a commit of this message that fixes a pick which so many releases were made since."""
    repo.commit("start", {"start": "1\n"})
    repo.git("branch", "stable-4.18")
    later = repo.commit("add another", {"other": "bug\n"})
    fix = repo.commit(f'{message}\n\nFixes: {later[:12]} ("add another")\n', {"other": "good\n"})
    repo.checkout("stable-4.18")
    repo.commit("release 0", {"version": "0\n"})
    repo.git("tag", "RELEASE-4.18.0")
    repo.pick(later, "-x")
    for number in range(1, releases + 1):
        repo.commit(f"release {number}", {"version": f"{number}\n"})
        repo.git("tag", "-a", "-m", "out", f"RELEASE-4.18.{number}")
    repo.git("tag", "4.18.9-rc1")
    candidates = history_of(start_queue(repo, stable("stable-4.18"))).nominated.branches["stable-4.18"]  # type: ignore[index]
    return candidates[Oid(fix)].priority


@pytest.mark.parametrize(
    ("message", "releases", "priority"),
    [
        ("fix another", 0, Priority.HIGH),
        ("fix another", 1, Priority.HIGH),
        ("fix another", 2, Priority.NORMAL),
        ("fix another\n\nIt crashes.", 2, Priority.HIGH),
        ("fix another: whitespace", 0, Priority.NORMAL),
    ],
)
def test_follow_up_is_high_for_the_last_release_or_for_harm(
    repo: TestRepo, message: str, releases: int, priority: Priority
) -> None:
    assert _follow_up(repo, message, releases=releases) is priority


@pytest.mark.parametrize(("has_taken_one", "priority"), [(True, Priority.HIGH), (False, Priority.NORMAL)])
def test_revert_of_a_pick_is_high_however_old_where_the_project_ever_took_a_revert(
    repo: TestRepo, *, has_taken_one: bool, priority: Priority
) -> None:
    repo.commit("start", {"start": "1\n"})
    repo.git("branch", "stable-4.17")
    repo.git("branch", "stable-4.18")
    worse = repo.commit("add more", {"more": "bug\n"})
    first = repo.commit(f'Revert "add more"\n\nThis reverts commit {worse}.\n', {"more": None})
    bad = [repo.commit(f"add another {number}", {f"other {number}": "bug\n"}) for number in range(5)]
    revert = ""
    for number, oid in enumerate(bad):
        text = f'Revert "add another {number}"\n\nThis reverts commit {oid}.\n'
        revert = repo.commit(text, {f"other {number}": None})
    repo.checkout("stable-4.17")
    if has_taken_one:
        repo.pick(worse, "-x")
        repo.pick(first, "-x")
    repo.checkout("stable-4.18")
    for oid in bad:  # as many reverts of picks have come up
        repo.pick(oid, "-x")
    for number in range(3):
        repo.commit(f"release {number}", {"version": f"{number}\n"})
        repo.git("tag", f"4.18.{number}")
    project = start_queue(repo, stable("stable-4.17"), stable("stable-4.18"))
    candidates = history_of(project).nominated.branches["stable-4.18"]  # type: ignore[index]
    assert candidates[Oid(revert)].priority is priority


@pytest.mark.parametrize(("releases", "priority"), [(1, Priority.HIGH), (2, Priority.NORMAL)])
def test_revert_of_what_the_branch_was_made_with_is_high_until_its_second_release(
    repo: TestRepo, releases: int, priority: Priority
) -> None:
    bad = repo.commit("add another", {"other": "bug\n"})
    repo.git("branch", "stable-4.18")
    revert = repo.commit(f'Revert "add another"\n\nThis reverts commit {bad}.\n', {"other": None})
    repo.checkout("stable-4.18")
    for number in range(releases):
        repo.commit(f"release {number}", {"version": f"{number}\n"})
        repo.git("tag", f"4.18.{number}")
    candidates = history_of(start_queue(repo, stable("stable-4.18"))).nominated.branches["stable-4.18"]  # type: ignore[index]
    assert candidates[Oid(revert)].priority is priority
