"""Exchanging the queue with others: which remote is meant, and what a person is told about it.

What a sync is, and that nothing is lost by it, is for `backportq.queue.sync.sync`. This module must not print.
"""

from __future__ import annotations

from backportq.queue.sync.remotes import remote_of
from backportq.queue.sync.sync import Manner, Sync, SyncResult
from backportq.services.project import Project


def sync_queue(project: Project, remote: str | None, manner: Manner) -> SyncResult:
    """Fetch, merge and push the queue; `remote` is a name, None for the one that is configured or usual."""
    return Sync(project.store, remote_of(project.store, remote), project.actor, project.clock(), manner).run()
