"""`stats --plan`: what cadences of releases would cost, from the history of all stable branches.

Every stable branch of the repository counts, also those that are not configured any more: they are the past. A branch
is counted from the day it parted from upstream. This module must not guess: the sums are in `model/reports/cadence`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date

from backportq.errors import ConfigError
from backportq.git.read.lookup import read_commits
from backportq.git.read.release_tags import releases_between
from backportq.git.trials import run_trials
from backportq.model.ids import Oid
from backportq.model.reports.cadence import (
    MONTHS,
    BranchPast,
    CadencePlan,
    PlanForecast,
    Rates,
    error_band,
    forecast,
    month_of,
    rates_of,
)
from backportq.model.reports.statistics import Backport
from backportq.model.trials.verdict import Trial, Verdict
from backportq.services.history.facts import Facts
from backportq.services.history.gather import gather
from backportq.services.history.links import links_of
from backportq.services.project import Project
from backportq.services.reports.backports import backports_of
from backportq.services.reports.stats import with_every_branch
from backportq.services.trials.mainlines import default_mainlines

_QUIET_DAYS = 270  # without a backport: a branch takes none any more
_TRIED_A_YEAR = 250  # backports of one year of age that are tried, spread evenly
_FEW = 30


@dataclass(frozen=True, slots=True)
class CadenceReport:
    """The forecasts side by side, with the rates that they rest on.

    `branches` and `backports` are how many there are of each; `conflicts` is the share that conflicts by year of age,
    with how many were tried; `busiest` is who made most lately; `unknown` is what the past cannot tell, in words.
    """

    forecasts: tuple[PlanForecast, ...]
    rates: Rates
    branches: int
    backports: int
    conflicts: Mapping[int, tuple[float, int]]
    busiest: str | None
    unknown: tuple[str, ...]


def plan_cadence(project: Project, plans: Sequence[CadencePlan], months: int = MONTHS) -> CadenceReport:
    """Return the forecasts of `plans` for so many months; raise `ConfigError` where there is no branch or no queue."""
    state = project.store.snapshot().state
    config = with_every_branch(project, state.config)
    facts = gather(project.repository, config, links=links_of(state))
    backports = [each for each in backports_of(project.repository, state, facts) if each.made <= project.clock()]
    today = project.clock().astimezone(UTC).date()
    pasts = _pasts(project, facts, backports, today)
    if not pasts:
        raise ConfigError("no stable branch has a backport, so the past says nothing", hints=("backportq stats",))
    now = month_of(today)
    conflicts = _conflicts(project, facts, backports, pasts)
    busiest, shares = _busiest(backports, today)
    band = error_band(pasts, now, months)
    known = {year: share for year, (share, _) in conflicts.items()}
    forecasts = tuple(forecast(plan, pasts, now, months, band=band, conflicts=known, shares=shares) for plan in plans)
    rates = rates_of(pasts, now)
    unknown = _unknown(forecasts, rates, conflicts, is_banded=band is not None)
    return CadenceReport(forecasts, rates, len(pasts), len(backports), conflicts, busiest, unknown)


def _pasts(project: Project, facts: Facts, backports: Sequence[Backport], today: date) -> tuple[BranchPast, ...]:
    bases = read_commits(project.repository, [entry.base for entry in facts.branches if entry.base is not None])
    days: dict[str, list[date]] = {}
    for backport in backports:
        days.setdefault(backport.branch, []).append(backport.made.astimezone(UTC).date())
    found = []
    for entry in facts.branches:
        made = sorted(days.get(entry.branch.name, ()))
        if entry.base is None or entry.base not in bases or not made:
            continue
        start = bases[entry.base].committed.astimezone(UTC).date()
        is_quiet = (today - max(made[-1], start)).days > _QUIET_DAYS
        releases = releases_between(project.repository, entry.base, entry.tip)
        found.append(
            BranchPast(
                entry.branch.name,
                start,
                made[-1] if is_quiet else None,
                tuple(day for day in made if day >= start),
                tuple(day for day in releases if start <= day <= today),
            )
        )
    return tuple(sorted(found, key=lambda past: past.start))


def _conflicts(
    project: Project, facts: Facts, backports: Sequence[Backport], pasts: Sequence[BranchPast]
) -> Mapping[int, tuple[float, int]]:
    """Return the share of backports that conflict where they were made, by year of age, with how many were tried."""
    starts = {past.name: past.start for past in pasts}
    originals = {pick.commit: pick.upstream for entry in facts.branches for pick in entry.picks}
    by_age: dict[int, list[Oid]] = {}
    for backport in sorted(backports, key=lambda each: (each.made, each.commit)):
        start = starts.get(backport.branch)
        if start is not None and backport.commit in originals:
            by_age.setdefault(max((backport.made.date() - start).days, 0) // 365, []).append(backport.commit)
    tried = {
        year: picks[:: max(len(picks) // _TRIED_A_YEAR, 1)] for year, picks in by_age.items() if len(picks) >= _FEW
    }
    commits = read_commits(project.repository, [oid for picks in tried.values() for oid in picks])
    pairs = {
        oid: (originals[oid], commits[oid].parents[0])
        for picks in tried.values()
        for oid in picks
        if len(commits[oid].parents) == 1
    }
    mainlines = default_mainlines(
        project.repository, [facts.upstream.oid], [original for original, _ in pairs.values()]
    )
    outcomes = dict(zip(pairs, run_trials(project.repository, list(pairs.values()), mainlines=mainlines), strict=True))
    found = {}
    for year in sorted(tried):
        trials = [outcome for oid in tried[year] if isinstance(outcome := outcomes.get(oid), Trial)]
        if trials:
            share = sum(trial.verdict is Verdict.CONFLICT for trial in trials) / len(trials)
            found[year] = (share, len(trials))
    return found


def _busiest(backports: Sequence[Backport], today: date) -> tuple[str | None, tuple[float, float, float]]:
    """Return who made most in the last two years, the share of that person, and the lowest and highest share that the
    busiest of a year had in the last five."""
    lately = Counter(each.who for each in backports if (today - each.made.date()).days <= 730)
    if not lately:
        return None, (1.0, 1.0, 1.0)
    who, count = min(lately.items(), key=lambda pair: (-pair[1], pair[0]))
    share = count / lately.total()
    yearly = []
    for years in range(5):
        counts = Counter(each.who for each in backports if (today - each.made.date()).days // 365 == years)
        if counts.total() >= _FEW:
            yearly.append(max(counts.values()) / counts.total())
    return who, (share, min([share, *yearly]), max([share, *yearly]))


def _unknown(
    forecasts: Sequence[PlanForecast],
    rates: Rates,
    conflicts: Mapping[int, tuple[float, int]],
    *,
    is_banded: bool,
) -> tuple[str, ...]:
    found = [
        f"{each.plan}: a branch gets {each.plan.life} months old, and fewer than two were older than {rates.known_to};"
        " the months after that are counted as the last that are known"
        for each in forecasts
        if each.beyond
    ]
    if not is_banded:
        found.append("the past is too short for bands: fewer than five forecasts can be compared with what came")
    if not conflicts:
        found.append("too few backports are known to say how many conflict")
    found.append("whether fewer or more fixes are written, and whether other people take part, the past cannot tell")
    return tuple(found)
