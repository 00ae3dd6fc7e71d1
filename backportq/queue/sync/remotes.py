"""Which remote the queue is exchanged with, and where git keeps what that had when it was last fetched.

Apart from `sync`, because every listing asks how far the queue is from its remote and must not load what a merge needs:
both have to mean the same one. It must not ask the remote itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backportq.git.remote import choose_remote
from backportq.model.ids import RefName

if TYPE_CHECKING:
    from backportq.queue.store import QueueStore


def remote_of(store: QueueStore, named: str | None = None) -> str:
    """Return the remote that was `named`; else that of `git config backportq.remote`, then the queue branch's own, then
    `origin` or the only one.

    Raise `RepositoryError` where there is no remote of that name.
    """
    preferred = named or store.configured_remote
    if preferred is None:
        preferred = store.repository.settings.find(f"branch.{store.ref.removeprefix('refs/heads/')}.remote")
    return choose_remote(store.repository, preferred)


def tracking_ref(store: QueueStore, remote: str) -> RefName:
    """Return where the remote's queue stands as it was last fetched, by git's own convention."""
    return RefName(f"refs/remotes/{remote}/{store.ref.removeprefix('refs/heads/')}")


def synced_ref(store: QueueStore, remote: str) -> RefName:
    """Return where the remote's queue stood at the last sync: a plain `git fetch` moves the other one."""
    return RefName(f"refs/backportq/{remote}/{store.ref.removeprefix('refs/heads/')}")
