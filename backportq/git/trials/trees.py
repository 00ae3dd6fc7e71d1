"""Trees as bytes: finding entries, and putting merged files back so that the id is the one git would give.

Apart because it is arithmetic on tree objects only: nothing is written, and no tree that exists is changed. It must not
know commits or verdicts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from backportq.git.trials.readers import Entry, ObjectReader

Parsed = dict[bytes, Entry]

_Written = tuple[bytes, bytes, bytes]  # mode, name and raw id, in the order of a tree object

TREE_MODE = b"40000"
ATTRIBUTES_FILE = b".gitattributes"
_ENTRY = {size: re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % size, re.DOTALL) for size in (20, 32)}
_CANONICAL = {b"100644", b"100755", b"120000", b"160000", TREE_MODE}
_CACHED_ENTRIES = 100_000  # about 25 MB


class MissingTreeError(LookupError):
    """A tree that is needed is not in the repository."""


class OddTreeError(ValueError):
    """A tree is not in git's canonical form (old modes such as 100664, repeated names): git would rewrite it."""


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """What stands at a path: the entry, or None; and the attribute files that apply there (directory, raw id)."""

    entry: Entry | None
    attributes: tuple[tuple[bytes, bytes], ...]


class EntryPlace(Enum):
    """What a tree has at a path that a commit adds. `MOVED`: a folder of it was removed, perhaps renamed."""

    FREE = auto()
    TAKEN = auto()
    MOVED = auto()


