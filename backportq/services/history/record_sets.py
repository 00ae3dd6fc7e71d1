"""Sets of short records in the index, each found by its first bytes: ids of commits, checksums of subjects.

- The records of a set have one length, and are in order in pieces of some hundred bytes.
- Which piece holds a record is told by its first bits. A piece is there even if it is empty, and carries a checksum, so
  that a record that cannot be found is known not to be there: an index without one would be damaged.
- What was read of a set stays in memory as long as questions see the same state of the index.

This module must not know what the records say.
"""

from __future__ import annotations

import json
import zlib
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence

from backportq.services.history.index import AT_ONCE, Index

_PIECE = 1_500  # bytes, so that a piece does not need more than one page of the database
_PIECES = 32  # bits of the number of a piece in its key, above which stands the number of the set
_ID_BITS = 32  # of the first bytes, by which a piece is chosen


class RecordSet:
    """The set with this `number` in an index; `name` is for the line of its layout in `meta`."""

    def __init__(self, index: Index, number: int, name: str) -> None:
        self._index = index
        self._number = number
        self._meta = f"records/{name}"
        self._seen: object = None
        self._layout: tuple[int, int, int] = (0, 0, 0)
        self._pieces: dict[int, list[bytes]] = {}

    def fill(self, records: Iterable[bytes]) -> None:
        """Put these records in place of all others; only while the index is written."""
        ordered = sorted(records)
        size = len(ordered[0]) if ordered else 1
        bits = max(0, (len(ordered) * size // _PIECE).bit_length())
        layout = (bits, size, len(ordered))
        first = self._number << _PIECES
        self._index.file.put("DELETE FROM pieces WHERE id BETWEEN ? AND ?", first, first + (1 << _PIECES) - 1)
        starts = (bisect_left(ordered, (piece << _ID_BITS - bits).to_bytes(4, "big")) for piece in range(1, 1 << bits))
        ends = [0, *starts, len(ordered)]
        self._put(layout, ((piece, ordered[ends[piece] : ends[piece + 1]]) for piece in range(1 << bits)))

    def add(self, records: Sequence[bytes]) -> None:
        """Put more records to those that were there when they were first asked for; only while the index is written."""
        bits, size, count = self._current()
        size = len(records[0]) if records and not count else size
        changed: dict[int, list[bytes]] = {}
        for record in records:
            piece = _piece_of(record, bits)
            changed[piece] = changed.get(piece) or list(self._read([piece])[piece])
            insort(changed[piece], record)
        self._put((bits, size, count + len(records)), changed.items())

    def __len__(self) -> int:
        """Return how many records there are."""
        return self._index.answer(self._current)[2]

    @property
    def record_bytes(self) -> int:
        """The length of a record."""
        return self._index.answer(self._current)[1]

    def starting_with(self, prefix: bytes) -> list[bytes]:
        """Return the records that begin so, in order; `prefix` has four bytes at least."""
        return self.with_prefixes([prefix])[prefix]

    def with_prefixes(self, prefixes: Sequence[bytes]) -> dict[bytes, list[bytes]]:
        """Return the same for each of these."""

        def ask() -> dict[bytes, list[bytes]]:
            bits = self._current()[0]
            pieces = self._read(dict.fromkeys(_piece_of(prefix, bits) for prefix in prefixes))
            return {prefix: _beginning(pieces[_piece_of(prefix, bits)], prefix) for prefix in prefixes}

        return self._index.answer(ask)

    def all(self) -> list[bytes]:
        """Return all records, in order."""

        def ask() -> list[bytes]:
            bits, _, count = self._current()
            pieces = self._read(range(1 << bits))
            found = [record for piece in range(1 << bits) for record in pieces[piece]]
            if len(found) != count:
                raise self._index.file.damaged()
            return found

        return self._index.answer(ask)

    def _current(self) -> tuple[int, int, int]:
        """Return the layout: the bits that tell the piece, the length of a record, and how many there are."""
        file = self._index.file
        if self._seen is not file.seen:
            kept = self._index.find_meta(self._meta)
            if kept is None:
                raise file.damaged()
            self._pieces = {}
            bits, size, count = json.loads(kept)
            self._layout = (bits, size, count)
            self._seen = file.seen
        return self._layout

    def _read(self, pieces: Iterable[int]) -> dict[int, list[bytes]]:
        wanted = [piece for piece in pieces if piece not in self._pieces]
        bits, size, _ = self._layout
        first = self._number << _PIECES
        for start in range(0, len(wanted), AT_ONCE):
            some = [first + piece for piece in wanted[start : start + AT_ONCE]]
            marks = ",".join("?" * len(some))
            question = f"SELECT id, body, checksum FROM pieces WHERE id IN ({marks})"  # noqa: S608 - marks alone
            for key, body, checksum in self._index.file.rows(question, *some):
                if checksum != _checksum(key, bits, body):
                    raise self._index.file.damaged()
                self._pieces[key - first] = [body[at : at + size] for at in range(0, len(body), size)]
        if any(piece not in self._pieces for piece in wanted):
            raise self._index.file.damaged()
        return self._pieces

    def _put(self, layout: tuple[int, int, int], pieces: Iterable[tuple[int, Sequence[bytes]]]) -> None:
        bits = layout[0]
        first = self._number << _PIECES
        bodies = ((first + piece, b"".join(records)) for piece, records in pieces)
        rows = ((key, body, _checksum(key, bits, body)) for key, body in bodies)
        self._index.file.put_many("INSERT OR REPLACE INTO pieces VALUES (?, ?, ?)", rows)
        self._index.put_meta(self._meta, json.dumps(layout))


def _piece_of(record: bytes, bits: int) -> int:
    return int.from_bytes(record[:4], "big") >> _ID_BITS - bits


def _beginning(records: Sequence[bytes], prefix: bytes) -> list[bytes]:
    found = []
    for at in range(bisect_left(records, prefix), len(records)):
        if not records[at].startswith(prefix):
            break
        found.append(records[at])
    return found


def _checksum(key: int, bits: int, body: object) -> int | None:
    """Return the checksum of a piece; with the layout, for under another one a record has another piece."""
    return zlib.crc32(body, key * 64 + bits & 0xFFFFFFFF) if isinstance(body, bytes) else None
