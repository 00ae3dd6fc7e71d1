"""The commits of the range as the index has them, read when they are asked for.

Their order, which tips reach them, and what they are called come from the index; messages come from git, many at once
where the caller says so. This module must not find anything out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from backportq.git.index_file import IndexDamagedError
from backportq.git.read.history import order_of
from backportq.git.read.lookup import read_commits
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.history.subjects import normal_subject
from backportq.model.ids import Oid
from backportq.services.history.index import Index, key_of_facts
from backportq.services.history.older_commits import KEY_BYTES, OlderCommits, key_bytes, subject_key
from backportq.services.history.record_sets import RecordSet
from backportq.services.history.upstream import Upstream

_SETS = ("recent", "recent-subjects", "recent-names")
_PLACE_BYTES = 4
_NO_PLACE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class FoundName:
    """What an upstream commit is called: the checksum of its subject, or (`is_subject` false) of another name."""

    key: int
    place: int
    oid: Oid
    is_subject: bool


class RecentCommits(Mapping[Oid, int]):
    """The order of the upstream commits of the range, read when asked; and which tips reach any commit of it."""

    def __init__(self, index: Index, tip: Oid) -> None:
        """Ask the index, which has ids as long as that of upstream's tip."""
        self._sets = [RecordSet(index, number, name) for number, name in enumerate(_SETS)]
        self._commits, self._with_subject, self._with_name = self._sets
        self._id_bytes = len(tip) // 2
        self._known: dict[Oid, tuple[int | None, int] | None] = {}

    @property
    def is_empty(self) -> bool:
        """Whether all tips are one commit."""
        return len(self._commits) == 0

    def mask(self, oid: Oid) -> int | None:
        """Return the bits of the tips that reach a commit, None where it is not of the range."""
        found = self._find(oid)
        return None if found is None else found[1]

    def all(self) -> list[Oid]:
        """Return all commits of the range, of upstream and of the branches."""
        for record in self._commits.all():
            self._know(record)
        return [oid for oid, found in self._known.items() if found is not None]

    def prepare(self, oids: Iterable[Oid]) -> None:
        """Look these commits up at once."""
        unknown = [oid for oid in dict.fromkeys(oids) if oid not in self._known]
        for oid, records in self._commits.with_prefixes([bytes.fromhex(oid) for oid in unknown]).items():
            self._known[Oid(oid.hex())] = None
            for record in records:
                self._know(record)

    def with_subject(self, key: int) -> list[Oid]:
        """Return the upstream commits whose subject has this checksum, oldest first."""
        return self._called(self._with_subject, key)

    def with_name(self, key: int) -> list[Oid]:
        """Return the upstream commits that have a number or title with this checksum, oldest first."""
        return self._called(self._with_name, key)

    def fill(self, found: Iterable[tuple[Oid, int | None, int]], called: Iterable[FoundName], tips: int) -> None:
        """Keep these commits, each with its place in upstream's order and the bits of the `tips` that reach it, and
        what those of upstream are called; only while the index is written."""
        commits = list(found)
        mask_bytes = (tips + 7) // 8
        self._commits.fill(_commit_record(*each, mask_bytes) for each in commits)
        names = list(called)
        self._with_subject.fill(_name_record(each) for each in names if each.is_subject)
        self._with_name.fill({_name_record(each) for each in names if not each.is_subject})

    def add(self, found: Sequence[tuple[Oid, int | None, int]], called: Sequence[FoundName]) -> None:
        """Keep these as well."""
        mask_bytes = max(1, self._commits.record_bytes - self._id_bytes - _PLACE_BYTES)  # 1 where there were none
        self._commits.add([_commit_record(*each, mask_bytes) for each in found])
        self._with_subject.add([_name_record(each) for each in called if each.is_subject])
        self._with_name.add(list(dict.fromkeys(_name_record(each) for each in called if not each.is_subject)))

    def _called(self, names: RecordSet, key: int) -> list[Oid]:
        start = KEY_BYTES + _PLACE_BYTES
        return [Oid(record[start:].hex()) for record in names.starting_with(key_bytes(key))]

    def _know(self, record: bytes) -> None:
        end = self._id_bytes + _PLACE_BYTES
        place = int.from_bytes(record[self._id_bytes : end], "big")
        mask = int.from_bytes(record[end:], "big")
        self._known[Oid(record[: self._id_bytes].hex())] = (None if place == _NO_PLACE else place, mask)

    def _find(self, oid: Oid) -> tuple[int | None, int] | None:
        if oid not in self._known:
            self.prepare([oid])
        return self._known[oid]

    def __getitem__(self, oid: Oid) -> int:
        found = self._find(oid)
        if found is None or found[0] is None:
            raise KeyError(oid)
        return found[0]

    def get(self, oid: Oid, default: Any = None) -> Any:
        """Return the place of a commit, or `default`."""
        found = self._find(oid)
        return default if found is None or found[0] is None else found[0]

    def __contains__(self, oid: object) -> bool:
        return isinstance(oid, str) and self.get(Oid(oid)) is not None

    def __iter__(self) -> Iterator[Oid]:
        places = [(found[0], oid) for oid in self.all() if (found := self._known[oid]) and found[0] is not None]
        return iter([oid for _, oid in sorted(places)])

    def __len__(self) -> int:
        return len(self._with_subject)


