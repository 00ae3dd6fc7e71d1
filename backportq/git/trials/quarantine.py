"""The quarantine: a temporary repository that borrows the objects of the scanned one and takes all that trials write.

Git runs only in here, so the scanned repository stays as it is, and nothing of its configuration (hooks, filters, merge
drivers, lazy fetching, replaced objects) is read at all. This module must not know what a trial is.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
import time
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from backportq.errors import RepositoryError
from backportq.git.process import Git, failure, hermetic_environment
from backportq.git.repository import Repository

SCRATCH_VARIABLE = "BACKPORTQ_SCRATCH"
_RAM = Path("/dev/shm")  # noqa: S108 - the directory made in it is private, and its name is random
_PREFIX = "backportq-trial-"
_ROOM = 512 << 20
_STALE_SECONDS = 60
_DEEPEST_ALTERNATE = 5

_CONFIG = (
    "[core]\n\trepositoryformatversion = 1\n\tbare = false\n\tfsync = none\n\tlooseCompression = 0\n"
    # Several processes at once: what each may map and cache is bounded, or a large pack counts once for each of them.
    "\tpackedGitWindowSize = 4m\n\tpackedGitLimit = 32m\n\tdeltaBaseCacheLimit = 24m\n"
    "\tattributesFile = /dev/null\n\thooksPath = /dev/null\n[gc]\n\tauto = 0\n[extensions]\n\tobjectFormat = {hash}\n"
)


class Quarantine:
    """One temporary repository; use it as a context manager, so that it is removed whatever happens.

    It lies in memory (`/dev/shm`) where there is room, else in the temporary directory; `BACKPORTQ_SCRATCH` names
    another place. A lock held by the living process tells stale ones, which the next process removes.
    """

    def __init__(self, repository: Repository, hash_name: str) -> None:
        scratch = _scratch()
        _remove_stale(scratch)
        self.hash_name = hash_name
        self._lock: int | None = None
        try:
            self.directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=scratch))
        except OSError as error:
            raise _unwritable(scratch, error) from error
        try:
            self._fill(repository)
        except OSError as error:
            self.close()
            raise _unwritable(scratch, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _fill(self, repository: Repository) -> None:
        self._lock = os.open(self.directory / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.git_dir = self.directory / "git"
        self.objects = self.git_dir / "objects"
        (self.objects / "info").mkdir(parents=True)
        (self.git_dir / "refs").mkdir()
        (self.git_dir / "HEAD").write_text("ref: refs/heads/none\n")
        (self.git_dir / "config").write_text(_CONFIG.format(hash=self.hash_name))
        alternates = b"".join(_quoted(path) + b"\n" for path in _object_directories(repository.objects_dir))
        (self.objects / "info" / "alternates").write_bytes(alternates)
        self._written: set[str] = set()
        self._folders: set[str] = set()
        self._worktrees: dict[tuple[tuple[bytes, bytes], ...], Path] = {}
        self.plain_worktree = self.worktree({})

    def close(self) -> None:
        """Remove everything; children that still write fail harmlessly."""
        shutil.rmtree(self.directory, ignore_errors=True)
        if self.directory.exists():  # a dying child made a file meanwhile
            shutil.rmtree(self.directory, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def command(self, worktree: Path, args: Sequence[str]) -> list[str]:
        """Return the argument vector that runs `git ARGS` here with the attributes of `worktree`."""
        return Git(worktree, self.git_dir).command([f"--work-tree={worktree}", *args])

    def environment(self) -> dict[str, str]:
        """Return the environment of every process here: nothing of the user's git settings reaches it."""
        return hermetic_environment()

    def run(self, *args: str) -> bytes:
        """Run `git ARGS` here and return its output; raise `GitFailedError`."""
        done = subprocess.run(
            self.command(self.plain_worktree, args),
            cwd=self.plain_worktree,
            env=self.environment(),
            capture_output=True,
            check=False,
        )
        if done.returncode != 0:
            raise failure(args, done.returncode, done.stderr)
        return done.stdout

    def write_object(self, kind: bytes, body: bytes) -> str:
        """Write a loose object and return its id in hexadecimal."""
        raw = b"%s %d\0%s" % (kind, len(body), body)
        oid = hashlib.new(self.hash_name, raw, usedforsecurity=False).hexdigest()
        folder = f"{self.objects}/{oid[:2]}"
        path = f"{folder}/{oid[2:]}"
        if oid not in self._written:
            try:
                if oid[:2] not in self._folders:
                    Path(folder).mkdir(exist_ok=True)
                    self._folders.add(oid[:2])
                # In place: whoever may read it is told its id only after this.
                Path(path).write_bytes(zlib.compress(raw, 0))
            except OSError as error:
                raise _unwritable(self.directory.parent, error) from error
            self._written.add(oid)
        return oid

    def worktree(self, files: Mapping[bytes, bytes]) -> Path:
        """Return a directory that holds these attribute files (path to content), made at most once."""
        key = tuple(sorted(files.items()))
        made = self._worktrees.get(key)
        if made is not None:
            return made
        directory = self.directory / f"worktree-{len(self._worktrees)}"
        try:
            directory.mkdir()
            for path, content in key:
                target = directory / os.fsdecode(path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        except OSError as error:
            raise _unwritable(self.directory.parent, error) from error
        self._worktrees[key] = directory
        return directory

    def size(self) -> int:
        """Return the bytes that written objects take."""
        total = 0
        for folder in self._object_folders():
            with os.scandir(folder) as entries:
                for entry in entries:
                    with contextlib.suppress(OSError):
                        total += entry.stat(follow_symlinks=False).st_size
        return total

    def empty(self) -> None:
        """Remove the written objects; no process may be at work here."""
        self._written.clear()
        self._folders.clear()
        for folder in self._object_folders():
            shutil.rmtree(folder, ignore_errors=True)

    def _object_folders(self) -> list[Path]:
        return [folder for folder in self.objects.iterdir() if len(folder.name) == 2]


def _scratch() -> Path:
    given = os.environ.get(SCRATCH_VARIABLE)
    if given:
        return Path(given)
    try:
        state = os.statvfs(_RAM)
        if os.access(_RAM, os.W_OK | os.X_OK) and state.f_bavail * state.f_frsize >= _ROOM:
            return _RAM
    except OSError:
        pass
    return Path(tempfile.gettempdir())


def _remove_stale(scratch: Path) -> None:
    """Remove the quarantines of processes that were killed: those of ours whose lock nobody holds."""
    try:
        found = list(scratch.glob(f"{_PREFIX}*"))
    except OSError:
        return
    for directory in found:
        with contextlib.suppress(OSError):
            state = directory.lstat()
            if state.st_uid != os.getuid() or not stat.S_ISDIR(state.st_mode):
                continue
            if time.time() - state.st_mtime < _STALE_SECONDS:  # may be about to take its lock
                continue
            lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory, ignore_errors=True)
            finally:
                os.close(lock)


def _object_directories(first: Path) -> list[Path]:
    """Return the object directory and all its alternates; git follows relative ones only from the first level."""
    found: list[Path] = []
    level = [first.resolve()]
    for _ in range(_DEEPEST_ALTERNATE + 1):
        found += [path for path in level if path not in found]
        following = []
        for path in level:
            with contextlib.suppress(OSError):
                for line in (path / "info" / "alternates").read_bytes().splitlines():
                    if line and not line.startswith((b"#", b'"')):
                        following.append((path / os.fsdecode(line)).resolve())  # noqa: PERF401 - the read may fail
        level = following
    return found


def _quoted(path: Path) -> bytes:
    """Return the path as a line of an alternates file: quoted as in C where it holds what would end or start one."""
    raw = os.fsencode(path)
    if not raw.startswith((b"#", b'"')) and b"\n" not in raw:
        return raw
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'


def _unwritable(scratch: Path, error: OSError) -> RepositoryError:
    return RepositoryError(
        f"trials cannot write to '{scratch}': {error.strerror or error}",
        hints=(f"{SCRATCH_VARIABLE}=DIR names another place for temporary objects",),
    )
