"""The index: what was found out about the history once, for every command after it.

- `meta`: single values; among them the keys that say what the rest was made of.
- `entries`: values by section and key, in pieces of some thousand bytes, which the checksum of the key tells apart. The
  first is there even if it is empty, and each says how many there are.
- `pieces`: sets of short records, such as the ids of all commits; `backportq.services.history.record_sets` reads them.

What belongs to one key, a digest of all that it was derived from, is written together with it or not at all. Every row
has a checksum: a bit that flipped must not give another answer. This module must not know what the values mean.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar, overload

from backportq import __version__
from backportq.git.index_file import IndexDamagedError, IndexFile
from backportq.git.repository import Repository
from backportq.model.stored_values import as_json

_V = TypeVar("_V")
_Piece = tuple[int, dict[str, list[Any]]]
_PIECE = 2_000  # characters
AT_ONCE = 500  # keys in a question; SQLite takes no more than 999 values before 3.32

FACTS = "facts"
"""All sections whose names start so belong to one key."""

FACTS_KEY = "key"
"""Under this name stands the key of the facts; it ends with upstream's tip."""

_RULES = ("git", "model", "services")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pieces (id INTEGER PRIMARY KEY, body BLOB, checksum INTEGER);
CREATE TABLE IF NOT EXISTS entries (section TEXT, piece INTEGER, body TEXT, checksum INTEGER,
    PRIMARY KEY (section, piece))
