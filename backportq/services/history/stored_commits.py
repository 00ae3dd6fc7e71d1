"""The commits of the range as the index has them, read when they are asked for.

Their order, which tips reach them, and what they are called come from the index; messages come from git, many at once
where the caller says so. This module must not find anything out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from backportq.git.index_file import IndexDamagedError
from backportq.git.read.history import order_of
from backportq.git.read.lookup import read_commits
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.history.subjects import normal_subject
from backportq.model.ids import Oid
from backportq.services.history.index import AT_ONCE, Index, key_of_facts
from backportq.services.history.older_commits import OlderCommits, subject_key
from backportq.services.history.upstream import Upstream


class RecentCommits(Mapping[Oid, int]):
    """The order of the upstream commits of the range, read when asked; and which tips reach any commit of it."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: dict[Oid, tuple[int | None, int] | None] = {}

    def mask(self, oid: Oid) -> int | None:
        """Return the bits of the tips that reach a commit, None where it is not of the range."""
        found = self._find(oid)
        return None if found is None else found[1]

    def all(self) -> list[Oid]:
        """Return all commits of the range, of upstream and of the branches."""
        for oid, place, mask in self._index.rows("SELECT oid, place, mask FROM recent"):
            self._known[Oid(oid.hex())] = (place, int(mask, 16))
        return [oid for oid, found in self._known.items() if found is not None]

    def prepare(self, oids: Iterable[Oid]) -> None:
        """Look these commits up at once."""
        unknown = [oid for oid in dict.fromkeys(oids) if oid not in self._known]
        self._known |= dict.fromkeys(unknown)
        for start in range(0, len(unknown), AT_ONCE):
            some = [bytes.fromhex(oid) for oid in unknown[start : start + AT_ONCE]]
            marks = ",".join("?" * len(some))
            question = f"SELECT oid, place, mask FROM recent WHERE oid IN ({marks})"  # noqa: S608 - marks alone
            for oid, place, mask in self._index.rows(question, *some):
                self._known[Oid(oid.hex())] = (place, int(mask, 16))

    def with_subject(self, key: int) -> list[Oid]:
        """Return the upstream commits whose subject has this checksum, oldest first."""
        rows = self._index.rows("SELECT oid FROM recent WHERE subject = ? ORDER BY place", key)
        return [Oid(row[0].hex()) for row in rows]

    def with_name(self, key: int) -> list[Oid]:
        """Return the upstream commits that have a number or title with this checksum, oldest first."""
        question = "SELECT oid FROM recent_names JOIN recent USING (oid) WHERE name = ? ORDER BY place"
        return [Oid(row[0].hex()) for row in self._index.rows(question, key)]

    def _find(self, oid: Oid) -> tuple[int | None, int] | None:
        if oid not in self._known:
            rows = self._index.rows("SELECT place, mask FROM recent WHERE oid = ?", bytes.fromhex(oid))
            self._known[oid] = (rows[0][0], int(rows[0][1], 16)) if rows else None
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
        rows = self._index.rows("SELECT oid FROM recent WHERE place IS NOT NULL ORDER BY place")
        return iter([Oid(row[0].hex()) for row in rows])

    def __len__(self) -> int:
        found: int = self._index.rows("SELECT count(place) FROM recent")[0][0]
        return found


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
        self._recent = recent
        self._stored = commits

    def with_subject(self, subject: str) -> Sequence[Oid]:
        """Return the commits of the range with this subject (ignoring case and spacing), oldest first."""
        wanted = normal_subject(subject)
        candidates = self._recent.with_subject(subject_key(wanted))
        self._stored.load(candidates)
        return [oid for oid in candidates if self.subject_of(oid) == wanted]

    def with_name(self, name: str) -> Sequence[Oid]:
        """Return the commits of the range that are called so by their number or title, oldest first."""
        candidates = self._recent.with_name(subject_key(name))
        self._stored.load(candidates)
        return [oid for oid in candidates if name in self.other_names_of(oid)]


def put_names(index: Index, names: Iterable[tuple[Oid, str]]) -> None:
    """Keep what upstream commits of the range are called besides their subject; only while the index is written."""
    rows = ((subject_key(name), bytes.fromhex(oid)) for oid, name in names)
    index.file.put_many("INSERT OR IGNORE INTO recent_names VALUES (?, ?)", rows)


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
        for oid in oids:
            rows = index.rows("SELECT place FROM recent WHERE oid = ?", bytes.fromhex(oid))
            if not rows:
                return None  # older than the range, or not of this history
            if rows[0][0] is not None:
                places[oid] = rows[0][0]
    except IndexDamagedError:
        return None
    return places
