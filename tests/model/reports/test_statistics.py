"""Figures of backports and tasks, checked by hand and against the standard library."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.model.commit import Identity
from backportq.model.ids import BranchName, Oid
from backportq.model.items.decisions import assign, hand_back, take
from backportq.model.items.item import Item, State
from backportq.model.items.records import Actor
from backportq.model.reports.statistics import (
    Backport,
    Lag,
    Row,
    Share,
    TaskRow,
    lag_of,
    percentile,
    summarise,
    summarise_tasks,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def backport(number: int, who: str, *, days: float = 0, author: str = "ada") -> Backport:
    made = NOW + timedelta(days=days)
    return Backport(Oid(f"{number:040x}"), BranchName("stable-1"), who, author, made, NOW)


def test_summarise_counts_shares_lags_and_authors() -> None:
    row = summarise("all", [backport(1, "ada", days=1), backport(2, "ben", days=2), backport(3, "ben", days=10)])

    assert row == Row("all", 3, (Share("ben", 2, 2 / 3), Share("ada", 1, 1 / 3)), Lag(2, 10, 10), 1)
    assert row.share_of_first(2) == 1
    assert summarise("none", []) == Row("none", 0, (), None, 0)


def test_backport_before_its_original_took_no_time() -> None:
    assert backport(1, "ada", days=-3).days == 0


def test_backport_year_is_that_of_utc() -> None:
    made = datetime.fromisoformat("2025-12-31T23:00:00-05:00")
    assert replace(backport(1, "ada"), made=made).year == 2026


@pytest.mark.parametrize(("percent", "value"), [(50, 5), (90, 9), (99, 10), (1, 1), (100, 10), (0, 1)])
def test_percentile_of_ten_is_the_nearest_rank(percent: float, value: float) -> None:
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == value


@given(st.lists(st.floats(0, 1000), min_size=1), st.integers(1, 100))
def test_percentile_is_the_smallest_that_enough_do_not_exceed(values: list[float], percent: int) -> None:
    found = percentile(values, percent)

    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert all(
        sum(value <= smaller for value in values) * 100 < percent * len(values) for smaller in values if smaller < found
    )


def test_lag_of_nothing_is_none() -> None:
    assert lag_of([]) is None


def test_summarise_tasks_tells_what_became_of_them() -> None:
    def by(days: int) -> Actor:
        return Actor(Identity("Cora", "cora@example.org"), NOW + timedelta(days=days))

    new = Item(Oid("1" * 40), "fix", Identity("Ada", "ada@example.org"), NOW)
    done = replace(take(assign(new, "ada", by=by(0)), "ada", by(1)), state=State.LANDED)
    moved = assign(hand_back(assign(new, "ada", by=by(0)), by(2), "no"), "ben", by=by(3))
    unasked = replace(new, assignee="cid", state=State.LANDED)

    rows = summarise_tasks([(done, NOW + timedelta(days=5)), (moved, None), (unasked, NOW), (new, None)])

    assert rows == (
        TaskRow("ada", asked=2, taken=1, handed_back=1, done=1, median_days=5.0),
        TaskRow("cid", done=1),
        TaskRow("ben", asked=1, open=1),
    )
