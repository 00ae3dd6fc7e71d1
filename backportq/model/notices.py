"""How a service says that it goes on without something, without knowing who listens.

A branch that is gone, or one file that cannot be read, stops the commands for that branch and no other; whoever leaves
it out tells so here, and the command line prints it as a warning. Nothing may depend on being heard. This module must
not print.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

Hearer = Callable[[str, Sequence[str]], None]
"""Called with what is left out and why, and what to type about it."""

_hearers: list[Hearer] = []


def tell(text: str, hints: Sequence[str] = ()) -> None:
    """Say what is left out; whoever hears it may be told the same several times."""
    for hearer in _hearers:
        hearer(text, hints)


@contextmanager
def hearing(hearer: Hearer) -> Iterator[None]:
    """Have `hearer` called by every `tell` until the block ends."""
    _hearers.append(hearer)
    try:
        yield
    finally:
        _hearers.remove(hearer)