class StoredCommits(Mapping[Oid, Commit]):
    """The commits of the range, read from git when they are asked; `load` many at once."""

    def __init__(
        self, repository: Repository, recent: RecentCommits, read_notes: Callable[[], Mapping[Oid, bytes]]
    ) -> None:
        self._repository = repository
        self._recent = recent
        self._read_notes = read_notes
        self._loaded: dict[Oid, Commit] = {}

    @cached_property
    def notes(self) -> Mapping[Oid, bytes]:
        """The notes that end the messages of commits."""
        return self._read_notes()

    def load(self, oids: Iterable[Oid]) -> None:
        """Read those of `oids` that belong to the range, by one git process."""
        wanted = [oid for oid in dict.fromkeys(oids) if oid not in self._loaded and oid in self]
        for oid, commit in read_commits(self._repository, wanted).items():
            self._loaded[oid] = commit.with_note_of(self.notes)

    def __getitem__(self, oid: Oid) -> Commit:
        if oid not in self._loaded:
            self.load([oid])
        return self._loaded[oid]

    def __contains__(self, oid: object) -> bool:
        return isinstance(oid, str) and self._recent.mask(Oid(oid)) is not None

    def __iter__(self) -> Iterator[Oid]:
        return iter(self._recent.all())

    def __len__(self) -> int:
        return len(self._recent.all())


class StoredUpstream(Upstream):
    """Upstream whose subjects are looked up in the index."""

    def __init__(self, tip: Oid, recent: RecentCommits, commits: StoredCommits, older: OlderCommits) -> None:
        super().__init__(tip, commits, recent, older)
        self.recent = recent
        self.stored = commits

    def with_subject(self, subject: str) -> Sequence[Oid]:
        """Return the commits of the range with this subject (ignoring case and spacing), oldest first."""
        wanted = normal_subject(subject)
        candidates = self.recent.with_subject(subject_key(wanted))
        self.stored.load(candidates)
        return [oid for oid in candidates if self.subject_of(oid) == wanted]

    def with_name(self, name: str) -> Sequence[Oid]:
        """Return the commits of the range that are called so by their number or title, oldest first."""
        candidates = self.recent.with_name(subject_key(name))
        self.stored.load(candidates)
        return [oid for oid in candidates if name in self.other_names_of(oid)]


def _commit_record(oid: Oid, place: int | None, mask: int, mask_bytes: int) -> bytes:
    place_bytes = (_NO_PLACE if place is None else place).to_bytes(_PLACE_BYTES, "big")
    return bytes.fromhex(oid) + place_bytes + mask.to_bytes(mask_bytes, "big")


def _name_record(found: FoundName) -> bytes:
    return key_bytes(found.key) + found.place.to_bytes(_PLACE_BYTES, "big") + bytes.fromhex(found.oid)


def upstream_order(repository: Repository, tip: Oid, oids: Collection[Oid]) -> Mapping[Oid, int]:
    """Return the place of each of `oids` in the history of upstream's `tip`, oldest smallest; what upstream does not
    have is absent.

    The index answers where it knows the tip, whatever else moved since: a decision must not wait until it is up to
    date. Git does otherwise, by walking all of upstream.
    """
    kept = _kept_order(repository, tip, oids)
    return order_of(repository, tip, oids) if kept is None else kept


def _kept_order(repository: Repository, tip: Oid, oids: Collection[Oid]) -> Mapping[Oid, int] | None:
    """Return the same out of the index, None where it does not have all of them."""
    places: dict[Oid, int] = {}
    try:
        index = Index(repository)
        if not (key_of_facts(index) or "").endswith(f" {tip}"):
            return None
        recent = RecentCommits(index, tip)
        recent.prepare(oids)
        for oid in oids:
            if recent.mask(oid) is None:
                return None  # older than the range, or not of this history
            if oid in recent:
                places[oid] = recent[oid]
    except IndexDamagedError:
        return None
    return places
