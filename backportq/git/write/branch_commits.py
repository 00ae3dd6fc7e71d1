"""Committing files to a branch without a checkout: objects in one process, then the ref by compare-and-swap.

The objects are built here and handed to `git unpack-objects` as a small pack, so that a change costs three processes
whatever its size. They are synced to disk before the ref names them. Until then nothing keeps `git gc --prune=now` from
taking them, so they stay in memory until they are seen behind the ref. It must not read the queue.
"""

from __future__ import annotations

import hashlib
import re
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from backportq.errors import BackportqError, ConfigError, GitFailedError, RepositoryError
from backportq.git.read.queue_files import Entry, StoredFiles
from backportq.git.repository import Repository
from backportq.model.commit import Identity
from backportq.model.ids import Oid, RefName
from backportq.model.words import typed

_DURABLE = ("core.fsync=objects,reference",)
_FILE_MODE = "100644"
_TREE_MODE = "40000"
_SHA1_DIGITS = 40
_TYPES = {"commit": 1, "tree": 2, "blob": 3}
REF_MOVED = re.compile(r"is at [0-9a-f]+ but expected|reference already exists|unable to resolve reference")
_IN_THE_WAY = re.compile(r"'refs/heads/([^']+)' exists; cannot create 'refs/heads/([^']+)'")
_LOCKED = re.compile(r"Unable to create '([^']*\.lock)': File exists|cannot lock references")  # files, or a reftable


_PRUNED = "nonexistent object"
_FOLDER_GONE = "No such file or directory"
_ATTEMPTS = 3
_PRUNE_SECONDS = 20.0
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class NewCommit:
    """What a commit says besides its files: `at` is aware; author and committer are `who`. Without `parents` it stands
    on the commit whose files it changes."""

    message: str
    who: Identity
    at: datetime
    parents: tuple[Oid, ...] | None = None


@dataclass(slots=True)
class _Objects:
    """The objects of one commit; `known` were there before they were written."""

    digits: int
    made: dict[Oid, tuple[str, bytes]] = field(default_factory=dict)
    known: list[Oid] = field(default_factory=list)

    def add(self, kind: str, raw: bytes) -> Oid:
        oid = Oid(self.hash(f"{kind} {len(raw)}\0".encode() + raw).hex())
        self.made[oid] = (kind, raw)
        return oid

    def hash(self, raw: bytes) -> bytes:
        if self.digits == _SHA1_DIGITS:
            return hashlib.sha1(raw, usedforsecurity=False).digest()
        return hashlib.sha256(raw).digest()

    def pack(self) -> bytes:
        parts = [b"PACK", (2).to_bytes(4, "big"), len(self.made).to_bytes(4, "big")]
        for kind, raw in self.made.values():
            size, first = len(raw), _TYPES[kind] << 4 | len(raw) & 15
            size >>= 4
            head = bytearray()
            while size:
                head.append(first | 0x80)
                first, size = size & 0x7F, size >> 7
            head.append(first)
            parts += [bytes(head), zlib.compress(raw, 1)]
        body = b"".join(parts)
        return body + self.hash(body)


_unconfirmed: dict[Oid, _Objects] = {}
"""The objects of the last commit that was written, until a ref names it."""


def write_commit(
    repository: Repository, base: StoredFiles | None, changes: Mapping[str, bytes | Entry | None], new: NewCommit
) -> Oid | None:
    """Write a commit on top of `base` with these files changed (None removes one, an `Entry` is an object that is there
    already); return its id, None if its tree would be that of `base` and it is no merge.

    No ref is moved. Files and folders of `base` that are not in `changes` keep their objects.
    """
    digits = len(base.commit) if base is not None else _digits(repository)
    objects = _Objects(digits)
    folders = {path: dict(entries) for path, entries in (base.folders if base is not None else {}).items()}
    for path, content in changes.items():
        entry = Entry(_FILE_MODE, objects.add("blob", content)) if isinstance(content, bytes) else content
        _place(folders, path, entry)
    tree = _write_trees(objects, folders)
    if base is not None and tree == base.tree and new.parents is None:
        return None
    parents = new.parents
    if parents is None:
        parents = (base.commit,) if base is not None else ()
    commit = objects.add("commit", _commit_bytes(tree, parents, new))
    objects.known = [oid for oid in objects.made if not _is_missing(repository, oid)]
    _unpack(repository, objects)
    _unconfirmed.clear()
    _unconfirmed[commit] = objects
    return commit


