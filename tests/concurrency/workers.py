"""Processes that decide and sync at the same moment, and the size of the trials they are put to."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from backportq.git.repository import discover
from backportq.model.items.nomination import Nomination, Via
from backportq.model.items.queue import QueueState
from backportq.queue.store import QueueStore
from backportq.queue.sync.sync import Manner, Sync
from tests.queue.shared_queue import ADA, B1, START, at, item, setting

DEEP = bool(os.environ.get("BACKPORTQ_DEEP"))
"""Set by `make deep`: the trials at the size that the design promises."""

ITEMS = 10


def asked(worker: int, number: int) -> Nomination:
    """Return what one worker decides the `number`-th time: told apart from all others."""
    return Nomination(Via.PERSON, text=f"worker {worker}, decision {number}", by=str(ADA), at=START)


def nominating(worker: int, number: int) -> Callable[[QueueState], QueueState]:
    """Return a decision that reads what is there and adds to it: an item that all workers share."""

    def decide(state: QueueState) -> QueueState:
        shared = item(1 + number % ITEMS)
        was = state.queue_of(B1).find(shared.commit)
        before = was.nominations if was is not None else ()
        return setting(1 + number % ITEMS, nominations=(*before, asked(worker, number)))(state)

    return decide


def decide_often(path: Path, worker: int, count: int) -> None:
    """Make `count` decisions in one repository."""
    for number in range(count):
        store = QueueStore(discover(path))
        change = store.change(
            nominating(worker, number), command="tag", summary=_summary(worker, number), actor=ADA, at=at(number)
        )
        assert change.commit is not None


def decide_and_sync(path: Path, worker: int, count: int, every: int) -> None:
    """Make `count` decisions in a clone of one's own and sync after each `every` of them."""
    store = QueueStore(discover(path))
    for number in range(count):
        store.change(
            nominating(worker, number), command="tag", summary=_summary(worker, number), actor=ADA, at=at(number)
        )
        if (number + 1) % every == 0 or number + 1 == count:
            Sync(QueueStore(discover(path)), "origin", lambda: ADA, at(count), Manner()).run()


def run_all(target: Callable[..., None], arguments: Sequence[tuple[object, ...]], *, seconds: float) -> None:
    """Run `target` with each tuple of arguments in a process of its own, all at once; fail unless all end well."""
    context = multiprocessing.get_context("fork")  # a new interpreter each would take longer than what is tried
    running = [context.Process(target=target, args=args) for args in arguments]
    for process in running:
        process.start()
    for process in running:
        process.join(seconds)
    assert [process.exitcode for process in running] == [0] * len(running)


def expected_summaries(workers: int, count: int) -> list[str]:
    """Return what the log has to tell, each once."""
    return sorted(_summary(worker, number) for worker in range(workers) for number in range(count))


def _summary(worker: int, number: int) -> str:
    return f"worker {worker}, decision {number}"
