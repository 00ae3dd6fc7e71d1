"""The audit log: every change of the queue, who made it, when, by which command, and what it changed.

Read from the commits of the queue branch, whose messages `backportq.queue.log_message` wrote; a commit made by other
means is compared with the one before it. It must not change anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backportq.errors import BackportqError
from backportq.git.read.history import walk
from backportq.model.commit import Commit, Identity
from backportq.model.ids import Oid
from backportq.model.items.changes import ItemChange, item_changes
from backportq.model.items.queue import QueueState
from backportq.queue.codec.stored_state import StoredBranchQueue
from backportq.queue.log_message import read_message
from backportq.queue.store import QueueStore


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One change: the commit on the queue branch, when and by whom, the command (None for a commit made by other
    means), the summary line, and the items it changed (empty where files did not parse). A merge decides nothing by
    itself: what it brings together has entries of its own, and it names only the items in which it overruled."""

    commit: Oid
    at: datetime
    who: Identity
    command: str | None
    summary: str
    items: tuple[ItemChange, ...]
    is_merge: bool = False


def iter_log(
    store: QueueStore, tip: Oid | None = None, exclude: Sequence[Oid] = (), *, about: Oid | None = None
) -> Iterator[LogEntry]:
    """Yield the changes up to `tip` (now, if none is given) that `exclude` does not reach, newest first; nothing where
    there is no queue. With `about`, the items of a change may be only those of the branches that name this commit."""
    start = tip or store.tip()
    if start is None:
        return
    for commit in walk(store.repository, (start,), exclude):
        yield _entry(store, commit, about)


def read_log(store: QueueStore, *, about: Oid | None = None) -> list[LogEntry]:
    """Return all changes, newest first; with `about` see `iter_log`."""
    return list(iter_log(store, about=about))


def _entry(store: QueueStore, commit: Commit, about: Oid | None) -> LogEntry:
    record = read_message(commit.message)
    items = record.items if record.items is not None else _compared(store, commit, about)
    is_merge = len(commit.parents) > 1
    return LogEntry(commit.oid, commit.committed, commit.author, record.command, record.summary, items, is_merge)


def _compared(store: QueueStore, commit: Commit, about: Oid | None) -> tuple[ItemChange, ...]:
    try:
        after = store.snapshot(commit.oid).state
        before = store.snapshot(commit.parents[0]).state if commit.parents else QueueState(after.config)
        return item_changes(_naming(before, about), _naming(after, about))
    except BackportqError:
        # a commit made by hand may hold files that do not parse; the log still has to show it
        return ()


def _naming(state: QueueState, commit: Oid | None) -> QueueState:
    """Return the state with the queues of those branches only that name a commit, if one is given."""
    if commit is None:
        return state
    named = {
        name: queue
        for name, queue in state.branches.items()
        if not isinstance(queue, StoredBranchQueue) or queue.mentions(commit)
    }
    return replace(state, branches=named)
