"""The queue's log for a person, and taking a change back.

`queue/log` and `queue/undo` hold what a log entry and an undo are; here what was typed is resolved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from backportq.git.picking.publishing import find_branch
from backportq.git.picking.records import iter_records
from backportq.git.read.lookup import resolve_commit
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.records import LETTERS
from backportq.model.items.tasks import in_time
from backportq.model.picks.record import record_name
from backportq.queue.log import LogEntry, iter_log
from backportq.queue.store import QueueChange
from backportq.queue.undo import undo_change
from backportq.services.branches import choose_branches
from backportq.services.decisions.select import choose_one
from backportq.services.project import Project


@dataclass(frozen=True, slots=True)
class UndoResult:
    """The `entry` of the log that an undo took back, and the `change` by which it did; `left` is what remains of picks,
    `letters` those that went out, of which the queue keeps what it knows."""

    entry: LogEntry
    change: QueueChange
    left: tuple[LeftOver, ...] = ()
    letters: tuple[SentLetter, ...] = ()


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter that went out about what was undone: to whom, of what kind, when."""

    who: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What an undo leaves of a pick: the topic branch, or with `is_waiting` the conflict that waits to be resolved.
    Where it `is_missing`, the item is in progress again on a branch that does not exist."""

    topic: BranchName
    is_waiting: bool = False
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class _Filter:
    commit: Oid | None
    branches: frozenset[BranchName]

    def passes(self, entry: LogEntry) -> bool:
        # Changes of the configuration concern no item, and are shown only without a filter.
        if self.commit is None and not self.branches:
            return True
        return any(
            (self.commit is None or item.commit == self.commit) and (not self.branches or item.branch in self.branches)
            for item in entry.items
        )


def read_audit_log(
    project: Project, commit: str | None, branches: Sequence[str], limit: int | None
) -> tuple[LogEntry, ...]:
    """Return at most `limit` changes, newest first, of one commit and of some branches where these are given.

    Raise `ConfigError` if there is no queue.
    """
    state = project.store.snapshot().state
    oid = choose_one(project.repository, state, commit).commits[0] if commit is not None else None
    names = frozenset(branch.name for branch in choose_branches(state.config, branches)) if branches else frozenset()
    wanted = _Filter(oid, names)
    entries: Iterator[LogEntry] = (entry for entry in iter_log(project.store) if wanted.passes(entry))
    return tuple(islice(entries, limit))


def undo(project: Project, change: str | None) -> UndoResult:
    """Take back the last change of the queue, or the one that `change` names; undoing an undo does it again."""
    if change is None:
        oid = project.store.tip()  # not a snapshot: what is taken back may be a file that does not parse
    else:
        text = f"{project.store.ref}{change}" if re.match(r"[~^]", change) else change
        oid = resolve_commit(project.store.repository, text)
    made = undo_change(project.store, oid, actor=project.actor(), at=project.clock())
    entry = next(iter_log(project.store, oid))
    return UndoResult(entry, made, _left_over(project, made), _letters(project, entry))


def _letters(project: Project, entry: LogEntry) -> tuple[SentLetter, ...]:
    """Return the letters that were written about the items of a change, by it or after it."""
    state = project.store.snapshot().state
    items = (state.queue_of(change.branch).find(change.commit) for change in entry.items)
    events = [
        event
        for item in items
        if item is not None
        for event in item.tasks
        if event.what in LETTERS and event.at.replace(microsecond=0) >= entry.at.replace(microsecond=0)
    ]
    letters = {event.message_id or f"{event.who} {event.at}": event for event in in_time(events)}
    return tuple(SentLetter(event.who, event.text or str(event.what), event.at) for event in letters.values())


def _left_over(project: Project, made: QueueChange) -> tuple[LeftOver, ...]:
    """Return what is left of the picks that the undone change was about."""
    if made.commit is None or not any("topic" in item.fields for item in made.items):
        return ()
    before = {item.topic for item in _items(project, made, f"{made.commit}^")}
    after = {item.topic for item in _items(project, made, made.commit)}
    waiting = {record.name for record in iter_records(project.repository)}
    found = []
    for topic in sorted(name for name in before ^ after if name):
        name = BranchName(topic)
        exists = find_branch(project.repository, name) is not None
        is_waiting = record_name(topic) in waiting
        if topic in before and (exists or is_waiting):
            found.append(LeftOver(name, is_waiting=is_waiting))
        elif topic in after and not exists and not is_waiting:
            found.append(LeftOver(name, is_missing=True))
    return tuple(found)


def _items(project: Project, made: QueueChange, commit: str) -> list[Item]:
    state = project.store.snapshot(resolve_commit(project.store.repository, commit)).state
    found = (state.queue_of(change.branch).find(change.commit) for change in made.items)
    return [item for item in found if item is not None]
