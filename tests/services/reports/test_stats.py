"""Figures of real histories: who picked what, from where, and when; reverted picks don't count."""

from __future__ import annotations

import shutil

from backportq.model.reports.statistics import Share
from backportq.services.reports.stats import stats
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue

BEN = {"GIT_COMMITTER_NAME": "Ben Branch", "GIT_COMMITTER_EMAIL": "ben@example.org"}


def set_up(repo: TestRepo) -> None:
    repo.commit("start", {"a": "a\n"})
    repo.git("branch", "stable-1.0")
    repo.git("branch", "stable-1.1")
    one = repo.commit("one", {"b": "1\n"})
    two = repo.commit("two", {"c": "2\n"})
    repo.checkout("stable-1.0")
    repo.pick(one, "-x")
    repo.tick += 1440
    repo.git("cherry-pick", "-x", two, env=BEN)
    repo.checkout("stable-1.1")
    repo.pick(one, "-x")
    wrong = repo.pick(two, "-x")
    repo.git("revert", "--no-edit", wrong)


def test_stats_counts_who_committed_the_picks(repo: TestRepo) -> None:
    set_up(repo)
    found = stats(start_queue(repo, stable("stable-1.0"), stable("stable-1.1")))

    assert found.total.people == (Share("Cora Committer", 2, 2 / 3), Share("Ben Branch", 1, 1 / 3))
    assert [(row.name, row.count, row.people[0].who) for row in found.branches] == [
        ("stable-1.0", 2, "Ben Branch"),
        ("stable-1.1", 1, "Cora Committer"),
    ]
    assert [(row.name, row.count) for row in found.years] == [("2023", 3)]
    lag = found.branches[0].lag
    assert lag is not None
    assert (round(lag.median, 2), round(lag.p99, 2)) == (0.0, 1.0)


def test_stats_counts_the_author_of_what_a_forge_committed(repo: TestRepo) -> None:
    repo.commit("start", {"a": "a\n"})
    repo.git("branch", "stable-1.0")
    one = repo.commit("one", {"b": "1\n"})
    repo.checkout("stable-1.0")
    forge = {"GIT_COMMITTER_NAME": "GitHub", "GIT_COMMITTER_EMAIL": "noreply@github.com"}
    repo.git("cherry-pick", "-x", one, env=forge)
    author = repo.git("log", "-1", "--format=%an").strip()
    found = stats(start_queue(repo, stable("stable-1.0")))
    assert found.total.people == (Share(author, 1, 1.0),)


def test_stats_only_some_branches_and_years(repo: TestRepo) -> None:
    set_up(repo)
    project = start_queue(repo, stable("stable-1.0"), stable("stable-1.1"))

    assert [row.name for row in stats(project, branches=["1.1"]).branches] == ["stable-1.1"]
    assert stats(project, years=[1999]).total.count == 0


def test_stats_every_branch_finds_those_that_are_not_configured(repo: TestRepo) -> None:
    set_up(repo)
    project = start_queue(repo, stable("stable-1.1"))

    assert [row.name for row in stats(project, every_branch=True).branches] == ["stable-1.0", "stable-1.1"]


def test_stats_follows_the_mailmap_and_the_people(repo: TestRepo) -> None:
    set_up(repo)
    repo.checkout("master")
    repo.commit("map", {".mailmap": "Benjamin Branch <ben@example.org>\n"})

    assert [person.who for person in stats(start_queue(repo, stable("stable-1.0"))).total.people] == [
        "Benjamin Branch",
        "Cora Committer",
    ]


def test_stats_of_what_is_remembered_are_those_read_anew(repo: TestRepo) -> None:
    set_up(repo)
    project = start_queue(repo, stable("stable-1.0"), stable("stable-1.1"))
    before = stats(project)
    three = repo.git("rev-parse", "stable-1.0")
    repo.checkout("stable-1.0")
    repo.git("revert", "--no-edit", three)
    repo.checkout("master")
    new = repo.commit("three", {"d": "3\n"})
    repo.checkout("stable-1.1")
    repo.git("cherry-pick", "-x", new, env={**BEN, "GIT_COMMITTER_NAME": "mergebot"})

    after = stats(project)
    shutil.rmtree(project.repository.cache_dir)
    assert after == stats(project) != before
    assert sum(row.count for row in after.branches) == 3
