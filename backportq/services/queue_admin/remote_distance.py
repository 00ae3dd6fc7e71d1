"""The remark about changes of the queue that wait to be exchanged.

Apart from `sync`, because every listing makes it. It must never fail or slow down a command.
"""

from __future__ import annotations

from backportq.errors import BackportqError
from backportq.queue.sync.remote_distance import RemoteDistance, find_standing
from backportq.services.project import Project


def queue_standing(project: Project) -> RemoteDistance | None:
    """Return how far the queue is ahead of and behind its remote as last fetched; None where there is none."""
    return find_standing(project.store)


def standing_note(project: Project) -> str | None:
    """Return one line about changes that wait to be exchanged, None where there are none; never fails a command."""
    try:
        standing = queue_standing(project)
    except BackportqError:
        return None
    if standing is None or not (standing.ahead or standing.behind):
        return None
    parts = [f"{standing.ahead} ahead of"] if standing.ahead else []
    parts += [f"{standing.behind} behind"] if standing.behind else []
    return f"the queue is {' and '.join(parts)} '{standing.remote}' as last fetched; run 'backportq sync'"