"""


class Index:
    """The index of one repository; with `private` one that nobody else sees."""

    def __init__(self, repository: Repository, *, private: bool = False) -> None:
        self.file = IndexFile(repository, _SCHEMA, private=private)
        self._restore: list[Callable[[], object]] = []
        self._pieces: dict[tuple[str, int], _Piece] = {}
        self._seen = self.file.seen

    def restore_by(self, fill: Callable[[], object]) -> None:
        """Have `fill` called to write everything once more, should the file turn out to be damaged."""
        self._restore.append(fill)

    def answer(self, ask: Callable[[], _V]) -> _V:
        """Ask, and if the file is damaged fill a new one and ask again."""
        try:
            return ask()
        except IndexDamagedError:
            fillers, self._restore = self._restore, []
            if not fillers:
                raise
            for fill in fillers:
                fill()
            return ask()

    @contextlib.contextmanager
    def keeping(self) -> Iterator[None]:
        """Make one change of all that is put inside, for the commands to come; this one can do without."""
        with contextlib.suppress(IndexDamagedError), contextlib.ExitStack() as change:
            try:
                change.enter_context(self.file.writing())
            except IndexDamagedError:  # full, or locked for too long: from now on the file is a private one
                change.enter_context(self.file.writing())
            yield

    def find_meta(self, name: str) -> str | None:
        """Return what is kept under a name."""

        def ask() -> str | None:
            found = self.file.rows("SELECT value FROM meta WHERE name = ?", name)
            return self._sealed(name, found[0][0]) if found else None

        return self.answer(ask)

    def put_meta(self, name: str, value: str) -> None:
        """Keep something under a name."""
        self.file.put("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, _seal(name, value))

    def replace_meta(self, name: str, before: str, value: str) -> bool:
        """Keep something under a name that has `before`; tell whether it had."""
        statement = "UPDATE meta SET value = ? WHERE name = ? AND value = ?"
        return self.file.put(statement, _seal(name, value), name, _seal(name, before)) == 1

    def _sealed(self, name: str, kept: object) -> str:
        if isinstance(kept, str):
            value = kept.partition(" ")[2]
            if kept == _seal(name, value):
                return value
        raise self.file.damaged()

    def clear_section(self, section: str) -> None:
        """Forget a section and all sections below it."""
        self.file.put("DELETE FROM entries WHERE section = ? OR section GLOB ?", section, f"{section}/*")

    def put_entries(
        self, section: str, values: Iterable[tuple[str, object]], *, place_of: Callable[[str], int] | None = None
    ) -> None:
        """Keep values by key in place of what the section had, in the order in which they come or which the place of
        each tells."""
        self.file.put("DELETE FROM entries WHERE section = ?", section)
        placed = ((key, (place_of(key) if place_of else count, value)) for count, (key, value) in enumerate(values))
        rows = [(key, _text(key, each)) for key, each in placed]
        bits = (sum(len(row) for _, row in rows) // _PIECE).bit_length()
        shelves: dict[int, list[str]] = {piece: [] for piece in range(1 << bits)}
        for key, row in rows:
            shelves[_piece_of(key, bits)].append(row)
        self._put_pieces(section, bits, shelves)

    def change_entries(
        self, section: str, values: Iterable[tuple[str, object]], *, place_of: Callable[[str], int]
    ) -> None:
        """Keep these values besides those of other keys that the section has; None takes a key out. Questions are
        answered accordingly from now on, although they see nothing else that is written meanwhile."""
        first = self._piece(section, 0)
        if first is None:
            self.put_entries(section, values, place_of=place_of)
            return
        bits = first[0]
        changed: dict[int, dict[str, Any]] = {}
        for key, value in values:
            piece = _piece_of(key, bits)
            if piece not in changed:
                changed[piece] = dict(self._required_piece(section, piece)[1])
            if value is None:
                changed[piece].pop(key, None)
            else:
                changed[piece][key] = (place_of(key), value)
        shelves = {piece: [_text(key, each) for key, each in held.items()] for piece, held in changed.items()}
        known = self._known_pieces()
        for piece, body in self._put_pieces(section, bits, shelves):
            _, held = json.loads(body)
            known[section, piece] = (bits, held)

    def _put_pieces(self, section: str, bits: int, shelves: Mapping[int, Sequence[str]]) -> list[tuple[int, str]]:
        bodies = [(piece, f"[{bits},{{{','.join(texts)}}}]") for piece, texts in shelves.items()]
        self.file.put_many(
            "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)",
            ((section, piece, body, _checksum(section, str(piece), body)) for piece, body in bodies),
        )
        return bodies

    def find_entry(self, section: str, key: str) -> Any:
        """Return the value of a key as JSON has it, None where there is none."""
        return self.find_entries(section, [key]).get(key)

    def find_entries(self, section: str, keys: Sequence[str], *, is_there: bool = False) -> dict[str, Any]:
        """Return the values of those of `keys` that the section has; if it surely `is_there`, it has to be found."""

        def ask() -> dict[str, Any]:
            first = self._first_piece(section, is_there=is_there) if keys else None
            if first is None:
                return {}
            bits = first[0]
            if len(keys) >= 1 << bits:  # hardly a piece is left out; where each key stands need not be worked out
                wanted = frozenset(keys)
                every = self._all_pieces(section, bits)
                found = {key: value for held in every for key, (_, value) in held.items() if key in wanted}
                return {key: found[key] for key in keys if key in found}
            pieces = {
                piece: self._required_piece(section, piece)[1] for piece in {_piece_of(key, bits) for key in keys}
            }
            return {key: held[key][1] for key in keys if key in (held := pieces[_piece_of(key, bits)])}

        return self.answer(ask)

    def entry(self, section: str, key: str) -> Any:
        """Return the value of a key that belongs to what the index holds: where it is missing, the file is damaged."""

        def ask() -> Any:
            found = self.find_entry(section, key)
            if found is None:
                raise self.file.damaged()
            return found

        return self.answer(ask)

    def entries(self, section: str, *, is_there: bool = False) -> dict[str, Any]:
        """Return the values of a section by their keys, in the order in which they were put; if it surely `is_there`,
        it has to be found."""

        def ask() -> dict[str, Any]:
            first = self._first_piece(section, is_there=is_there)
            if first is None:
                return {}
            every = self._all_pieces(section, first[0])
            placed = sorted((place, key, value) for held in every for key, (place, value) in held.items())
            return {key: value for _, key, value in placed}

        return self.answer(ask)

    def _first_piece(self, section: str, *, is_there: bool) -> _Piece | None:
        return self._required_piece(section, 0) if is_there else self._piece(section, 0)

    def _required_piece(self, section: str, piece: int) -> _Piece:
        found = self._piece(section, piece)
        if found is None:
            raise self.file.damaged()
        return found

    def _piece(self, section: str, piece: int) -> _Piece | None:
        """Return a piece of a section: the bits that tell pieces apart, and the values with their places by key."""
        found = self._known_pieces().get((section, piece))
        if found is None:
            question = "SELECT body, checksum FROM entries WHERE section = ? AND piece = ?"
            rows = self.file.rows(question, section, piece)
            if not rows:
                return None
            found = self._pieces[section, piece] = self._read_piece(section, piece, *rows[0])
        return found

    def _all_pieces(self, section: str, bits: int) -> list[dict[str, list[Any]]]:
        """Return the values of all pieces of a section that is there."""
        known = self._known_pieces()
        if any((section, piece) not in known for piece in range(1 << bits)):
            for piece, *row in self.file.rows("SELECT piece, body, checksum FROM entries WHERE section = ?", section):
                if (section, piece) not in known:
                    known[section, piece] = self._read_piece(section, piece, *row)
        return [self._required_piece(section, piece)[1] for piece in range(1 << bits)]

    def _known_pieces(self) -> dict[tuple[str, int], _Piece]:
        """Return the pieces that were read or changed while questions see the same state."""
        if self._seen is not self.file.seen:
            self._pieces.clear()
        self._seen = self.file.seen
        return self._pieces

    def _read_piece(self, section: str, piece: int, body: object, checksum: object) -> _Piece:
        if not isinstance(body, str) or _checksum(section, str(piece), body) != checksum:
            raise self.file.damaged()
        bits, held = json.loads(body)
        return bits, held


def _text(key: str, placed: object) -> str:
    return f"{as_json(key)}:{as_json(placed)}"


def _piece_of(key: str, bits: int) -> int:
    return zlib.crc32(key.encode()) >> 32 - bits


def key_of_facts(index: Index) -> str | None:
    """Return the key of the facts that the index holds, None where it holds none."""
    return index.find_meta(FACTS_KEY)


@cache
def program_digest() -> str:
    """Return a digest of the files that hold the rules, as they are installed: a version alone doesn't tell one
    checkout of this program from the next."""
    digest = hashlib.sha256(__version__.encode())
    for folder in _RULES:
        top = Path(__file__).parent.parent.parent / folder
        for directory, _, names in sorted(os.walk(top)):
            for name in sorted(names):
                if name.endswith(".py"):
                    path = os.path.join(directory, name)  # noqa: PTH118 - a tenth of the cost of a Path
                    with contextlib.suppress(OSError):
                        status = os.stat(path)  # noqa: PTH116 - likewise
                        digest.update(f"{path} {status.st_mtime_ns} {status.st_size}\n".encode(errors="replace"))
    return digest.hexdigest()


class StoredMapping(Mapping[Any, _V]):
    """A section of the index as a mapping, read when asked; a value is made when it is looked at."""

    def __init__(self, index: Index, section: str, decode: Callable[[Any], _V]) -> None:
        self._index = index
        self._section = section
        self._decode = decode
        self._stored: dict[str, Any] = {}
        self._made: dict[str, _V] = {}
        self._is_whole = False

    def prepare(self, keys: Iterable[str]) -> None:
        """Read the values of these keys at once."""
        unknown = [] if self._is_whole else [key for key in dict.fromkeys(keys) if key not in self._stored]
        if unknown:
            self._stored |= dict.fromkeys(unknown)
            self._stored |= self._index.find_entries(self._section, unknown, is_there=True)

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value of a key, or `default`."""
        made = self._made.get(key)
        if made is None and key in self:
            made = self._made[key] = self._decode(self._stored[key])
        return default if made is None else made

    def __getitem__(self, key: Any) -> _V:
        found: _V | None = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str):
            return False
        if key not in self._stored:
            self.prepare([key])
        return self._stored.get(key) is not None

    def __iter__(self) -> Iterator[Any]:
        if not self._is_whole:
            self._stored = self._index.entries(self._section, is_there=True)
            self._is_whole = True
        return iter([key for key, stored in self._stored.items() if stored is not None])

    def __len__(self) -> int:
        return sum(1 for _ in self)


class StoredSequence(Sequence[Any]):
    """Values that are read when the first of them is asked for."""

    def __init__(self, read: Callable[[], Iterable[Any]]) -> None:
        self._read = read

    @cached_property
    def _values(self) -> tuple[Any, ...]:
        return tuple(self._read())

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        return self._values[place]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _seal(name: str, value: str) -> str:
    """Return a value with its checksum before it: a flipped bit must not give another value."""
    return f"{_checksum('', name, value):08x} {value}"


def _checksum(section: str, key: str, body: str) -> int:
    return zlib.crc32(f"{section} {key} {body}".encode())
