"""Figures over time, counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

from backportq.model.ids import BranchName, Oid
from backportq.model.reports.series import OpenPeriod, Series, as_shares, backlog, lag_by_quarter, people_by_quarter
from backportq.model.reports.statistics import Backport


def _at(month: int, day: int = 15) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC)


def _backport(who: str, upstream: datetime, made: datetime) -> Backport:
    return Backport(Oid("a" * 40), BranchName("s"), who, "author", made, upstream)


def test_backlog_counts_what_is_open_at_the_end_of_each_month() -> None:
    spans = [OpenPeriod("s", _at(1), _at(3)), OpenPeriod("s", _at(2), None), OpenPeriod("other", _at(1), None)]
    drawn = backlog(spans, ["s"], date(2026, 1, 1), date(2026, 4, 10))
    assert drawn.labels == ("2026-01", "2026-02", "2026-03", "2026-04")
    assert drawn.series == (Series("s", (1, 2, 1, 1)),)


def test_last_month_ends_on_the_last_day() -> None:
    drawn = backlog([OpenPeriod("s", _at(4, 20), None)], ["s"], date(2026, 4, 1), date(2026, 4, 10))
    assert drawn.series[0].values == (0,)


def test_quarter_without_a_backport_has_no_lag() -> None:
    backports = [_backport("ada", _at(1, 1), _at(1, 3)), _backport("ada", _at(7, 1), _at(7, 11))]
    drawn = lag_by_quarter(backports, date(2025, 12, 1), date(2026, 9, 1))
    assert drawn.labels == ("2025 Q4", "2026 Q1", "2026 Q2", "2026 Q3")
    assert drawn.series[0].values == (None, 2, None, 10)


def test_sixth_person_is_among_the_others() -> None:
    people = ["ada"] * 3 + ["ben", "cy", "dan", "eve", "fay", "gus"]
    counts = people_by_quarter([_backport(who, _at(1), _at(2)) for who in people], date(2026, 1, 1), date(2026, 3, 1))
    assert next((line.name, line.values) for line in counts.series) == ("ada", (3,))
    assert [line.name for line in counts.series] == ["ada", "ben", "cy", "dan", "eve", "others"]
    assert sum(line.values[0] or 0 for line in as_shares(counts).series) == 100
