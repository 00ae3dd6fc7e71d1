"""`status`: how much is open on each branch, how old it is, and who has how much.

Counts of what `pending` lists, so that the two cannot disagree. This module must not look at the history itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from backportq.git.refs import Refs
from backportq.model.config import Support
from backportq.model.ids import BranchName, Oid
from backportq.model.picks.topic import WorkStage
from backportq.model.priority import Priority
from backportq.services.items.open_items import EffectiveState, OpenItem, OpenItems, open_items
from backportq.services.project import Project
from backportq.services.scan.last_scan_results import not_merged_up_at_last_scan


@dataclass(frozen=True, slots=True)
class BranchStatus:
    """Counts of one branch's open items: by how they stand and how far they are, without an assignee, by priority.

    `oldest` is the open item whose commit has been upstream longest, `oldest_days` for how many days. `landed` counts
    picks on the branch, whether or not they were ever queued, `not_merged_up` what only it had at the last scan.
    """

    branch: BranchName
    version: str
    support: Support
    open: int
    standings: Mapping[EffectiveState, int]
    stages: Mapping[WorkStage, int]
    unassigned: int
    priorities: Mapping[Priority, int]
    landed: int
    oldest: Oid | None
    oldest_days: int | None
    not_merged_up: int = 0


@dataclass(frozen=True, slots=True)
class Load:
    """What one person has: open items by branch, how many they are working on, how many are picked and wait to be
    pushed or reviewed, and how many are past their date."""

    key: str
    name: str
    open: int
    in_progress: int
    picked: int
    overdue: int
    branches: Mapping[BranchName, int]


@dataclass(frozen=True, slots=True)
class Status:
    """All of it; branches in the order of the configuration, people with most open items first, and the refs that it
    was read from."""

    branches: tuple[BranchStatus, ...]
    people: tuple[Load, ...]
    moved: tuple[BranchName, ...]
    refs: Refs


def status(project: Project, *, branches: Sequence[str] = ()) -> Status:
    """Return the counts of `branches`, all maintained ones if none is named."""
    return status_of(open_items(project, branches=branches), project.clock())


def status_of(found: OpenItems, now: datetime) -> Status:
    """Return the counts of the open items that were `found`, as at `now`."""
    day = now.astimezone(UTC).date()
    rows = []
    only_here = not_merged_up_at_last_scan(found.history.index)
    for branch in found.branches:
        items = [entry for entry in found.items if entry.branch == branch.name]
        standings = Counter(entry.standing for entry in items)
        stages = Counter(entry.stage for entry in items)
        priorities = Counter(entry.item.priority for entry in items)
        oldest = min(items, key=lambda entry: (entry.item.committed, entry.item.commit), default=None)
        rows.append(
            BranchStatus(
                branch=branch.name,
                version=branch.version,
                support=branch.support_on(day),
                open=len(items),
                standings={standing: standings[standing] for standing in EffectiveState},
                stages={stage: stages[stage] for stage in WorkStage},
                unassigned=_count(entry.item.assignee is None for entry in items),
                priorities={each: priorities[each] for each in Priority},
                landed=found.landed.get(branch.name, 0),
                oldest=oldest.item.commit if oldest is not None else None,
                oldest_days=_days(oldest.item.committed, now) if oldest is not None else None,
                not_merged_up=only_here.get(branch.name, 0),
            )
        )
    names = {person.key: person.name for person in found.state.people.people}
    return Status(tuple(rows), _loads(found.items, names, day), found.moved, found.history.refs)


def _loads(items: Sequence[OpenItem], names: Mapping[str, str], day: date) -> tuple[Load, ...]:
    keys = {entry.item.assignee for entry in items if entry.item.assignee is not None}
    loads = []
    for key in keys:
        theirs = [entry for entry in items if entry.item.assignee == key]
        loads.append(
            Load(
                key=key,
                name=names.get(key, key),
                open=len(theirs),
                in_progress=_count(entry.standing is EffectiveState.IN_PROGRESS for entry in theirs),
                picked=_count(entry.stage is not None and entry.stage.is_done for entry in theirs),
                overdue=_count(entry.item.due is not None and entry.item.due < day for entry in theirs),
                branches=dict(Counter(entry.branch for entry in theirs)),
            )
        )
    return tuple(sorted(loads, key=lambda load: (-load.open, load.key)))


def _count(truths: Iterable[bool]) -> int:
    return sum(truths)


def _days(since: datetime, now: datetime) -> int:
    return max((now - since).days, 0)
