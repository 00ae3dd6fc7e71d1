"""Suggestions: what looks like what was taken before, learned from nothing but the past, and never asked twice."""

from __future__ import annotations

import pytest

from backportq.errors import RefError, UsageError
from backportq.services.decisions import verbs
from backportq.services.decisions.nominate import Request, tag
from backportq.services.history.gather import gather
from backportq.services.project import Project
from backportq.services.suggest.candidates import last_moment
from backportq.services.suggest.learn import Vocabulary, learn
from backportq.services.suggest.past import past_of
from backportq.services.suggest.suggest import explain_suggestion, suggest
from tests.driver import TestRepo
from tests.services.queued import decided, stable, start_queue

DAY = 24 * 60


@pytest.fixture
def habits(repo: TestRepo) -> TestRepo:
    """For 300 days what mends a leak is taken to stable-1 and what paints is not, without any tag; then one of each."""
    repo.commit("base", {"base": "1\n"})
    repo.git("branch", "stable-1")
    waiting: list[str] = []
    for number in range(60):
        repo.tick += 5 * DAY
        is_leak = number % 3 == 0
        made = repo.commit(f"mend the leak {number}" if is_leak else f"paint the wall {number}", {f"f{number}": "1\n"})
        waiting += [made] if is_leak else []
        if number % 12 == 11:
            take(repo, waiting)
            waiting = []
    repo.tick += DAY
    repo.commit("mend the leak at last", {"last": "1\n"})
    repo.tick += 1
    repo.commit("paint the wall at last", {"wall": "1\n"})
    return repo


def take(repo: TestRepo, commits: list[str]) -> None:
    repo.checkout("stable-1")
    for commit in commits:
        repo.pick(commit, "-x")
    repo.checkout("master")


def learned(project: Project, until: int) -> object:
    past = past_of(gather(project.repository, project.store.snapshot().state.config))
    return learn(past, until, Vocabulary())


def test_suggest_puts_first_what_was_taken_before(habits: TestRepo) -> None:
    project = start_queue(habits, stable("stable-1"))

    found = suggest(project, limit=2)

    assert [each.subject for each in found] == ["mend the leak at last", "paint the wall at last"]
    assert found[0].likely > 2 * found[1].likely
    assert found[0].reasons[0] == "nothing newer was taken here since"
    assert suggest(project, limit=2) == found


def test_suggest_leaves_out_what_the_queue_knows(habits: TestRepo) -> None:
    project = start_queue(habits, stable("stable-1"))
    (first,) = suggest(project, limit=1)
    tag(project, [first.commit], (first.branch,), Request(None, None, force=False))
    assert first.commit not in [each.commit for each in suggest(project, limit=500)]

    decided(project, verbs.decline(project, "not here"), [first.commit], (first.branch,))

    assert first.commit not in [each.commit for each in suggest(project, limit=500)]


def test_learning_uses_nothing_that_came_later(habits: TestRepo) -> None:
    project = start_queue(habits, stable("stable-1"))
    until = last_moment(past_of(gather(project.repository, project.store.snapshot().state.config))) + 1
    before = learned(project, until)

    habits.tick += 20 * DAY
    late = [habits.commit(f"paint it all {number}", {"paint": f"{number}\n"}) for number in range(5)]
    take(habits, late)

    assert learned(project, until) == before


def test_explain_suggestion_refuses_what_the_branch_could_not_take(habits: TestRepo) -> None:
    project = start_queue(habits, stable("stable-1"))
    leak = habits.id("master~61")
    assert explain_suggestion(project, habits.id("master~1"), "stable-1").likely > 0

    with pytest.raises(UsageError, match=r"has .* already"):
        explain_suggestion(project, leak, "stable-1")
    with pytest.raises(UsageError, match="nothing that stable-1 could take"):
        explain_suggestion(project, habits.id("stable-1"), "stable-1")
    with pytest.raises(RefError):
        explain_suggestion(project, "nowhere", "stable-1")


def test_suggest_without_a_past_is_empty(repo: TestRepo) -> None:
    repo.commit("base", {"base": "1\n"})
    repo.git("branch", "stable-1")

    assert suggest(start_queue(repo, stable("stable-1")), limit=5) == ()
