"""Backlog, lag and work over time, from the history and the queue. What history alone tells is kept until it moves.

A backlog is what was upstream and not yet on the branch, of all that landed there later, was declined, or is open now:
the history knows it for the years before there was a queue, too. This module must not draw.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backportq.git.cache import Cache
from backportq.model.items.item import State
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
from backportq.services.project import Project
from backportq.services.reports.backports import remembered_backports
from backportq.services.reports.overview import Overview

_TABLE = "figures_over_time_2"
_YEARS = 5


@dataclass(frozen=True, slots=True)
class FiguresOverTime:
    """What charts show: open changes by branch, days of lag, and backports by person, as numbers and as shares."""

    backlog: SeriesOverTime
    lag: SeriesOverTime
    load: SeriesOverTime
    share: SeriesOverTime


@dataclass(frozen=True, slots=True)
class _Begun:
    """When a branch began."""

    branch: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _FromHistory:
    """What no decision changes: the first day, the backports as periods in which they were open, lag and work."""

    first: date
    landed: tuple[OpenPeriod, ...]
    begun: tuple[_Begun, ...]
    lag: SeriesOverTime
    load: SeriesOverTime
    share: SeriesOverTime


def figures_over_time(project: Project, overview: Overview) -> FiguresOverTime:
    """Return the figures of the last five years at most, from where the first branch parted."""
    past = _from_history(project, overview)
    begun = {each.branch: each.at for each in past.begun}
    spans = [
        OpenPeriod(each.branch, max(each.since, begun.get(each.branch, each.since)), each.until)
        for each in (*past.landed, *_queued(overview))
    ]
    return FiguresOverTime(
        backlog(spans, overview.branches, past.first, overview.today), past.lag, past.load, past.share
    )


def _from_history(project: Project, overview: Overview) -> _FromHistory:
    people = [(person.key, person.mails) for person in overview.state.people.people]
    key = hashlib.sha256(
        f"{overview.history.key} {overview.today} {overview.branches} {people!r}".encode("utf-8", "backslashreplace")
    ).hexdigest()
    cache = Cache.open(project.repository)
    kept = cache.find_many(_TABLE, [key]).get(key)
    if kept is not None:
        found: _FromHistory = decoder(_FromHistory)(json.loads(kept))
        return found
    made = _make(overview)
    cache.put_many(_TABLE, {key: as_json(made).encode()})
    cache.close()
    return made


def _make(overview: Overview) -> _FromHistory:
    facts = overview.history.facts
    backports = [each for each in remembered_backports(overview.history.source) if each.branch in overview.branches]
    last = overview.today
    first = max(_beginning(backports, last), last - timedelta(days=365 * _YEARS))
    load = people_by_quarter(backports, first, last)
    landed = (OpenPeriod(each.branch, each.upstream, each.made) for each in backports if each.made > each.upstream)
    begun = (
        _Begun(entry.branch.name, facts.commits[entry.base].committed)
        for entry in facts.branches
        if entry.base is not None and entry.base in facts.commits
    )
    return _FromHistory(
        first, tuple(landed), tuple(begun), lag_by_quarter(backports, first, last), load, as_shares(load)
    )


def _beginning(backports: Sequence[Backport], last: date) -> date:
    """Return the day of the first backport, or the last day where there is none."""
    return min((backport.made.date() for backport in backports), default=last)


def _queued(overview: Overview) -> Iterator[OpenPeriod]:
    """Yield the periods of what is open, or was declined."""
    for name in overview.branches:
        queue = overview.state.queue_of(name)
        for item in queue.open:
            yield OpenPeriod(name, item.committed, None)
        for item in queue.closed:
            if item.state is State.DECLINED:
                yield OpenPeriod(name, item.committed, item.at)