def _unpack(repository: Repository, objects: _Objects) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            repository.git.run("unpack-objects", "-q", "--strict", stdin=objects.pack(), config=_DURABLE)
        except GitFailedError as error:
            # `git gc` removes the folders that it emptied, also under a git that is about to write there.
            if attempt == _ATTEMPTS - 1 or _FOLDER_GONE not in error.message:
                raise _not_written(error) from error
        else:
            return


def _confirm(repository: Repository, objects: _Objects) -> None:
    """Write again what was pruned between writing and moving the ref."""
    # A process that has a pack open answers from it even when it was deleted: of what may be in one ask a new process.
    if objects.known:
        asked = "".join(f"{oid}\n" for oid in objects.known).encode("ascii")
        is_whole = b" missing" not in repository.git.run("cat-file", "--batch-check", "--buffer", stdin=asked).out
    else:
        is_whole = True
    if not is_whole or any(_is_missing(repository, oid) for oid in objects.made):
        _unpack(repository, objects)


def _is_missing(repository: Repository, oid: Oid) -> bool:
    return repository.reader.describe(oid).endswith(" missing")


def overlaid(files: StoredFiles, changes: Mapping[str, bytes | Entry | None]) -> StoredFiles:
    """Return `files` as they would be with `changes`, without writing anything; `commit` and `tree` stay the old."""
    objects = _Objects(len(files.commit))
    folders = {path: dict(entries) for path, entries in files.folders.items()}
    content = dict(files.content)
    for path, raw in changes.items():
        if not isinstance(raw, bytes):
            content.pop(path, None)
            _place(folders, path, raw)
        else:
            content[path] = raw
            _place(folders, path, Entry(_FILE_MODE, objects.add("blob", raw)))
    return replace(files, folders=folders, content=content)


def swap_ref(repository: Repository, ref: RefName, new: Oid, old: Oid | None, reason: str) -> bool:
    """Move `ref` from `old` (None: it must not exist) to `new`; False if another writer moved or holds it."""
    expected = old if old is not None else "0" * len(new)
    written = _unconfirmed.pop(new, None)
    for attempt in range(_ATTEMPTS):
        try:
            repository.git.run("update-ref", "-m", reason, ref, new, expected, config=_DURABLE)
        except GitFailedError as error:
            if REF_MOVED.search(error.message) or _LOCKED.search(error.message):
                return False
            if written is None or _PRUNED not in error.message or attempt == _ATTEMPTS - 1:
                raise _not_written(error) from error
            _unpack(repository, written)
        else:
            break
    if written is not None:
        pruning = _running_prune(repository)
        _confirm(repository, written)
        deadline = time.monotonic() + _PRUNE_SECONDS
        # It began before the ref moved, so it may have seen nothing that keeps them, and not be done with deleting.
        while pruning is not None and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
            has_ended = _running_prune(repository) != pruning
            _confirm(repository, written)
            if has_ended:
                break
    return True


