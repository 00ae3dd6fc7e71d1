"""The files of one branch, read without a checkout by a single `git cat-file --batch`.

The queue is read on every command, so this is one process whatever the number of files. It works the same in bare
repositories and worktrees.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.repository import Repository
from backportq.model.ids import Oid

_MAX_TREES = 20_000
_MAX_BLOB = 256 << 20
_TREE_MODE = "40000"
_FILE_MODES = frozenset({"100644", "100755", "100664"})
_HEADER_FIELDS = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tree: git's octal mode without leading zero, and the id of the blob or tree."""

    mode: str
    oid: Oid

    @property
    def is_tree(self) -> bool:
        """Whether it is a folder."""
        return self.mode == _TREE_MODE

    @property
    def is_file(self) -> bool:
        """Whether it is a plain file, neither a symbolic link nor a submodule."""
        return self.mode in _FILE_MODES


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """A commit's files. `folders` maps each folder that was read (`""` is the top) to its entries, `content` each path
    whose bytes were asked for to these bytes."""

    commit: Oid
    tree: Oid
    parents: tuple[Oid, ...]
    folders: Mapping[str, Mapping[str, Entry]]
    content: Mapping[str, bytes]

    def find(self, path: str) -> Entry | None:
        """Return the entry at `path` if its folder was read and has it."""
        folder, _, name = path.rpartition("/")
        return self.folders.get(folder, {}).get(name)

    def paths(self) -> Iterable[str]:
        """Yield the paths of all entries that are no folders, in git's order within each folder."""
        for folder, entries in self.folders.items():
            for name, entry in entries.items():
                if not entry.is_tree:
                    yield f"{folder}/{name}" if folder else name


def read_files(
    repository: Repository, revision: str, *, folders: tuple[str, ...] | None, wanted: Callable[[str], bool]
) -> StoredFiles | None:
    """Return the files of the commit that `revision` (an id or a full ref name) is; None where it does not exist.

    The top and `folders` (None: every one) are read, the latter with all below; bytes are read of the files whose path
    is `wanted`.
    """
    with _Batch(repository) as batch:
        found = batch.ask(f"{revision}^{{commit}}")
        if found is None:
            return None
        commit, raw = found
        tree, parents = _links(raw)
        read: dict[str, dict[str, Entry]] = {}
        inside = _below(folders or ())
        _read_folder(batch, "", tree, read, lambda path: folders is None or path in folders or path.startswith(inside))
        content: dict[str, bytes] = {}
        files = StoredFiles(commit, tree, parents, read, content)
        for path in list(files.paths()):
            entry = files.find(path)
            if entry is not None and entry.is_file and wanted(path):
                content[path] = batch.bytes_of(entry.oid)
        return files


def read_blobs(repository: Repository, oids: Iterable[Oid]) -> dict[Oid, bytes]:
    """Return the bytes of these blobs; raise `RepositoryError` if one is missing."""
    with _Batch(repository) as batch:
        return {oid: batch.bytes_of(oid) for oid in dict.fromkeys(oids)}


def queue_git_environment() -> dict[str, str]:
    """Return variables for every git process on the queue: replacement objects must not stand in for its commits."""
    return {"GIT_NO_REPLACE_OBJECTS": "1"}


def _below(folders: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{folder}/" for folder in folders)


def _read_folder(
    batch: _Batch, path: str, tree: Oid, read: dict[str, dict[str, Entry]], enter: Callable[[str], bool]
) -> None:
    waiting = [(path, tree)]
    while waiting:
        folder, oid = waiting.pop()
        if len(read) >= _MAX_TREES:
            raise RepositoryError(f"the queue has more than {_MAX_TREES} folders")
        entries = _entries(batch.bytes_of(oid), len(tree))
        read[folder] = entries
        for name, entry in entries.items():
            inner = f"{folder}/{name}" if folder else name
            if entry.is_tree and enter(inner):
                waiting.append((inner, entry.oid))


def _entries(raw: bytes, digits: int) -> dict[str, Entry]:
    entries = {}
    position, width = 0, digits // 2
    while position < len(raw):
        space = raw.index(b" ", position)
        end = raw.index(b"\0", space)
        name = raw[space + 1 : end].decode("utf-8", "surrogateescape")
        entries[name] = Entry(raw[position:space].decode("ascii"), Oid(raw[end + 1 : end + 1 + width].hex()))
        position = end + 1 + width
    return entries


def _links(raw: bytes) -> tuple[Oid, tuple[Oid, ...]]:
    headers = raw.partition(b"\n\n")[0].split(b"\n")
    tree = Oid(headers[0].removeprefix(b"tree ").decode("ascii"))
    return tree, tuple(Oid(line[7:].decode("ascii")) for line in headers if line.startswith(b"parent "))


class _Batch:
    """One running `git cat-file --batch`, asked one object at a time."""

    def __init__(self, repository: Repository) -> None:
        git = repository.git.with_env(**queue_git_environment())
        self._process = git.start("cat-file", "--batch", stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def ask(self, name: str) -> tuple[Oid, bytes] | None:
        """Return id and bytes of the object with this name; None if there is none."""
        to_git, from_git = self._pipes()
        try:
            to_git.write(name.encode("utf-8", "surrogateescape") + b"\n")
            to_git.flush()
        except BrokenPipeError as error:
            raise GitFailedError("'git cat-file' ended while the queue was read") from error
        header = from_git.readline()
        fields = header.split()
        if len(fields) != _HEADER_FIELDS or not fields[2].isdigit():
            if fields and fields[-1] == b"missing":
                return None
            raise GitFailedError("'git cat-file' ended while the queue was read")
        size = int(fields[2])
        if size > _MAX_BLOB:
            raise RepositoryError(f"an object of the queue has {size >> 20} MiB, wanted at most {_MAX_BLOB >> 20} MiB")
        raw = from_git.read(size + 1)
        if len(raw) != size + 1:
            raise GitFailedError("'git cat-file' ended while the queue was read")
        return Oid(fields[0].decode("ascii")), raw[:-1]

    def bytes_of(self, oid: Oid) -> bytes:
        """Return the bytes of an object that must be there."""
        found = self.ask(oid)
        if found is None:
            raise RepositoryError(
                f"the queue's object '{oid}' is missing", hints=("git fsck shows what else the repository lacks",)
            )
        return found[1]

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process.stdin is None or self._process.stdout is None:  # pragma: no cover - started with both
            raise GitFailedError("'git cat-file' was started without pipes")
        return self._process.stdin, self._process.stdout
