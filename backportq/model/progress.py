"""How long work says how far it is, without knowing who listens.

Reading a history and running trials can take seconds; they call `advance` now and then, and the command line shows it
when a person is watching. Nothing may depend on being heard. This module must not print.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, int, int | None], None]
"""Called with what is being done, how many steps are done, and how many there will be (None if unknown)."""

_listeners: list[Listener] = []
_of_this_thread = threading.local()


def advance(what: str, done: int, total: int | None = None) -> None:
    """Tell that of the work `what` (a few words such as `reading the history`) `done` steps of `total` are done.

    Costs next to nothing when nobody listens; callers need not spare calls, but once for each commit is enough.
    """
    for listener in getattr(_of_this_thread, "listeners", _listeners):
        listener(what, done, total)


def is_heard() -> bool:
    """Tell whether anybody listens, for work that would have to ask for progress at some cost."""
    return bool(_listeners)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have `listener` called by every `advance`, from any thread, until the block ends."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


@contextmanager
def overheard(listener: Listener) -> Iterator[None]:
    """Have `listener` called, and nobody else, by every `advance` of this thread until the block ends: for work beside
    other work, of which whoever waits for it tells what is to be heard."""
    _of_this_thread.listeners = [listener]
    try:
        yield
    finally:
        del _of_this_thread.listeners
