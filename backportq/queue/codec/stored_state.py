"""The queue's value on top of the files it is stored in: each branch is parsed when it is first looked at.

A command about one branch then pays for one file, and the record of closed items, which only grows, costs nothing until
it is needed. It must not write, and it hides nothing: what is looked at is validated as a whole file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from backportq.errors import BackportqError, ConfigError, QueueFileError
from backportq.git.read.queue_files import StoredFiles, read_blobs
from backportq.git.repository import Repository
from backportq.model.declared import NO_EXTRA
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.model.people.people import People
from backportq.model.words import typed
from backportq.queue.codec.config import CONFIG_FILE, read_config
from backportq.queue.codec.items import ItemFile, read_items
from backportq.queue.codec.paths import branch_of, closed_path, open_path
from backportq.queue.codec.people import PEOPLE_FILE, read_people
from backportq.queue.toml.reader import TomlSource

_MOST_PARSED = 200
_parsed_files: dict[tuple[Oid, str], ItemFile] = {}
"""The files that were parsed last, by the id of their content and their path."""


class StoredBranchQueue(BranchQueue):
    """A `BranchQueue` whose files are parsed on first use; equal to any other with the same items.

    `dataclasses.replace` makes a plain `BranchQueue` of it, for what was changed is stored nowhere.
    """

    __slots__ = ("_parsed", "_reader")
    _reader: StateReader
    _parsed: dict[bool, ItemFile]

    def __new__(cls, *fields: Any, **changed: Any) -> Any:
        """Return the plain queue with these fields; `of` makes a stored one."""
        return BranchQueue(*fields, **changed)

    @classmethod
    def of(cls, branch: BranchName, reader: StateReader) -> StoredBranchQueue:
        """Return the queue of `branch` as the files of `reader` have it."""
        made = object.__new__(cls)
        object.__setattr__(made, "branch", branch)
        object.__setattr__(made, "_reader", reader)
        object.__setattr__(made, "_parsed", {})
        return made

    @property
    def open(self) -> tuple[Item, ...]:
        """The items of the open file."""
        return self._file(closed=False).items

    @property
    def closed(self) -> tuple[Item, ...]:
        """The items of the closed file."""
        return self._file(closed=True).items

    @property
    def extra(self) -> Mapping[str, object]:
        """The unknown keys of the open file."""
        return self._file(closed=False).extra

    @property
    def closed_extra(self) -> Mapping[str, object]:
        """The unknown keys of the closed file."""
        return self._file(closed=True).extra

    @property
    def file_ids(self) -> tuple[str, str]:
        """The object ids of the open and the closed file, empty where there is none."""
        return self._reader.file_ids(self.branch)

    def find(self, commit: Oid) -> Item | None:
        """Return the item of this commit, open or closed, or None; a file that does not name it is not parsed."""
        for is_closed in (False, True):
            if self._reader.mentions(self.branch, is_closed, commit):
                items = self.closed if is_closed else self.open
                found = next((item for item in items if item.commit == commit), None)
                if found is not None:
                    return found
        return None

    def mentions(self, commit: Oid) -> bool:
        """Tell whether the files name this commit at all."""
        return any(self._reader.mentions(self.branch, is_closed, commit) for is_closed in (False, True))

    def may_have(self, key: str) -> bool:
        """Tell whether any open item may have this key; false means that certainly none has."""
        return self._reader.may_have(self.branch, key)

    def _file(self, *, closed: bool) -> ItemFile:
        file = self._parsed.get(closed)
        if file is None:
            file = self._parsed[closed] = self._reader.items(self.branch, closed)
        return file

    def __eq__(self, other: object) -> bool:
        """Compare with any `BranchQueue`, stored or not."""
        if self is other:
            return True
        if not isinstance(other, BranchQueue):
            return NotImplemented
        return (self.branch, self.open, self.closed, self.extra, self.closed_extra) == (
            other.branch,
            other.open,
            other.closed,
            other.extra,
            other.closed_extra,
        )

    def __hash__(self) -> int:
        """Hash what identifies a queue without parsing it."""
        return hash(self.branch)


class _StoredBranches(Mapping[BranchName, BranchQueue]):
    """The queues of all branches that have a file."""

    def __init__(self, reader: StateReader, names: tuple[BranchName, ...]) -> None:
        self._queues = {name: StoredBranchQueue.of(name, reader) for name in names}

    def __getitem__(self, branch: BranchName) -> BranchQueue:
        return self._queues[branch]

    def __iter__(self) -> Iterator[BranchName]:
        return iter(self._queues)

    def __len__(self) -> int:
        return len(self._queues)


class StateReader:
    """Reads the state out of stored files."""

    def __init__(self, repository: Repository, files: StoredFiles) -> None:
        self._repository = repository
        self._files = files
        self._read: dict[str, bytes] = {}

    def state(self) -> QueueState:
        """Return the whole state; configuration and people are parsed now, the branches when they are looked at."""
        source = self._source(CONFIG_FILE)
        if source is None:
            raise ConfigError(
                f"the queue has no '{CONFIG_FILE}'",
                hints=(
                    "backportq log shows what happened to it",
                    "backportq undo takes that back, if it was the last change",
                ),
            )
        config = read_config(source)
        people = self._source(PEOPLE_FILE)
        ours = [branch_of(path) for path in self._files.paths()]
        names = tuple(dict.fromkeys(found[0] for found in ours if found is not None))
        return QueueState(config, People() if people is None else read_people(people), _StoredBranches(self, names))

    def branch(self, name: BranchName) -> BranchQueue:
        """Return the queue of one branch, whatever stands in the configuration."""
        return StoredBranchQueue.of(name, self)

    def file_ids(self, branch: BranchName) -> tuple[str, str]:
        """Return the object ids of the open and the closed file of a branch, empty where there is none."""
        entries = (self._files.find(path) for path in (open_path(branch), closed_path(branch)))
        opened, closed = ("" if entry is None else str(entry.oid) for entry in entries)
        return opened, closed

    def mentions(self, branch: BranchName, closed: bool, commit: Oid) -> bool:  # noqa: FBT001 - as in `items`
        """Tell whether a file of a branch names this commit."""
        content = self._content(closed_path(branch) if closed else open_path(branch))
        return content is not None and commit.encode("ascii") in content

    def may_have(self, branch: BranchName, key: str) -> bool:
        """Tell whether the open file of a branch may have this key anywhere."""
        content = self._content(open_path(branch))
        # A key may be written with escapes, by hand.
        return content is not None and (key.encode("ascii") in content or b"\\u" in content.lower())

    def items(self, branch: BranchName, closed: bool) -> ItemFile:  # noqa: FBT001 - the loader's fixed signature
        """Return the content of one file of a branch; nothing where it does not exist."""
        path = closed_path(branch) if closed else open_path(branch)
        entry = self._files.find(path)
        if entry is None:
            return ItemFile(branch, (), NO_EXTRA)
        # By content: the states of a queue at neighbouring commits share nearly all files, and the log compares such.
        key = (entry.oid, path)
        if key not in _parsed_files:
            if len(_parsed_files) >= _MOST_PARSED:
                _parsed_files.clear()
            _parsed_files[key] = read_items(self._source_at(path), branch, closed=closed)
        return _parsed_files[key]

    def _source_at(self, path: str) -> TomlSource:
        source = self._source(path)
        if source is None:  # pragma: no cover - asked for paths that have an entry
            raise _no_file(path)
        return source

    def _source(self, path: str) -> TomlSource | None:
        content = self._content(path)
        return None if content is None else source_of(path, content)

    def _content(self, path: str) -> bytes | None:
        entry = self._files.find(path)
        if entry is None:
            return None
        if not entry.is_file:
            raise _no_file(path)
        content = self._files.content.get(path) or self._read.get(path)
        if content is None:
            content = self._read[path] = read_blobs(self._repository, [entry.oid])[entry.oid]
        return content


def parse_branches(state: QueueState, paths: Iterable[str]) -> None:
    """Look at the files among `paths` that hold items, so that what is wrong in them is raised now."""
    for path in paths:
        ours = branch_of(path)
        if ours is not None:
            queue = state.queue_of(ours[0])
            both = {item.commit for item in queue.open}.intersection(item.commit for item in queue.closed)
            if both:
                raise QueueFileError(
                    f"'{min(both)}' stands in '{open_path(ours[0])}' and in '{closed_path(ours[0])}', wanted in one",
                    hints=(f"backportq edit {typed(ours[0])}",),
                )


def source_of(path: str, content: bytes) -> TomlSource:
    """Return a file of the queue with the command that mends it."""
    ours = branch_of(path)
    if ours is None:
        return TomlSource(path, content, f"backportq edit {path.removesuffix('.toml')}", is_config=True)
    closed = " --closed" if ours[1] else ""
    return TomlSource(path, content, f"backportq edit{closed} {typed(ours[0])}")


def _no_file(path: str) -> BackportqError:
    return QueueFileError(f"'{path}' is no plain file, wanted one", hints=("git log -p shows who changed the queue",))
