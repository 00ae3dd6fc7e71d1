"""Exchanging the queue with others: which remote is meant, and what a person is told about it.

What a sync is, and that nothing is lost by it, is for `backportq.queue.sync`. This module must not print.
"""

from __future__ import annotations

from backportq.git.transport import choose_remote
from backportq.queue.sync import Manner, Sync, Synced
from backportq.services.project import Project


def sync_queue(project: Project, remote: str | None, manner: Manner) -> Synced:
    """Fetch, merge and push the queue; `remote` is a name, None for the one that is configured or usual."""
    store = project.store
    chosen = choose_remote(store.repository, remote, *_configured(project))
    return Sync(store, chosen, project.actor, project.clock(), manner).run()


def _configured(project: Project) -> tuple[str | None, ...]:
    """Return the remotes that git's configuration names for the queue: ours, then the branch's own."""
    store = project.store
    git = store.repository.git
    name = store.ref.removeprefix("refs/heads/")
    found = []
    for reader, key in ((project.repository.git, "backportq.remote"), (git, f"branch.{name}.remote")):
        value = reader.run("config", "--get", key, ok=(0, 1)).out.decode("utf-8", "surrogateescape").strip()
        found.append(value or None)
    return tuple(found)
