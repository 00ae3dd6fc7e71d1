"""The first step of a scan, apart from the rest so that git is at work while the rest is loaded.

It reads the configuration and the refs and starts the reading of the history. This module must import little.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING

from backportq.git.background import Background
from backportq.git.cache import Cache
from backportq.git.refs import Refs, read_refs
from backportq.services.history.range_reading import RangeReading

if TYPE_CHECKING:
    from backportq.queue.store import Snapshot
    from backportq.services.project import Project
    from backportq.services.scan.report import ScanReport

LAST_SCAN = "last-scan"
"""The name under which the cache keeps what the last scan found."""


@dataclass(frozen=True, slots=True)
class HeadStart:
    """The queue and the refs of one moment, and the reading of the history that they lead to."""

    snapshot: Snapshot
    refs: Refs
    reading: RangeReading


def recall_or_start(project: Project, *, is_whole: bool) -> ScanReport | HeadStart:
    """Return what a scan would report if that is known already, else its head start; a scan is whole unless it is for
    some branches only. Raise what `start` raises."""
    if is_whole and Cache.open(project.repository).holds(LAST_SCAN):
        from backportq.services.scan.scan_memory import recall

        tip = project.store.tip()
        remembered = None if tip is None else recall(project.repository, tip, project.clock().astimezone(UTC).date())
        if remembered is not None:
            return remembered
    return start(project)


def start(project: Project) -> HeadStart:
    """Start reading what the configuration of the queue asks for; raise `ConfigError` if there is no queue, `RefError`
    for a configured branch that is gone."""
    reading = Background(partial(read_refs, project.repository))
    snapshot = project.store.snapshot()
    refs = reading.result()
    cache = Cache.open(project.repository)
    return HeadStart(snapshot, refs, RangeReading(project.repository, cache, snapshot.state.config, refs))
