"""The files of the queue, and of what is published beside it, read without a checkout.

The queue is read on every command, through the repository's one open `git cat-file`: the number of files costs no
process. It works the same in bare repositories and worktrees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from backportq.errors import RepositoryError
from backportq.git.objects import ObjectLookup
from backportq.git.repository import Repository
from backportq.model.ids import Oid

_MAX_TREES = 20_000
_MAX_ENTRIES = 200_000  # in all folders; a few kilobytes of trees that hold each other can name billions
_TREE_MODE = "40000"
_FILE_MODES = frozenset({"100644", "100755", "100664"})


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
    reader = repository.reader
    found = reader.find(f"{revision}^{{commit}}")
    if found is None:
        return None
    tree, parents = _links(found.raw)
    read: dict[str, dict[str, Entry]] = {}
    inside = _below(folders or ())
    _read_folder(reader, "", tree, read, lambda path: folders is None or path in folders or path.startswith(inside))
    content: dict[str, bytes] = {}
    files = StoredFiles(found.oid, tree, parents, read, content)
    for path in list(files.paths()):
        entry = files.find(path)
        if entry is not None and entry.is_file and wanted(path):
            content[path] = reader.bytes_of(entry.oid)
    return files


def read_blobs(repository: Repository, oids: Iterable[Oid]) -> dict[Oid, bytes]:
    """Return the bytes of these blobs; raise `RepositoryError` if one is missing."""
    return {oid: repository.reader.bytes_of(oid) for oid in dict.fromkeys(oids)}


def _below(folders: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{folder}/" for folder in folders)


def _read_folder(
    reader: ObjectLookup, path: str, tree: Oid, read: dict[str, dict[str, Entry]], enter: Callable[[str], bool]
) -> None:
    waiting = [(path, tree)]
    left = _MAX_ENTRIES
    while waiting:
        folder, oid = waiting.pop()
        if len(read) >= _MAX_TREES:
            raise RepositoryError(f"more than {_MAX_TREES:,} folders, wanted those of a queue")
        entries = _entries(reader.bytes_of(oid), len(tree), left)
        left -= len(entries)
        read[folder] = entries
        for name, entry in entries.items():
            inner = f"{folder}/{name}" if folder else name
            if entry.is_tree and enter(inner):
                waiting.append((inner, entry.oid))


def _entries(raw: bytes, digits: int, most: int) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    position, width = 0, digits // 2
    while position < len(raw):
        if len(entries) >= most:
            raise RepositoryError(f"more than {_MAX_ENTRIES:,} files, wanted those of a queue")
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
