"""Exchanging the queue with a remote, and the note that changes wait to be exchanged.

`queue/sync/` holds what a sync does and why nothing is lost by it; here the project's remote and person are filled in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backportq.errors import BackportqError
from backportq.git.refs import Refs
from backportq.queue.sync.remote_distance import RemoteDistance, find_standing
from backportq.queue.sync.remotes import remote_of
from backportq.services.project import Project

if TYPE_CHECKING:
    from backportq.queue.sync.sync import Manner, SyncResult


def sync_queue(project: Project, remote: str | None, manner: Manner) -> SyncResult:
    """Fetch, merge and push the queue; `remote` is a name, None for the one that is configured or usual."""
    from backportq.queue.sync.sync import Sync  # loads the merge of queues, which the note below must not

    return Sync(project.store, remote_of(project.store, remote), project.actor, project.clock(), manner).run()


def remote_distance(project: Project, refs: Refs | None = None) -> RemoteDistance | None:
    """Return how far the queue is ahead of and behind its remote as last fetched; None where there is no remote.

    `refs` are those of the project, if they were read already.
    """
    return find_standing(project.store, refs if project.store.repository is project.repository else None)


def unsynced_note(project: Project, refs: Refs | None = None) -> str | None:
    """Return one line about changes that wait to be exchanged, None where there are none.

    Listings print it below the answer, so an unusable remote gives None and no error.
    """
    try:
        distance = remote_distance(project, refs)
    except BackportqError:
        return None
    if distance is None or not (distance.ahead or distance.behind):
        return None
    parts = [f"{distance.ahead} ahead of"] if distance.ahead else []
    parts += [f"{distance.behind} behind"] if distance.behind else []
    return f"the queue is {' and '.join(parts)} '{distance.remote}' as last fetched; run 'backportq sync'"
