"""The backtest: only what was known counts, and a repository that is cut off gives the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backportq.cli.render.backtest_page import with_section
from backportq.errors import UsageError
from backportq.services.suggest.backtest import backtest
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue

DAY = 24 * 60
FIRST = datetime(2023, 11, 14, tzinfo=UTC).date()


@pytest.fixture
def year(repo: TestRepo) -> TestRepo:
    """stable-1 parts from master, which gets two commits a week, every other one a fix; fixes are taken each month, and
    with them one commit that says nothing."""
    base = repo.commit("base", {"base": "1\n"})
    repo.git("branch", "stable-1")
    waiting: list[str] = []
    for number in range(60):
        repo.tick += 3 * DAY
        is_fix = number % 2 == 0
        message = f"fix {number}\n\nFixes: {base[:12]}\n" if is_fix else f"work {number}"
        made = repo.commit(message, {f"file{number}": "1\n"})
        if is_fix or number % 10 == 1:
            waiting.append(made)
        if number % 10 == 9:
            take(repo, waiting)
            waiting = []
    return repo


def take(repo: TestRepo, commits: list[str]) -> None:
    repo.checkout("stable-1")
    for commit in commits:
        repo.pick(commit, "-x")
    repo.checkout("master")


def test_backtest_compares_lists_by_what_landed(year: TestRepo) -> None:
    project = start_queue(year, stable("stable-1"))

    found = backtest(project, begin=FIRST)

    assert found.landed == 36
    assert found.ceiling == 1.0
    fixes, newest = found.lists["fixes"], found.lists["newest"]
    assert fixes.recall_at_precision >= 30 / 36
    assert fixes.average_precision > newest.average_precision
    # Five of six that land are fixes, and five a week are enough to have shown each of these before.
    assert fixes.weekly_top[5] == pytest.approx(30 / 36, abs=0.06)
    assert newest.weekly_top[20] > fixes.weekly_top[20]
    assert found.lists["newer-branch"].weekly_top[20] == 0.0


def test_backtest_is_written_into_a_page_that_keeps_what_people_wrote(year: TestRepo) -> None:
    found = backtest(start_queue(year, stable("stable-1")), begin=FIRST)

    page = with_section("# Proof\n\n## harbor\n\nBy hand.\n\n## Other\n\nAlso by hand.\n", "harbor", found)

    assert page.startswith("# Proof\n\n## harbor\n")
    assert page.count("| fixes |") == 1
    assert page.index("| fixes |") < page.index("By hand.") < page.index("## Other")
    assert page.endswith("Also by hand.\n")
    assert with_section(page, "harbor", found) == page
    assert with_section(page, "dock", found).startswith(page)


def test_backtest_of_a_window_is_the_same_in_a_repository_cut_off_at_its_end(year: TestRepo) -> None:
    project = start_queue(year, stable("stable-1"))
    end = FIRST + timedelta(days=165)
    before = backtest(project, begin=FIRST, end=end)
    assert before.landed == 30

    year.tick += 100 * DAY
    base = year.id("stable-1~36")
    take(year, [year.commit(f"late\n\nFixes: {base[:12]}\n", {"late": "1\n"})])

    assert backtest(project, begin=FIRST, end=end) == before


def test_backtest_counts_what_came_up_within_its_session_as_missed(repo: TestRepo) -> None:
    base = repo.commit("base", {"base": "1\n"})
    repo.git("branch", "stable-1")
    repo.tick += 10 * DAY
    known = repo.commit(f"known\n\nFixes: {base[:12]}\n", {"known": "1\n"})
    repo.tick += 10 * DAY
    take(repo, [known])
    sudden = repo.commit(f"sudden\n\nFixes: {base[:12]}\n", {"sudden": "1\n"})
    take(repo, [sudden])
    project = start_queue(repo, stable("stable-1"))

    found = backtest(project, begin=FIRST)

    assert found.landed == 2
    assert found.ceiling == 0.5
    assert found.lists["fixes"].average_precision == 0.5


def test_backtest_without_a_past_says_what_to_do(repo: TestRepo) -> None:
    repo.commit("base", {"base": "1\n"})
    repo.git("branch", "stable-1")
    project = start_queue(repo, stable("stable-1"))

    with pytest.raises(UsageError, match="nothing landed"):
        backtest(project)
