"""How far the queue is from what was last fetched of its remote.

Apart from `sync`, because every listing asks for it and must not load what a merge needs. It must not ask the remote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backportq.errors import RepositoryError
from backportq.git.refs import Refs, read_refs
from backportq.git.write.queue_refs import ahead_and_behind
from backportq.queue.sync.remotes import remote_of, tracking_ref

if TYPE_CHECKING:
    from backportq.queue.store import QueueStore


@dataclass(frozen=True, slots=True)
class RemoteDistance:
    """How far the queue here is `ahead` of and `behind` what was last fetched from `remote`, in changes."""

    remote: str
    ahead: int
    behind: int


def find_standing(store: QueueStore, refs: Refs | None = None) -> RemoteDistance | None:
    """Return how the queue here stands to what was last fetched from the remote that `sync` would take; None where
    either does not exist. `refs` are those of the queue's repository, if they were read already."""
    try:
        remote = remote_of(store)
    except RepositoryError:
        return None  # it is for a sync to complain
    refs = read_refs(store.repository) if refs is None else refs
    here, there = store.tip(), refs.find(tracking_ref(store, remote))
    if here is None or there is None:
        return None
    return RemoteDistance(remote, *ahead_and_behind(store.repository, here, there))
