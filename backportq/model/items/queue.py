"""The whole queue as one value: configuration, people, and the open and closed items of every branch.

Every change of the queue is a pure function from one `QueueState` to the next. This module must not know where the
value is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from backportq.model.config import Config
from backportq.model.declared import no_extra
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.people.people import People

SCHEMA = 1
"""The schema of every file and JSON document that this version writes."""


ItemKey = tuple[BranchName, Oid]
"""An item is found by its branch and its commit."""


@dataclass(frozen=True, slots=True)
class BranchQueue:
    """The items of one stable branch: `open` in upstream order, `closed` in the order in which they were closed
    upstream (upstream order too). `extra` and `closed_extra` are unknown top-level keys of the two files."""

    branch: BranchName
    open: tuple[Item, ...] = ()
    closed: tuple[Item, ...] = ()
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)
    closed_extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)

    def find(self, commit: Oid) -> Item | None:
        """Return the item of this commit, open or closed, or None."""
        return next((item for item in (*self.open, *self.closed) if item.commit == commit), None)


@dataclass(frozen=True, slots=True)
class QueueState:
    """Everything that the queue branch holds."""

    config: Config
    people: People = field(default_factory=People)
    branches: Mapping[BranchName, BranchQueue] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def queue_of(self, branch: BranchName) -> BranchQueue:
        """Return the queue of `branch`; an empty one where no file exists yet."""
        return self.branches.get(branch, BranchQueue(branch))
