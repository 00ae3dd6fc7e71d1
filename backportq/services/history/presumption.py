"""Answers about the part of upstream's history that git is still reading: presumed, and checked when it has been read.

Nearly every commit that a message names is upstream's, and nearly no subject was used before; so whoever would have to
wait goes on with that, and reckons again where it was wrong. This module must not decide what follows from an answer.
"""

from __future__ import annotations

from backportq.git.read.upstream_index import UpstreamIndex
from backportq.model.ids import Oid


class PresumedIndex:
    """An index of upstream that never waits: what it says before `index` is read holds only if `was_right`."""

    def __init__(self, index: UpstreamIndex) -> None:
        self._index = index
        self._contained: set[Oid] = set()
        self._unused: set[str] = set()

    def contains(self, oid: Oid) -> bool:
        """Tell whether the index holds the commit `oid`, which is one of this repository; presumed: yes."""
        if self._index.is_read:
            return self._index.contains(oid)
        self._contained.add(oid)
        return True

    def find_subject(self, subject: str) -> tuple[Oid, ...]:
        """Return the commits of the index with exactly this subject; presumed: none."""
        if self._index.is_read:
            return self._index.find_subject(subject)
        self._unused.add(subject)
        return ()

    def was_right(self) -> bool:
        """Wait until the index is read, and tell whether it says what was presumed; from then on nothing is."""
        contained, unused = self._contained, self._unused
        self._contained, self._unused = set(), set()
        return all(map(self._index.contains, contained)) and not any(map(self._index.find_subject, unused))
