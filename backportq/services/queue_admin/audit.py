"""The queue's log for a person, and taking a change back.

`queue/log` and `queue/undo` hold what a log entry and an undo are; here what was typed is resolved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from backportq.git.read.lookup import resolve_commit
from backportq.model.ids import BranchName, Oid
from backportq.queue.log import LogEntry, iter_log
from backportq.queue.store import QueueChange
from backportq.queue.undo import undo_change
from backportq.services.branches import choose_branches
from backportq.services.decisions.select import choose_one
from backportq.services.project import Project


@dataclass(frozen=True, slots=True)
class UndoResult:
    """The `entry` of the log that an undo took back, and the `change` by which it did."""

    entry: LogEntry
    change: QueueChange


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
    return UndoResult(next(iter_log(project.store, oid)), made)
