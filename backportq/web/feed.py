"""What became pending, newest first: the entries of the feed, out of the log of the queue.

A change that one scan found for several branches is one entry. Its id is made of the commit of the queue and of the
change, so that it is the same for everybody and in every report.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backportq.model.ids import BranchName, Oid
from backportq.model.items.changes import ChangeKind
from backportq.queue.log import LogEntry
from backportq.services.reports.overview import ReportedChange

FEED_ENTRIES = 60


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One change that became pending: where, when, and by which change of the queue."""

    id: str
    change: ReportedChange
    branches: tuple[BranchName, ...]
    entry: LogEntry


def feed_entries(log: Iterable[LogEntry], changes: Mapping[Oid, ReportedChange]) -> list[FeedEntry]:
    """Return the entries for the `changes` that the log says became pending; the log comes newest first."""
    found: list[FeedEntry] = []
    for entry in log:
        added: dict[Oid, list[BranchName]] = {}
        for item in entry.items:
            is_new = item.kind in (ChangeKind.ADDED, ChangeKind.REOPENED)
            if is_new and item.commit in changes and item.branch in changes[item.commit].branches:
                added.setdefault(item.commit, []).append(item.branch)
        for oid, branches in added.items():
            name = uuid.uuid5(uuid.NAMESPACE_URL, f"backportq:{entry.commit}:{oid}")
            found.append(FeedEntry(f"urn:uuid:{name}", changes[oid], tuple(branches), entry))
        if len(found) >= FEED_ENTRIES:
            break
    return found[:FEED_ENTRIES]
