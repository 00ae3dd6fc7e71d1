"""Finding a smallest set that works, by taking away what is not needed (delta debugging).

Pure, so that what a test of a set means, and what it costs, is the caller's. Zeller and Hildebrandt, "Simplifying and
isolating failure-inducing input", 2002, reduced to complements. This module must not run trials.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Member = TypeVar("Member")


def reduce_set(
    whole: tuple[Member, ...], works: Callable[[tuple[Member, ...]], bool], may_test: Callable[[], bool]
) -> tuple[tuple[Member, ...], bool]:
    """Return a part of `whole`, in the same order, that still works, and whether it is minimal.

    `whole` must work, and the empty set must not; neither is tested. Minimal means that taking any single member away
    makes it fail. `may_test` is asked before each test; when it says no, the smallest set so far is returned.
    """
    kept = whole
    size = max(len(kept) // 2, 1)
    while True:
        has_shrunk = False
        at = 0
        while at < len(kept) and len(kept) > 1:
            smaller = kept[:at] + kept[at + size :]
            if smaller:
                if not may_test():
                    return kept, False
                if works(smaller):
                    kept = smaller
                    has_shrunk = True
                    continue
            at += size
        if size == 1 and not has_shrunk:
            return kept, True
        size = max(size // 2, 1)
