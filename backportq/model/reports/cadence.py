"""What a release cadence costs, from a project's own past: branches alive, backports, conflicts, releases, the busiest.

- `parse_plans` reads `every 6 months, support 18+18; every 8, 18+18`.
- `Rates` are counted by the age of a branch in months; `forecast` adds them up for the branches that a plan has alive.
- `error_band` makes the same forecast at moments of the past and compares it with what came: that is how wide the
  bands are, and nothing else.

Rates are no opinions: that the number of fixes stays as it was is an assumption, and what no branch was old enough for
is told. This module must not read anything.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from backportq.errors import UsageError
from backportq.model.reports.statistics import percentile

MONTHS = 36
"""How far a forecast goes."""

RECENT_MONTHS = 60
"""Rates are those of the last five years: projects change."""

_LEAST_BRANCHES = 2  # so many branches must have been that old for their rate to count
_LEAST_ORIGINS = 5
_BETWEEN_ORIGINS = 6
_LONGEST = 240

_PLAN = re.compile(
    r"\s*every\s+(?P<every>\d+)\s*(?:months?)?\s*,\s*(?:support(?:ed)?\s+)?(?P<full>\d+)\s*(?:\+\s*(?P<security>\d+))?"
    r"\s*(?:months?)?\s*\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CadencePlan:
    """A stable branch `every` so many months, with `full` months of support and `security` months of security fixes."""

    every: int
    full: int
    security: int

    @property
    def life(self) -> int:
        """For how many months a branch takes anything."""
        return self.full + self.security

    def __str__(self) -> str:
        return f"every {self.every} months, support {self.full}+{self.security}"


@dataclass(frozen=True, slots=True)
class BranchPast:
    """One stable branch: the day it parted, the day of its last backport (None while it takes some), the days of its
    backports and of its releases."""

    name: str
    start: date
    end: date | None
    backports: tuple[date, ...]
    releases: tuple[date, ...] = ()

    def lived_in(self, month: int) -> bool:
        """Whether it was there in a month, counted as by `month_of`."""
        return month_of(self.start) <= month and (self.end is None or month <= month_of(self.end))


@dataclass(frozen=True, slots=True)
class Rates:
    """What a branch takes in a month, by its age in months from 0: backports and releases. The last value stands for
    all ages after it; `known_to` is the first age that fewer than two branches reached."""

    backports: tuple[float, ...]
    releases: tuple[float, ...]

    @property
    def known_to(self) -> int:
        """The first age about which the past says nothing."""
        return len(self.backports)

    def of(self, age: int) -> float:
        """Return the backports in a month at this age."""
        return _at(self.backports, age)

    def releases_of(self, age: int) -> float:
        """Return the releases in a month at this age."""
        return _at(self.releases, age)


@dataclass(frozen=True, slots=True)
class Band:
    """A figure with the bounds between which eight in ten such forecasts of the past lay; None where the past is too
    short to tell."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class PlannedMonth:
    """One month under a plan: the branches alive, and the backports that are to be expected."""

    label: str
    alive: int
    backports: float


@dataclass(frozen=True, slots=True)
class PlanForecast:
    """What a plan would cost. `conflicts` is the share of the backports that would conflict; `new_branches` and
    `releases` are counts in a year, the latter of releases from all branches; `beyond` is how many months of a branch's
    life are older than anything that the past knows."""

    plan: CadencePlan
    months: tuple[PlannedMonth, ...]
    alive: float
    most_alive: int
    backports: Band
    years: tuple[tuple[int, Band], ...]
    conflicts: float | None
    new_branches: float
    releases: float
    busiest: Band
    beyond: int


def parse_plans(text: str) -> tuple[CadencePlan, ...]:
    """Return the plans that `text` names, separated by semicolons; raise `UsageError` for what cannot be read."""
    plans = []
    for part in filter(str.strip, text.split(";")):
        match = _PLAN.match(part)
        if match is None:
            raise UsageError(
                f"'{part.strip()}' is no plan",
                hints=("write plans such as 'every 6 months, support 18+18; every 8, 18+18'",),
            )
        plan = CadencePlan(int(match["every"]), int(match["full"]), int(match["security"] or 0))
        if not 1 <= plan.every <= _LONGEST or not 1 <= plan.life <= _LONGEST:
            raise UsageError(f"'{part.strip()}' is no plan: wanted 1 to {_LONGEST} months")
        plans.append(plan)
    if not plans:
        raise UsageError("no plan was given", hints=("write one such as 'every 6 months, support 18+18'",))
    return tuple(dict.fromkeys(plans))


def month_of(day: date) -> int:
    """Return the number of a month, by which months are counted here."""
    return day.year * 12 + day.month - 1


def label_of(month: int) -> str:
    """Return `2026-05`."""
    return f"{month // 12}-{month % 12 + 1:02}"


