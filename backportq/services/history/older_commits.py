"""Upstream's history below the range in which branches differ: which commits it holds, and under which subjects.

It is far the larger part, and it stays the same until the range moves; so it is read once and kept in the index. This
module must not keep messages.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter

from backportq.git.background import Background
from backportq.git.read.history import start_walk
from backportq.git.read.lookup import read_commits
from backportq.git.repository import Repository
from backportq.model.change_names import names_in_subject, names_of
from backportq.model.commit import Commit
from backportq.model.history.subjects import normal_subject, normal_subject_of
from backportq.model.ids import Oid
from backportq.model.progress import advance, overheard
from backportq.services.history.index import Index
from backportq.services.history.record_sets import RecordSet

_OLDER = "older"
_WHAT = "reading the older history"
_IDS, _SUBJECTS, _NAMES = (3, "older"), (4, "older-subjects"), (5, "older-names")
_ATTEMPTS = 3
KEY_BYTES = 4
"""The bytes of a checksum, with which records begin."""

Records = tuple[list[bytes], list[bytes], list[bytes]]
"""What is kept of the commits: ids, ids after checksums of subjects, ids after checksums of other names."""

_MOST_WITH_ONE_SUBJECT = 1_000
_FOLDED = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ\t\r\v\f", b"abcdefghijklmnopqrstuvwxyz    ")


class OlderCommits:
    """The commits that all tips share, down from `floor`; none where it is None."""

    def __init__(
        self, repository: Repository, index: Index, floor: Oid | None, reading: Background[Records] | None = None
    ) -> None:
        """Take them from the index, or read them into it: from a `reading` that was started for it, if there is one,
        when the first question is asked."""
        self._repository = repository
        self._index = index
        self._subjects: dict[str, tuple[Oid, ...]] = {}
        self._floor = floor
        self._reading = reading
        self._sets = [RecordSet(index, *each) for each in (_IDS, _SUBJECTS, _NAMES)]
        self._oids, self._with_subject, self._with_name = self._sets
        self._is_there = False
        if reading is None:
            self.finish()

    def finish(self) -> None:
        """Have them in the index."""
        if self._is_there:
            return
        for _ in range(_ATTEMPTS):
            self._is_there = has_older(self._index, self._floor)
            if self._is_there:
                self._index.restore_by(self._fill)
                return
            self._fill()
            self._index.file.look_again()
        raise self._index.file.leave()  # others, who look at other branches, write theirs again and again

    def _fill(self) -> None:
        reading, self._reading = self._reading, None
        if reading is None:
            records = _read(self._repository, self._floor)
        else:
            advance(_WHAT, 0)
            records = reading.result()
        with self._index.file.writing():
            for filled, these in zip(self._sets, records, strict=True):
                filled.fill(these)
            self._index.put_meta(_OLDER, self._floor or "")

    def __len__(self) -> int:
        """Return how many there are."""
        self.finish()
        return len(self._oids)

    def contains(self, oid: Oid) -> bool:
        """Tell whether `oid` is one of them."""
        self.finish()
        return bool(self._oids.starting_with(bytes.fromhex(oid)))

    def find_subject(self, subject: str) -> tuple[Oid, ...]:
        """Return those with exactly this subject (ignoring case and spacing), in no order."""
        self.finish()
        wanted = normal_subject(subject)
        if wanted not in self._subjects:
            commits = self._commits(self._with_subject, wanted)
            self._subjects[wanted] = tuple(
                oid for oid, commit in commits.items() if normal_subject_of(commit) == wanted
            )
        return self._subjects[wanted]

    def find_named(self, name: str) -> tuple[Oid, ...]:
        """Return those that are called so by their number or title, in no order."""
        self.finish()
        commits = self._commits(self._with_name, name)
        return tuple(oid for oid, commit in commits.items() if name in names_of(commit).others)

    def _commits(self, called: RecordSet, name: str) -> Mapping[Oid, Commit]:
        """Return those whose record in a set has the checksum of a name."""
        records = called.starting_with(key_bytes(subject_key(name)))[:_MOST_WITH_ONE_SUBJECT]
        return read_commits(self._repository, [Oid(record[KEY_BYTES:].hex()) for record in records])


def has_older(index: Index, floor: Oid | None) -> bool:
    """Tell whether the index holds the commits down from `floor`."""
    return index.find_meta(_OLDER) == (floor or "")


def subject_key(subject: str) -> int:
    """Return the checksum by which a comparable subject is found."""
    return zlib.crc32(subject.encode("utf-8", "replace"))


def key_bytes(key: int) -> bytes:
    """Return a checksum as records begin with it."""
    return key.to_bytes(KEY_BYTES, "big")


def start_reading_older(repository: Repository, index: Index, floor: Oid | None) -> Background[Records] | None:
    """Start reading the commits down from `floor` beside other work, if the index does not hold them."""
    return None if has_older(index, floor) else Background(lambda: _read_unheard(repository, floor))


def _read_unheard(repository: Repository, floor: Oid | None) -> Records:
    """Do as `_read`, and let the work beside it tell how far it is."""
    with overheard(lambda *_: None):
        return _read(repository, floor)


def _read(repository: Repository, floor: Oid | None) -> Records:
    """Return the ids that `floor` reaches, the same after the checksums of their subjects, and after those of the
    further names that subjects tell."""
    if floor is None:
        return [], [], []
    options = ("--no-commit-header", "--format=%H %s", "--encoding=UTF-8")
    reading = start_walk(repository, (floor,), (), *options)
    id_length = len(floor)
    records: list[bytes] = []
    subjects: list[bytes] = []
    names: list[bytes] = []
    rest = b""
    for chunk in reading.chunks():
        block, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            lines = _lines(block)
            ids = list(map(bytes.fromhex, map(itemgetter(slice(id_length)), block.decode("latin-1").split("\n"))))
            records += ids
            keys = map(zlib.crc32, map(itemgetter(slice(id_length + 1, None)), lines))
            subjects += map(bytes.__add__, map(key_bytes, keys), ids)
            names += _names(ids, lines, id_length + 1)
            advance(_WHAT, len(records))
    return records, subjects, list(dict.fromkeys(names))


def _lines(block: bytes) -> list[bytes]:
    """Return the lines `ID SUBJECT` of a block with their subjects as they are compared."""
    # Everything by the thousand: a loop of our own over all lines would take as long as git's walk.
    pieces = block.translate(_FOLDED).split(b"  ")
    if len(pieces) > 1:
        pieces = [pieces[0], *filter(None, (piece.lstrip(b" ") for piece in pieces[1:]))]
    return b" ".join(pieces).split(b"\n")


def _names(ids: Sequence[bytes], lines: Sequence[bytes], start: int) -> Iterator[bytes]:
    """Yield the records of the names that the subjects tell, which begin at `start` of the lines."""
    for place, line in enumerate(lines):
        if line.endswith(b")") or line.startswith(b"merge ", start):
            for name in names_in_subject(line[start:]):
                yield key_bytes(subject_key(name)) + ids[place]
