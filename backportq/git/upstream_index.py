"""Which commits the whole history of upstream holds, and under which subjects, for histories of any length.

The commits after the branch points are read in full elsewhere; this index answers for the far larger rest, from sorted
arrays of 8 bytes a commit that are cached and extended as upstream grows. It must not keep messages in memory.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice

from backportq.git.cache import Cache
from backportq.git.history import Reading, start_walk, without_network
from backportq.git.lookup import read_commits
from backportq.git.repository import Repository
from backportq.model.ids import Oid

_BLOB = "upstream-index-1"
_HEADER = struct.Struct("=32sIQ")  # tip, bytes of an id, number of ids; native order: the file never leaves its machine
_MAX_SAME_SUBJECT = 1_000


class UpstreamIndex:
    """The commits that `tip` reaches. Reading starts with the object and is waited for by the first question."""

    def __init__(self, repository: Repository, cache: Cache, tip: Oid) -> None:
        """Start reading what the cache does not know yet."""
        self._repository = repository
        self._cache = cache
        self._tip = tip
        self._size = len(tip) // 2
        self._ids = b""
        self._by_id: array[int] = array("Q")
        self._by_subject: array[int] = array("Q")
        self._reading: Reading | None = None
        self._subjects: dict[str, tuple[Oid, ...]] = {}
        known = self._load()
        if known != tip:
            self._reading = self._start(known)

    def contains(self, oid: Oid) -> bool:
        """Tell whether upstream reaches the commit `oid`."""
        self._finish()
        wanted = bytes.fromhex(oid)
        return any(self._id_at(place) == wanted for place in _places(self._by_id, _key_of_id(wanted)))

    def find_subject(self, subject: str) -> tuple[Oid, ...]:
        """Return the upstream commits with exactly this subject (ignoring case and spacing), in no order."""
        self._finish()
        wanted = normal_subject(subject)
        if wanted not in self._subjects:
            places = _places(self._by_subject, zlib.crc32(wanted.encode("utf-8", "replace")))
            candidates = [Oid(self._id_at(place).hex()) for place in islice(places, _MAX_SAME_SUBJECT)]
            commits = read_commits(self._repository, candidates)
            self._subjects[wanted] = tuple(
                oid for oid, commit in commits.items() if normal_subject(commit.subject) == wanted
            )
        return self._subjects[wanted]

    def close(self) -> None:
        """Stop a reading that nobody waited for."""
        if self._reading is not None:
            self._reading.abandon()
            self._reading = None

    def _start(self, known: Oid | None) -> Reading:
        if known is not None and not self._is_ancestor(known):
            self._ids, self._by_id, self._by_subject = b"", array("Q"), array("Q")
            known = None
        options = ("--no-commit-header", "--format=%H %s", "--encoding=UTF-8")
        excluded = () if known is None else (known,)
        return start_walk(self._repository, (self._tip,), excluded, *options, spooled=True)

    def _is_ancestor(self, known: Oid) -> bool:
        git = without_network(self._repository.git)
        return git.run("merge-base", "--is-ancestor", known, self._tip, ok=(0, 1, 128)).status == 0

    def _finish(self) -> None:
        """Read to the end what git was started for, merge it in, and keep the result."""
        reading, self._reading = self._reading, None
        if reading is None:
            return
        digits = self._size * 2
        crc, start = zlib.crc32, digits + 1
        ids = bytearray(self._ids)
        place = len(ids) // self._size
        subjects = self._by_subject
        for line in reading.parts(b"\n"):
            ids += bytes.fromhex(line[:digits].decode("ascii"))
            # Hardly any subject has white space to be made normal, and splitting all of them takes the longest here.
            text = line[start:] if b"  " not in line else b" ".join(line[start:].split())
            subjects.append(crc(text.lower()) << 32 | place)
            place += 1
        self._ids = bytes(ids)
        del ids
        # One list of all keys at a time: with a million commits each takes 40 MB while it is sorted.
        self._by_subject = array("Q", sorted(subjects))
        self._by_id = array("Q", sorted([key << 32 | place for place, key in enumerate(_keys(self._ids, self._size))]))
        self._save()

    def _id_at(self, place: int) -> bytes:
        return bytes(self._ids[place * self._size : (place + 1) * self._size])

    def _load(self) -> Oid | None:
        """Take over the cached index; return the tip it was made for."""
        body = self._cache.read(_BLOB)
        if body is None or len(body) < _HEADER.size:
            return None
        tip, size, count = _HEADER.unpack_from(body)
        if size != self._size or len(body) != _HEADER.size + count * (size + 16):
            return None
        start = _HEADER.size
        self._ids = body[start : start + count * size]
        self._by_id.frombytes(body[start + count * size : start + count * (size + 8)])
        self._by_subject.frombytes(body[start + count * (size + 8) :])
        return Oid(tip[:size].hex())

    def _save(self) -> None:
        header = _HEADER.pack(bytes.fromhex(self._tip), self._size, len(self._by_id))
        self._cache.write(_BLOB, b"".join((header, self._ids, self._by_id.tobytes(), self._by_subject.tobytes())))


def normal_subject(subject: str) -> str:
    """Return a subject as it is compared: ASCII letters in lower case, runs of white space as one space."""
    # ASCII only, so that bytes and text give the same; people change case in quotations, not scripts.
    return " ".join(subject.split()).encode("utf-8", "replace").lower().decode("utf-8", "replace")


def _keys(ids: bytes, size: int) -> Iterator[int]:
    return iter(memoryview(ids).cast("I")[:: size // 4])


def _key_of_id(raw: bytes) -> int:
    return int(struct.unpack_from("=I", raw)[0])


def _places(sorted_keys: array[int], key: int) -> Iterator[int]:
    """Yield the places stored with `key` in an array of `key << 32 | place`."""
    position = bisect_left(sorted_keys, key << 32)
    while position < len(sorted_keys) and sorted_keys[position] >> 32 == key:
        yield sorted_keys[position] & 0xFFFF_FFFF
        position += 1