def _running_prune(repository: Repository) -> tuple[int, int] | None:
    """Return which `git gc` is running that takes objects of any age, None for none; where nobody can tell, none is."""
    path = repository.common_dir / "gc.pid"
    try:
        status = path.stat()
        process = path.read_text("ascii").split(" ")[0]
        words = Path(f"/proc/{int(process)}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    if not {b"--prune=now", b"--prune=all"} & set(words):
        return None
    return status.st_ino, status.st_mtime_ns


def find_lock(repository: Repository, ref: RefName) -> Path | None:
    """Return the lock file of `ref` if one stands there now."""
    locks = (repository.common_dir / f"{ref}.lock", repository.common_dir / "reftable" / "tables.list.lock")
    return next((lock for lock in locks if lock.exists()), None)


def find_checkout(repository: Repository, ref: RefName) -> Path | None:
    """Return the working tree in which `ref` is checked out, if there is one."""
    listing = repository.git.run("worktree", "list", "--porcelain", "-z").out
    for block in listing.split(b"\0\0"):
        lines = block.split(b"\0")
        if b"branch " + ref.encode("utf-8", "surrogateescape") in lines:
            return Path(lines[0].removeprefix(b"worktree ").decode("utf-8", "surrogateescape"))
    return None


def tidy(repository: Repository) -> None:
    """Let git repack loose objects if by its own rules there are too many, as every committing git command does."""
    repository.git.run("maintenance", "run", "--auto", "--quiet", ok=range(256))


def _digits(repository: Repository) -> int:
    found = repository.git.text("rev-parse", "--show-object-format")
    return _SHA1_DIGITS if found == "sha1" else 64


def _place(folders: dict[str, dict[str, Entry]], path: str, entry: Entry | None) -> None:
    folder, _, name = path.rpartition("/")
    entries = folders.setdefault(folder, {})
    if entry is None:
        entries.pop(name, None)
    else:
        entries[name] = entry


def _write_trees(objects: _Objects, folders: dict[str, dict[str, Entry]]) -> Oid:
    for folder in list(folders):
        outer = folder
        while outer:  # a new folder may stand in folders that are new too
            outer = outer.rpartition("/")[0]
            folders.setdefault(outer, {})
    for folder in sorted(folders, key=lambda path: path.count("/") + bool(path), reverse=True):
        if not folder:
            continue
        entries = folders[folder]
        tree = Entry(_TREE_MODE, objects.add("tree", _tree_bytes(entries))) if entries else None
        _place(folders, folder, tree)
    return objects.add("tree", _tree_bytes(folders.get("", {})))


def _tree_bytes(entries: Mapping[str, Entry]) -> bytes:
    # git sorts a folder as if its name ended with a slash
    named = [(name.encode("utf-8", "surrogateescape"), entry) for name, entry in entries.items()]
    named.sort(key=lambda pair: pair[0] + b"/" if pair[1].is_tree else pair[0])
    return b"".join(entry.mode.encode() + b" " + name + b"\0" + bytes.fromhex(entry.oid) for name, entry in named)


def _commit_bytes(tree: Oid, parents: tuple[Oid, ...], new: NewCommit) -> bytes:
    who = f"{_crumbless(new.who.name) or 'unknown'} <{_crumbless(new.who.mail)}> {_stamp(new.at)}"
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents), f"author {who}", f"committer {who}"]
    message = new.message.replace("\0", " ").rstrip("\n")
    return ("\n".join(lines) + f"\n\n{message}\n").encode("utf-8", "replace")


def _crumbless(text: str) -> str:
    """Return a name or mail without what git does not allow in one (ident.c, `strbuf_addstr_without_crud`)."""
    return re.sub(r"[\x00-\x1f\x7f<>]", "", text).strip(" .,:;\"\\'")


def _stamp(at: datetime) -> str:
    minutes = (at.utcoffset() or timedelta()) // timedelta(minutes=1)
    sign = "-" if minutes < 0 else "+"
    return f"{max(int(at.timestamp()), 0)} {sign}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"


def _not_written(error: GitFailedError) -> BackportqError:
    other = _IN_THE_WAY.search(error.message)
    if other is not None:
        return ConfigError(
            f"the queue's branch '{other[2]}' cannot be made: there is a branch '{other[1]}', and git keeps only one",
            hints=(
                f"git branch -m {typed(other[1])} NAME renames the other",
                "git config backportq.ref NAME, for a queue of another name",
            ),
        )
    hints: tuple[str, ...] = ()
    if "No space left" in error.message or "quota" in error.message:
        hints = ("free some space on the disk of the repository, then repeat the command",)
    elif "Permission denied" in error.message or "insufficient permission" in error.message:
        hints = (
            "get write access to the repository, or keep the queue elsewhere: git config backportq.repository PATH",
        )
    elif "Read-only file system" in error.message:
        hints = ("keep the queue elsewhere: git config backportq.repository PATH",)
    return RepositoryError(f"the queue could not be written and is as it was: {error.message}", hints=hints)
