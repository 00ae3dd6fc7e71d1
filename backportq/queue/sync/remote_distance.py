"""How far the queue is from what was last fetched of its remote.

Apart from `sync`, because every listing asks for it and must not load what a merge needs. It must not ask the remote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backportq.errors import RepositoryError
from backportq.git.write.queue_refs import distance
from backportq.queue.sync.remotes import remote_of, tracking_ref

if TYPE_CHECKING:
    from backportq.queue.store import QueueStore


@dataclass(frozen=True, slots=True)
class RemoteDistance:
    """How far the queue here is `ahead` of and `behind` what was last fetched from `remote`, in changes."""

    remote: str
    ahead: int
    behind: int


def find_standing(store: QueueStore) -> RemoteDistance | None:
    """Return how the queue here stands to what was last fetched from the remote that `sync` would take; None where
    either does not exist."""
    try:
        remote = remote_of(store)
    except RepositoryError:
        return None  # it is for a sync to complain
    found = distance(store.repository, store.ref, tracking_ref(store, remote))
    return None if found is None else RemoteDistance(remote, *found)
