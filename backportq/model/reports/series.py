"""Figures over time, month by month and quarter by quarter: what charts are drawn of.

Everything is counted from backports and from spans of time in which something was open. This module must not draw.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from backportq.model.reports.statistics import Backport, percentile

_PEOPLE = 5
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """Something that was open on a branch `since` a moment and `until` another; None where it still is."""

    branch: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart: a value for each label of the chart, None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class SeriesOverTime:
    """The lines of one chart over `labels`, which are months (`2026-05`) or quarters (`2026 Q2`)."""

    labels: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()


def backlog(spans: Sequence[OpenPeriod], branches: Sequence[str], first: date, last: date) -> SeriesOverTime:
    """Return how many spans of each branch were open at the end of each month from `first` to `last`; the last month
    ends on `last`."""
    ends = list(_month_ends(first, last))
    lines = []
    for branch in branches:
        mine = [span for span in spans if span.branch == branch]
        opened = sorted(span.since.timestamp() for span in mine)
        closed = sorted(span.until.timestamp() for span in mine if span.until is not None)
        counts = [_before(opened, end) - _before(closed, end) for _, end in ends]
        lines.append(Series(branch, tuple(counts)))
    return SeriesOverTime(tuple(label for label, _ in ends), tuple(lines))


def lag_by_quarter(backports: Sequence[Backport], first: date, last: date) -> SeriesOverTime:
    """Return the days from upstream to a branch within which half and nine tenths of each quarter's backports came."""
    labels = tuple(_quarters(first, last))
    days: dict[str, list[float]] = {}
    for backport in backports:
        days.setdefault(quarter_of(backport.made), []).append(backport.days)
    return SeriesOverTime(
        labels,
        tuple(
            Series(name, tuple(percentile(days[label], percent) if label in days else None for label in labels))
            for name, percent in (("half within", 50), ("nine in ten within", 90))
        ),
    )


def people_by_quarter(backports: Sequence[Backport], first: date, last: date) -> SeriesOverTime:
    """Return how many backports each person made in each quarter: the five who made most, and all others together."""
    labels = tuple(_quarters(first, last))
    known = set(labels)
    counts: Counter[tuple[str, str]] = Counter(
        (backport.who, quarter) for backport in backports if (quarter := quarter_of(backport.made)) in known
    )
    totals: Counter[str] = Counter()
    for (who, _), count in counts.items():
        totals[who] += count
    ranked = [who for who, _ in sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))]
    lines = [Series(who, tuple(counts[who, label] for label in labels)) for who in ranked[:_PEOPLE]]
    if ranked[_PEOPLE:]:
        rest = tuple(sum(counts[who, label] for who in ranked[_PEOPLE:]) for label in labels)
        lines.append(Series(OTHERS, rest))
    return SeriesOverTime(labels, tuple(lines))


def as_shares(counts: SeriesOverTime) -> SeriesOverTime:
    """Return the same as shares of a hundred at each label."""
    totals = [sum(line.values[at] or 0 for line in counts.series) for at in range(len(counts.labels))]
    return SeriesOverTime(
        counts.labels,
        tuple(
            Series(
                line.name,
                tuple(
                    100 * (value or 0) / total if total else None
                    for value, total in zip(line.values, totals, strict=True)
                ),
            )
            for line in counts.series
        ),
    )


def quarter_of(moment: datetime) -> str:
    """Return `2026 Q2`."""
    day = moment.astimezone(UTC)
    return f"{day.year} Q{(day.month + 2) // 3}"


def _before(moments: Sequence[float], end: float) -> int:
    return bisect_left(moments, end)


def _month_ends(first: date, last: date) -> Iterable[tuple[str, float]]:
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        following = (year + month // 12, month % 12 + 1)
        end = datetime(*following, 1, tzinfo=UTC)
        if (year, month) == (last.year, last.month):
            end = datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=UTC)
        yield f"{year}-{month:02}", end.timestamp()
        year, month = following


def _quarters(first: date, last: date) -> Iterable[str]:
    year, quarter = first.year, (first.month + 2) // 3
    while (year, quarter) <= (last.year, (last.month + 2) // 3):
        yield f"{year} Q{quarter}"
        year, quarter = (year + quarter // 4, quarter % 4 + 1)
