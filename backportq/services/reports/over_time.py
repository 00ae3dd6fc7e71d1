"""Backlog, lag and work over time, from the history and the queue, kept for as long as neither moves.

A backlog is what was upstream and not yet on the branch, of all that landed there later, was declined, or is open now:
the history knows it for the years before there was a queue, too. This module must not draw.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backportq.git.cache import Cache
from backportq.model.items.item import Item, State
from backportq.model.reports.series import (
    OpenPeriod,
    SeriesOverTime,
    as_shares,
    backlog,
    lag_by_quarter,
    people_by_quarter,
)
from backportq.model.reports.statistics import Backport
from backportq.model.stored_values import as_json, decoder
from backportq.services.history.facts import Facts
from backportq.services.project import Project
from backportq.services.reports.overview import Overview
from backportq.services.reports.stats import backports_of

_TABLE = "figures_over_time_1"
_YEARS = 5


@dataclass(frozen=True, slots=True)
class FiguresOverTime:
    """What charts show: open changes by branch, days of lag, and backports by person, as numbers and as shares."""

    backlog: SeriesOverTime
    lag: SeriesOverTime
    load: SeriesOverTime
    share: SeriesOverTime


def figures_over_time(project: Project, overview: Overview) -> FiguresOverTime:
    """Return the figures of the last five years at most, from where the first branch parted."""
    key = _key_of(overview)
    cache = Cache.open(project.repository)
    kept = cache.find_many(_TABLE, [key]).get(key)
    if kept is not None:
        found: FiguresOverTime = decoder(FiguresOverTime)(json.loads(kept))
        return found
    made = _make(project, overview)
    cache.put_many(_TABLE, {key: as_json(made).encode()})
    cache.close()
    return made


def _key_of(overview: Overview) -> str:
    """Return a digest of all that the figures depend on: tips, the day, and which items are open or were declined."""
    digest = hashlib.sha256(f"{overview.history.key} {overview.today} {overview.branches}".encode())
    for name in overview.branches:
        for item in _counted(overview, name):
            digest.update(f"{name} {item.commit} {item.state.is_open} {item.at}\n".encode())
    digest.update(repr([(person.key, person.mails) for person in overview.state.people.people]).encode())
    return digest.hexdigest()


def _counted(overview: Overview, name: str) -> list[Item]:
    queue = overview.state.queue_of(name)  # type: ignore[arg-type]  # a name out of the overview
    return [*queue.open, *(item for item in queue.closed if item.state is State.DECLINED)]


def _make(project: Project, overview: Overview) -> FiguresOverTime:
    facts = overview.history.facts
    backports = [
        backport for backport in backports_of(project, overview.state, facts) if backport.branch in overview.branches
    ]
    last = overview.today
    first = max(_beginning(backports, last), last - timedelta(days=365 * _YEARS))
    load = people_by_quarter(backports, first, last)
    return FiguresOverTime(
        backlog(_spans(overview, facts, backports), overview.branches, first, last),
        lag_by_quarter(backports, first, last),
        load,
        as_shares(load),
    )


def _beginning(backports: Sequence[Backport], last: date) -> date:
    """Return the day of the first backport, or the last day where there is none."""
    return min((backport.made.date() for backport in backports), default=last)


def _spans(overview: Overview, facts: Facts, backports: Sequence[Backport]) -> list[OpenPeriod]:
    begun: dict[str, datetime] = {
        entry.branch.name: facts.commits[entry.base].committed
        for entry in facts.branches
        if entry.base is not None and entry.base in facts.commits
    }
    spans: list[tuple[str, datetime, datetime | None]] = [
        (each.branch, each.upstream, each.made) for each in backports if each.made > each.upstream
    ]
    for name in overview.branches:
        spans += [(name, item.committed, None if item.state.is_open else item.at) for item in _counted(overview, name)]
    return [OpenPeriod(name, max(since, begun.get(name, since)), until) for name, since, until in spans]
