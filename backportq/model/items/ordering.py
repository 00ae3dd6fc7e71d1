"""Where an item stands in the queue of its branch: in which of the two files, and at which place.

Items stand in upstream order, which is not in the items; whoever changes a queue gives it. This module must not decide
what becomes of an item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from backportq.model.ids import Oid
from backportq.model.items.item import Item
from backportq.model.items.queue import BranchQueue


def order_key(item: Item, order: Mapping[Oid, int]) -> tuple[int, datetime, Oid]:
    """Return the sort key of an item: its place upstream, the same for everyone.

    What `order` does not hold comes first, by date.
    """
    return (order.get(item.commit, -1), item.committed, item.commit)


def with_item(queue: BranchQueue, item: Item, order: Mapping[Oid, int]) -> BranchQueue:
    """Return `queue` with `item` instead of the one of the same commit, in the file and at the place it belongs.

    An item that was there and stays in its file keeps its place; others are put before the first later one.
    """
    mine, other = (queue.open, queue.closed) if item.state.is_open else (queue.closed, queue.open)
    kept = tuple(old for old in other if old.commit != item.commit)
    if any(old.commit == item.commit for old in mine):
        placed = tuple(item if old.commit == item.commit else old for old in mine)
    else:
        key = order_key(item, order)
        place = next((at for at, old in enumerate(mine) if order_key(old, order) > key), len(mine))
        placed = (*mine[:place], item, *mine[place:])
    if len(kept) == len(other):
        kept = other
    open_, closed = (placed, kept) if item.state.is_open else (kept, placed)
    return replace(queue, open=open_, closed=closed)


def without_item(queue: BranchQueue, commit: Oid) -> BranchQueue:
    """Return `queue` without the item of this commit."""
    return replace(
        queue,
        open=tuple(item for item in queue.open if item.commit != commit),
        closed=tuple(item for item in queue.closed if item.commit != commit),
    )