@dataclass(slots=True)
class Trees:
    """Parsed trees, read when needed and kept while there is room; `made` are those that exist only here."""

    reader: ObjectReader
    hash_name: str
    made: dict[str, bytes] = field(default_factory=dict)
    _parsed: dict[str, Parsed] = field(default_factory=dict)
    _odd: set[str] = field(default_factory=set)
    _entries: int = 0

    @property
    def empty_tree(self) -> str:
        """The id of the tree without entries."""
        return self._id_of(b"")

    def forget(self) -> None:
        """Forget what was parsed; some of it may not exist any more."""
        self._parsed.clear()
        self._entries = 0

    def tree(self, oid: str) -> Parsed:
        """Return one parsed tree; raise `MissingTreeError`."""
        found = self._parsed.get(oid)
        if found is None:
            if self._entries > _CACHED_ENTRIES:
                self.forget()
            entries = self._entries_of(oid)
            found = {name: (mode, raw_id) for mode, name, raw_id in entries}
            if len(found) != len(entries):
                self._odd.add(oid)
            self._parsed[oid] = found
            self._entries += len(found)
        return found

    def find(self, root: str, path: bytes) -> TreeEntry:
        """Return what stands at `path` below the tree `root`."""
        *folders, name = path.split(b"/")
        tree = self.tree(root)
        attributes = []
        at = b""
        for folder in folders:
            if ATTRIBUTES_FILE in tree:
                attributes.append((at, tree[ATTRIBUTES_FILE]))
            entry = tree.get(folder)
            if entry is None or entry[0] != TREE_MODE:
                return TreeEntry(None, ())
            tree = self.tree(entry[1].hex())
            at += folder + b"/"
        if ATTRIBUTES_FILE in tree:
            attributes.append((at, tree[ATTRIBUTES_FILE]))
        return TreeEntry(
            tree.get(name), tuple((where, oid) for where, (mode, oid) in attributes if mode.startswith(b"100"))
        )

    def find_place(self, root: str, base: str, path: bytes) -> EntryPlace:
        """Tell what is at `path` below `root`, where a commit on top of the tree `base` adds it.

        Git moves an added file along only when a folder that it is in is gone from the branch (directory renames need
        the whole folder to be gone), so it stays where it is added if each folder of `base` is there.
        """
        *folders, name = path.split(b"/")
        tree = self.tree(root)
        base_tree: Parsed | None = self.tree(base)
        for folder in folders:
            entry = tree.get(folder)
            base_entry = base_tree.get(folder) if base_tree is not None else None
            if entry is None:
                return EntryPlace.FREE if base_entry is None else EntryPlace.MOVED
            if entry[0] != TREE_MODE:
                return EntryPlace.TAKEN
            tree = self.tree(entry[1].hex())
            is_folder = base_entry is not None and base_entry[0] == TREE_MODE
            base_tree = self.tree(base_entry[1].hex()) if base_entry is not None and is_folder else None
        return EntryPlace.TAKEN if name in tree else EntryPlace.FREE

    def paths_named(self, root: str, name: bytes) -> Iterator[bytes]:
        """Yield every path of a file below `root` whose last part is `name`."""
        left = [(b"", root)]
        while left:
            folder, oid = left.pop(0)
            for mode, entry_name, raw_id in self._entries_of(oid):
                if mode == TREE_MODE:
                    left.append((folder + entry_name + b"/", raw_id.hex()))
                elif entry_name == name:
                    yield folder + name

    def attribute_files(self, root: str, known: dict[str, tuple[tuple[bytes, bytes], ...]]) -> tuple[Entry, ...]:
        """Return every attribute file below `root` as (path, raw id); `known` remembers subtrees between calls."""
        if root in known:
            return known[root]
        found = []
        for mode, name, oid in self._entries_of(root):
            if mode == TREE_MODE:
                found += [(name + b"/" + path, blob) for path, blob in self.attribute_files(oid.hex(), known)]
            elif name == ATTRIBUTES_FILE and mode.startswith(b"100"):
                found.append((name, oid))
        known[root] = tuple(found)
        return known[root]

    def spliced(self, root: str, changes: Mapping[bytes, Entry | None], *, keep: bool = False) -> str:
        """Return the id of `root` with the entries at these paths replaced, or removed where None.

        A removed path must exist. With `keep` the new trees can be used in further calls. Raise `OddTreeError` where
        git would write more than the changed entries anew.
        """
        here: dict[bytes, Entry | None] = {}
        below: dict[bytes, dict[bytes, Entry | None]] = {}
        for path, entry in changes.items():
            first, slash, rest = path.partition(b"/")
            if slash:
                below.setdefault(first, {})[rest] = entry
            else:
                here[first] = entry
        tree = dict(self.tree(root))
        if root in self._odd:
            raise OddTreeError(root)
        for name, inner in below.items():
            folder = tree[name][1].hex() if name in tree else self.empty_tree
            oid = self.spliced(folder, inner, keep=keep)
            here[name] = None if oid == self.empty_tree else (TREE_MODE, bytes.fromhex(oid))
        has_new = any(name not in tree for name in here)
        for name, replaced in here.items():
            if replaced is None:
                del tree[name]
            else:
                tree[name] = replaced
        entries: Iterable[tuple[bytes, Entry]] = tree.items()
        if has_new:  # git sorts folders as if their names ended in a slash
            entries = sorted(entries, key=lambda item: item[0] + b"/" if item[1][0] == TREE_MODE else item[0])
        raw = b"".join([b"%s %s\0%s" % (mode, name, oid) for name, (mode, oid) in entries])
        oid = self._id_of(raw)
        if keep and oid not in self._parsed:
            self.made[oid] = raw
        return oid

    def _entries_of(self, oid: str) -> list[_Written]:
        """Return the entries (mode, name, raw id) of a tree in their order, with modes as git reads them."""
        raw = self.made.get(oid)
        if raw is None:
            kind, raw = self.reader.read(oid) or (b"", b"")
            if kind != b"tree":
                if oid == self.empty_tree:
                    return []
                raise MissingTreeError(oid)
        entries: list[_Written] = _ENTRY[len(oid) // 2].findall(raw)
        if not _CANONICAL.issuperset([entry[0] for entry in entries]):
            self._odd.add(oid)
            entries = [(_as_git_reads(mode), name, raw_id) for mode, name, raw_id in entries]
        return entries

    def _id_of(self, raw: bytes) -> str:
        return hashlib.new(self.hash_name, b"tree %d\0%s" % (len(raw), raw), usedforsecurity=False).hexdigest()


def _as_git_reads(mode: bytes) -> bytes:
    """Return the mode that git takes this one for."""
    bits = int(mode, 8)
    match bits & 0o170000:
        case 0o100000:
            return b"100755" if bits & 0o100 else b"100644"
        case 0o120000:
            return b"120000"
        case 0o040000:
            return TREE_MODE
        case _:
            return b"160000"
