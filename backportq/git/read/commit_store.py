"""Commits by id, as many as there are: in memory up to a limit, beyond it in a temporary file.

A branch that left upstream a million commits ago is looked at in bounded memory (`tests/scale/`). Whoever walks history
adds what was read.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from typing import IO, TypeVar, overload

from backportq.model.commit import Commit
from backportq.model.ids import Oid

IN_MEMORY = 128 << 20
"""Bytes of raw commits that are kept in memory; a five years' range of Xen takes 8 MB."""

_LENGTH_BITS = 32
_T = TypeVar("_T")


class CommitStore(Mapping[Oid, Commit]):
    """A mapping to commits in the order in which they were added; `add` each once, then read."""

    def __init__(self, *, in_memory: int = IN_MEMORY) -> None:
        """Start empty; raw commits beyond `in_memory` bytes go to a file."""
        self._left = in_memory
        # Either the commit, or where it is: offset << 32 | length.
        self._kept: dict[Oid, Commit | int] = {}
        self._file: IO[bytes] | None = None
        self._end = 0

    def add(self, commit: Commit) -> None:
        """Keep `commit`."""
        if self._left > 0:
            self._left -= len(commit.raw)
            self._kept[commit.oid] = commit
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the store
            weakref.finalize(self, self._file.close)
        self._file.write(commit.raw)
        self._kept[commit.oid] = self._end << _LENGTH_BITS | len(commit.raw)
        self._end += len(commit.raw)

    def annotate(self, notes: Mapping[Oid, bytes]) -> None:
        """Let the messages of the commits among these end with their notes."""
        for oid in self._kept.keys() & notes.keys():
            self._kept[oid] = self[oid].with_note_of(notes)

    def finish(self) -> None:
        """Make everything that was added readable."""
        if self._file is not None:
            self._file.flush()

    def readable(self) -> Mapping[Oid, Commit]:
        """Return all that was added as the quickest mapping there is: a plain one where nothing is in the file."""
        if self._file is not None:
            return self
        return {oid: kept for oid, kept in self._kept.items() if isinstance(kept, Commit)}

    def __getitem__(self, oid: Oid) -> Commit:
        """Return the commit; read it again where it is in the file."""
        kept = self._kept[oid]
        if isinstance(kept, Commit):
            return kept
        if self._file is None:  # pragma: no cover - places are made only with a file
            raise KeyError(oid)
        length = kept & ((1 << _LENGTH_BITS) - 1)
        return Commit(oid, os.pread(self._file.fileno(), length, kept >> _LENGTH_BITS))

    @overload
    def get(self, oid: Oid, /) -> Commit | None: ...
    @overload
    def get(self, oid: Oid, /, default: Commit | _T) -> Commit | _T: ...
    def get(self, oid: Oid, /, default: Commit | _T | None = None) -> Commit | _T | None:
        """Return the commit, or `default`; asked far too often for what a mapping does by raising an error."""
        kept = self._kept.get(oid)
        if isinstance(kept, Commit):
            return kept
        return default if kept is None else self[oid]

    def __contains__(self, oid: object) -> bool:
        """Tell whether there is a commit of this id."""
        return oid in self._kept

    def __iter__(self) -> Iterator[Oid]:
        """Yield the ids in the order in which they were added."""
        return iter(self._kept)

    def __len__(self) -> int:
        """Return how many commits there are."""
        return len(self._kept)
