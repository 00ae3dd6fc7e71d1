"""Joining the queue that a remote has: beginning here with what was fetched of it, in place of a second queue.

Two queues that began independently can be merged, but nobody wants that. This module must not ask the remote itself.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backportq.errors import BackportqError, RepositoryError
from backportq.git.write.branch_commits import swap_ref
from backportq.git.write.queue_refs import set_ref, tip_of
from backportq.model.ids import Oid
from backportq.model.words import typed
from backportq.queue.sync.merge_files import all_files, check_readable
from backportq.queue.sync.remotes import remote_of, synced_ref, tracking_ref

if TYPE_CHECKING:
    from backportq.queue.store import QueueStore


@dataclass(frozen=True, slots=True)
class RemoteQueue:
    """The queue of `remote` as it was last fetched."""

    remote: str
    commit: Oid


def find_remote_queue(store: QueueStore) -> RemoteQueue | None:
    """Return the queue that was fetched of the remote that `sync` would take, else of the first that has one."""
    remotes = store.repository.git.text("remote").splitlines()
    with contextlib.suppress(RepositoryError):  # it is for a sync to complain
        remotes.insert(0, remote_of(store))
    for remote in dict.fromkeys(remotes):
        commit = tip_of(store.repository, tracking_ref(store, remote))
        if commit is not None:
            return RemoteQueue(remote, commit)
    return None


def join(store: QueueStore, found: RemoteQueue) -> None:
    """Begin the queue here with that of the remote; raise what is wrong in its files, `QueueBusyError` if the ref is
    locked."""
    repository = store.repository
    store.refuse_checkout()
    try:
        check_readable(repository, all_files(repository, found.commit), None)
    except BackportqError as error:
        hints = (*error.hints, f"git log -p {typed(tracking_ref(store, found.remote))}, to see who changed it")
        raise type(error)(f"the queue of '{found.remote}': {error.message}", hints=hints) from error
    if not swap_ref(repository, store.ref, found.commit, None, f"backportq: join the queue of {found.remote}"):
        raise store.busy()
    set_ref(repository, synced_ref(store, found.remote), found.commit)
