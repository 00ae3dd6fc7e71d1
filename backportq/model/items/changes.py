"""What differs between two queues, item by item: the words of the audit log.

Separate from the decisions because a scan, a merge and an edit by hand change items as well, and all are told alike. It
must not know who changed anything, nor how the queue is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.queue import BranchQueue, QueueState

_FIELDS = tuple(declared.name for declared in fields(Item) if declared.name != "commit")


class ChangeKind(StrEnum):
    """What happened to an item."""

    ADDED = "added"
    CHANGED = "changed"
    CLOSED = "closed"
    REOPENED = "reopened"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One item that differs. `fields` names what differs of an item that was there and still is."""

    branch: BranchName
    commit: Oid
    kind: ChangeKind
    fields: tuple[str, ...] = ()


def item_changes(before: QueueState, after: QueueState) -> tuple[ItemChange, ...]:
    """Return every item that differs, by branch and within it in the order of the queue that has it."""
    found: list[ItemChange] = []
    for branch in dict.fromkeys((*before.branches, *after.branches)):
        old, new = before.queue_of(branch), after.queue_of(branch)
        if old is not new:
            found.extend(_branch_changes(old, new))
    return tuple(found)


def changed_fields(before: Item, after: Item) -> tuple[str, ...]:
    """Return the names of the fields that differ."""
    return tuple(name for name in _FIELDS if getattr(before, name) != getattr(after, name))


def items_by_commit(queue: BranchQueue) -> Mapping[Oid, Item]:
    """Return every item of a queue by its commit; where one stands in both files, the open one."""
    return {item.commit: item for item in (*queue.closed, *queue.open)}


def _branch_changes(before: BranchQueue, after: BranchQueue) -> Iterator[ItemChange]:
    if before.open is after.open and before.closed is after.closed:  # files that are the same are read once
        return
    old, new = items_by_commit(before), items_by_commit(after)
    for commit, item in new.items():
        was = old.get(commit)
        if was is None:
            yield ItemChange(after.branch, commit, ChangeKind.ADDED)
        elif was is not item and was != item:
            yield ItemChange(after.branch, commit, _kind(was, item), changed_fields(was, item))
    for commit in old:
        if commit not in new:
            yield ItemChange(after.branch, commit, ChangeKind.REMOVED)


def _kind(before: Item, after: Item) -> ChangeKind:
    if before.state.is_open == after.state.is_open:
        return ChangeKind.CHANGED
    return ChangeKind.REOPENED if after.state.is_open else ChangeKind.CLOSED
