"""The first step of a scan, apart from the rest so that git is at work while the rest is loaded.

It reads the configuration and the refs and starts the reading of the history. This module must import little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backportq.git.cache import Cache
from backportq.git.refs import Refs, read_refs
from backportq.services.range_reading import RangeReading

if TYPE_CHECKING:
    from backportq.queue.store import Snapshot
    from backportq.services.project import Project


@dataclass(frozen=True, slots=True)
class HeadStart:
    """The queue and the refs of one moment, and the reading of the history that they lead to."""

    snapshot: Snapshot
    refs: Refs
    reading: RangeReading


def start(project: Project) -> HeadStart:
    """Start reading what the configuration of the queue asks for; raise `ConfigError` if there is no queue, `RefError`
    for a configured branch that is gone."""
    snapshot = project.store.snapshot()
    refs = read_refs(project.repository)
    cache = Cache.open(project.repository)
    return HeadStart(snapshot, refs, RangeReading(project.repository, cache, snapshot.state.config, refs))
