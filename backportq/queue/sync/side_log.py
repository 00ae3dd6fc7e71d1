"""When one side of a merge last decided something, as its audit log tells.

Read only when two sides decided the same thing differently, and then once. Merges decide nothing by themselves: the
decisions that they brought together stand in the log as well. This module must not choose between sides.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import UTC, datetime

from backportq.model.ids import BranchName, Oid
from backportq.model.items.aspects import Aspect
from backportq.model.items.changes import ChangeKind
from backportq.model.merge.queues import aspect_of
from backportq.queue.log import iter_log
from backportq.queue.store import QueueStore

_SCAN = "scan"
_ONCE_EXTRA = frozenset({Aspect.TOPIC, Aspect.CHECK})
"""What earlier versions kept, and logged, among the unknown keys."""
_Key = tuple[BranchName, Oid, Aspect]


class SideLog:
    """The log from the merge bases (`since`) up to `tip`."""

    def __init__(self, store: QueueStore, tip: Oid, since: tuple[Oid, ...]) -> None:
        self._store = store
        self._tip = tip
        self._since = since

    def decided_at(self, branch: BranchName, commit: Oid, aspect: Aspect) -> datetime | None:
        """Return when an aspect of an item was last decided, None if it was not."""
        return self._decisions.get((branch, commit, aspect))

    def changed_at(self, path: str) -> datetime | None:
        """Return when a file was last changed, None if it was not."""
        git = self._store.repository.git.with_env(GIT_LITERAL_PATHSPECS="1")
        excluded = (f"^{oid}" for oid in self._since)
        found = git.text("log", "-1", "--no-merges", "--format=%ct", self._tip, *excluded, "--", path)
        return datetime.fromtimestamp(int(found), UTC) if found else None

    @functools.cached_property
    def _decisions(self) -> Mapping[_Key, datetime]:
        found: dict[_Key, datetime] = {}
        for entry in iter_log(self._store, self._tip, self._since):
            if entry.is_merge:
                continue
            for change in entry.items:
                # Who adds an item decides all of it at once.
                decided = (
                    set(Aspect) if change.kind is ChangeKind.ADDED else {aspect_of(name) for name in change.fields}
                )
                if Aspect.EXTRA in decided:
                    decided |= _ONCE_EXTRA
                for aspect in decided:
                    if aspect is Aspect.PRIORITY and entry.command == _SCAN:
                        continue  # derived, not decided
                    if aspect is not None:
                        key = (change.branch, change.commit, aspect)
                        found[key] = max(entry.at, found.get(key, entry.at))
        return found