def rates_of(pasts: Sequence[BranchPast], until: int) -> Rates:
    """Return the rates of the five years before the month `until`."""
    since = until - RECENT_MONTHS
    ages = max((until - month_of(past.start) for past in pasts), default=0)
    backports: list[float] = []
    releases: list[float] = []
    for age in range(ages):
        seen = [past for past in pasts if since <= month_of(past.start) + age < until]
        seen = [past for past in seen if past.lived_in(month_of(past.start) + age)]
        if len(seen) < _LEAST_BRANCHES:
            if backports:
                break
            continue
        backports.append(_mean([_count(past.backports, month_of(past.start) + age) for past in seen]))
        releases.append(_mean([_count(past.releases, month_of(past.start) + age) for past in seen]))
    return Rates(_smoothed(backports), _smoothed(releases))


def error_band(pasts: Sequence[BranchPast], now: int, horizon: int) -> tuple[float, float] | None:
    """Return between which factors of the forecast the truth lay, in eight of ten forecasts made in the past.

    Each is made of what was known then, for the branches that then really lived. None where there are too few.
    """
    first = min((month_of(past.start) for past in pasts), default=now)
    factors = []
    for origin in range(first + 24, now - 11, _BETWEEN_ORIGINS):
        rates = rates_of(_known_at(pasts, origin), origin)
        if not rates.known_to:
            continue
        ends = min(origin + horizon, now)
        wanted = sum(
            rates.of(month - month_of(past.start))
            for past in pasts
            for month in range(max(origin, month_of(past.start)), ends)
            if past.lived_in(month)
        )
        made = sum(origin <= month_of(day) < ends for past in pasts for day in past.backports)
        if wanted:
            factors.append(made / wanted)
    if len(factors) < _LEAST_ORIGINS:
        return None
    return min(percentile(factors, 10), 1.0), max(percentile(factors, 90), 1.0)


def forecast(
    plan: CadencePlan,
    pasts: Sequence[BranchPast],
    now: int,
    horizon: int,
    *,
    band: tuple[float, float] | None,
    conflicts: Mapping[int, float],
    shares: tuple[float, float, float],
) -> PlanForecast:
    """Return what a plan costs in the `horizon` months after the month `now`.

    The branches that are alive go on for as long as the plan supports them; the next parts when it is due. `conflicts`
    is the share of backports that conflict by the age of the branch in years, `shares` the busiest person's share with
    its lowest and highest in the past.
    """
    rates = rates_of(pasts, now)
    starts = [month_of(past.start) for past in pasts if past.end is None]
    latest = max((month_of(past.start) for past in pasts), default=now)
    new = list(range(max(latest + plan.every, now), now + horizon, plan.every))
    months, by_age, releases = [], dict.fromkeys(conflicts, 0.0), 0.0
    for month in range(now, now + horizon):
        ages = [month - start for start in (*starts, *new) if 0 <= month - start < plan.life]
        months.append(PlannedMonth(label_of(month), len(ages), sum(map(rates.of, ages))))
        releases += sum(map(rates.releases_of, ages))
        for age in ages:
            year = min(age // 12, max(conflicts, default=0))
            by_age[year] = by_age.get(year, 0.0) + rates.of(age)
    total = sum(month.backports for month in months)
    weighed = sum(share * by_age.get(year, 0.0) for year, share in conflicts.items())
    mean = total / horizon
    share, least, most = shares
    low, high = band or (None, None)
    return PlanForecast(
        plan,
        tuple(months),
        sum(month.alive for month in months) / horizon,
        max((month.alive for month in months), default=0),
        _band(mean, low, high),
        _by_year(months, low, high),
        weighed / total if total and conflicts else None,
        12 / plan.every,
        12 * releases / horizon,
        Band(
            mean * share,
            None if low is None else mean * low * least,
            None if high is None else mean * high * most,
        ),
        max(plan.life - rates.known_to, 0),
    )


def _by_year(months: Sequence[PlannedMonth], low: float | None, high: float | None) -> tuple[tuple[int, Band], ...]:
    years: dict[int, float] = {}
    for month in months:
        years[int(month.label[:4])] = years.get(int(month.label[:4]), 0.0) + month.backports
    return tuple((year, _band(total, low, high)) for year, total in years.items())


def _band(mean: float, low: float | None, high: float | None) -> Band:
    return Band(mean, None if low is None else mean * low, None if high is None else mean * high)


def _known_at(pasts: Sequence[BranchPast], month: int) -> list[BranchPast]:
    """Return what was known of the branches at the beginning of a month."""
    return [
        BranchPast(
            past.name,
            past.start,
            past.end if past.end is not None and month_of(past.end) < month else None,
            tuple(day for day in past.backports if month_of(day) < month),
            tuple(day for day in past.releases if month_of(day) < month),
        )
        for past in pasts
        if month_of(past.start) < month
    ]


def _count(days: Sequence[date], month: int) -> int:
    return sum(month_of(day) == month for day in days)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _smoothed(values: Sequence[float]) -> tuple[float, ...]:
    """Return the mean of each value and its neighbours: backports come in sessions, some weeks apart."""
    return tuple(_mean(values[max(at - 1, 0) : at + 2]) for at in range(len(values)))


def _at(values: Sequence[float], age: int) -> float:
    if not values:
        return 0.0
    return values[age] if age < len(values) else _mean(values[-6:])
