"""A small queue in a real repository: the start of every test of the queue branch itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from backportq.git.repository import discover
from backportq.model.commit import Identity
from backportq.model.config import Config, StableBranch
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.queue.store import QueueChange, QueueStore

ADA = Identity("Ada Author", "ada@example.org")
AT = datetime(2026, 6, 1, 12, tzinfo=timezone(timedelta(hours=2)))
B1, B2 = BranchName("stable-1"), BranchName("release/2")
CONFIG = Config(BranchName("master"), (StableBranch(B1, "1"), StableBranch(B2, "2")))


def item(number: int, **fields: object) -> Item:
    made = Item(Oid(f"{number:040x}"), f"fix {number}", ADA, datetime(2026, 5, 1, tzinfo=UTC))
    return replace(made, **fields)  # type: ignore[arg-type]


def queue_at(path: Path) -> QueueStore:
    return QueueStore(discover(path))


def created(path: Path, *items: Item) -> QueueStore:
    store = queue_at(path)
    branches = {B1: BranchQueue(B1, tuple(items))} if items else {}
    store.create(QueueState(CONFIG, branches=branches), actor=ADA, at=AT)
    return store


def changed(store: QueueStore, decide: Callable[[QueueState], QueueState], *, summary: str = "test") -> QueueChange:
    return store.change(decide, command="test", summary=summary, actor=ADA, at=AT)


def with_items(branch: BranchName, *items: Item, closed: tuple[Item, ...] = ()) -> Callable[[QueueState], QueueState]:
    def decide(state: QueueState) -> QueueState:
        queue = replace(state.queue_of(branch), open=tuple(items), closed=closed)
        return replace(state, branches={**state.branches, branch: queue})

    return decide


def noted(number: int, text: str) -> Callable[[QueueState], QueueState]:
    def decide(state: QueueState) -> QueueState:
        queue = state.queue_of(B1)
        made = tuple(replace(one, note=text) if one.commit == item(number).commit else one for one in queue.open)
        return replace(state, branches={**state.branches, B1: replace(queue, open=made)})

    return decide
