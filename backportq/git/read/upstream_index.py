"""Which commits the part of upstream's history below the branches holds, and under which subjects, however long it is.

The commits after the branch points are read in full elsewhere; this index answers for the far larger rest, from sorted
ids and checksums of subjects, 24 bytes a commit, that are cached. That part never changes while the branches stay the
same, so nothing is ever added to an index. It must not keep messages in memory.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import partial
from itertools import islice
from operator import itemgetter

from backportq.git.background import Background
from backportq.git.cache import Cache
from backportq.git.read.history import Reading, start_walk
from backportq.git.read.lookup import read_commits
from backportq.git.repository import Repository
from backportq.model.history.subjects import normal_subject, normal_subject_of
from backportq.model.ids import Oid
from backportq.model.progress import advance

_BLOB = "upstream-index-3"
_HEADER = struct.Struct("=32sIQ")  # tip, bytes of an id, number of ids; native order: the file never leaves its machine
_KEY_BYTES = 4
_MAX_SAME_SUBJECT = 1_000
_SECONDS_TO_TELL = 0.1
_FOLDED = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ\t\r\v\f", b"abcdefghijklmnopqrstuvwxyz    ")


class UpstreamIndex:
    """The commits that `tip` reaches; none where it is None.

    Reading starts with the object, goes on beside everything else, and is waited for by the first question.
    """

    def __init__(self, repository: Repository, cache: Cache, tip: Oid | None) -> None:
        """Start reading unless the cache knows."""
        self._repository = repository
        self._cache = cache
        self._tip = tip
        self._size = 0 if tip is None else len(tip) // 2
        self._width = self._size + _KEY_BYTES
        self._records = b""  # each an id and the checksum of its subject, in the order of the ids
        self._reading: Reading | None = None
        self._making: Background[bytes] | None = None
        self._unsorted: list[str] = []
        self._contained: dict[Oid, bool] = {}
        self._subjects: dict[str, tuple[Oid, ...]] = {}
        if tip is not None and not self._load(tip):
            options = ("--no-commit-header", "--format=%H %s", "--encoding=UTF-8")
            self._reading = start_walk(repository, (tip,), (), *options)
            self._making = Background(partial(_make, self._reading, self._size * 2, self._unsorted))

    @property
    def is_read(self) -> bool:
        """Whether an answer needs no waiting."""
        return self._making is None or self._making.is_done

    def contains(self, oid: Oid) -> bool:
        """Tell whether the index holds the commit `oid`."""
        self._finish()
        found = self._contained.get(oid)
        if found is None:
            wanted = bytes.fromhex(oid)
            count = len(self)
            place = bisect_left(range(count), wanted, key=self._id_at)
            found = self._contained[oid] = place < count and self._id_at(place) == wanted
        return found

    def __len__(self) -> int:
        """Return how many commits there are."""
        self._finish()
        return len(self._records) // self._width

    def find_subject(self, subject: str) -> tuple[Oid, ...]:
        """Return the commits with exactly this subject (ignoring case and spacing), in no order."""
        self._finish()
        wanted = normal_subject(subject)
        if wanted not in self._subjects:
            places = self._places_of(zlib.crc32(wanted.encode("utf-8", "replace")))
            candidates = [Oid(self._id_at(place).hex()) for place in islice(places, _MAX_SAME_SUBJECT)]
            commits = read_commits(self._repository, candidates)
            self._subjects[wanted] = tuple(
                oid for oid, commit in commits.items() if normal_subject_of(commit) == wanted
            )
        return self._subjects[wanted]

    def close(self) -> None:
        """Stop a reading that nobody waited for."""
        reading, self._making, self._reading = self._reading, None, None
        if reading is not None:
            reading.abandon()

    def __del__(self) -> None:
        """Stop a reading whose result nobody can ask for any more."""
        if hasattr(self, "_reading"):  # starting it may have failed
            self.close()

    def _finish(self) -> None:
        """Read to the end what git was started for, and keep the result."""
        if self._making is not None:
            # Said by whoever waits, and not beside: nothing may come between the lines of a result.
            while not self._making.wait(_SECONDS_TO_TELL):
                advance("reading the older history", len(self._unsorted))
            self._records = self._making.result()
            self._making = self._reading = None
            self._save()

    def _id_at(self, place: int) -> bytes:
        start = place * self._width
        return self._records[start : start + self._size]

    def _places_of(self, key: int) -> Iterator[int]:
        """Yield the places of the commits whose subject has this checksum."""
        # Few subjects are asked for, so that they need not be sorted.
        wanted = key.to_bytes(_KEY_BYTES, "big")
        position = self._records.find(wanted)
        while position != -1:
            place, offset = divmod(position, self._width)
            if offset == self._size:
                yield place
            position = self._records.find(wanted, position + 1)

    def _load(self, tip: Oid) -> bool:
        """Take over the cached index if it was made for `tip`."""
        body = self._cache.read(_BLOB)
        if body is None or len(body) < _HEADER.size:
            return False
        known, size, count = _HEADER.unpack_from(body)
        if size != self._size or known[:size].hex() != tip or len(body) != _HEADER.size + count * self._width:
            return False
        self._records = body[_HEADER.size :]
        return True

    def _save(self) -> None:
        if self._tip is not None:
            header = _HEADER.pack(bytes.fromhex(self._tip), self._size, len(self))
            self._cache.write(_BLOB, header + self._records)


def _make(reading: Reading, digits: int, records: list[str]) -> bytes:
    """Return the records, in the order of the ids, of what `git rev-list` prints; `digits` is the length of an id.

    `records` takes them up as they come, for others to see how many there are.
    """
    rest = b""
    for chunk in reading.chunks():
        block, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            records += _records(block, digits)
    records.sort()
    made = bytes.fromhex("".join(records))
    records.clear()
    return made


def _records(block: bytes, digits: int) -> Iterator[str]:
    """Yield the hexadecimal record of each line `ID SUBJECT`; `digits` is the length of an id."""
    # Everything by the thousand: a loop of our own over all lines would take as long as git's walk.
    pieces = block.translate(_FOLDED).split(b"  ")
    if len(pieces) > 1:
        pieces = [pieces[0], *filter(None, (piece.lstrip(b" ") for piece in pieces[1:]))]
    lines = b" ".join(pieces).split(b"\n")
    keys = array("I", map(zlib.crc32, map(itemgetter(slice(digits + 1, None)), lines)))
    if sys.byteorder == "little":
        keys.byteswap()
    key_digits = keys.tobytes().hex()
    ids = map(itemgetter(slice(digits)), block.decode("latin-1").split("\n"))
    places = range(0, len(key_digits), 2 * _KEY_BYTES)
    return (oid + key_digits[place : place + 2 * _KEY_BYTES] for oid, place in zip(ids, places, strict=True))
