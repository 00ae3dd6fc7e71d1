"""Records of picks in progress on disk: one folder each, with `pick.json` and the worktree beside it.

A record is written before anything else exists and replaced as a whole, so that after a crash or a reboot every
worktree can be told, continued or removed. The folder stands beside git's own worktree records and not in the cache:
the cache may be deleted at any time, and temporary directories are emptied by a reboot. This module must not run git.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backportq.errors import RefError, RepositoryError
from backportq.git.repository import Repository
from backportq.model.picks.record import PickRecord, from_document, to_document

_FOLDER = "backportq-picks"
_FILE = "pick.json"
_WORKTREE = "worktree"
_LOCK = "lock"


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A folder whose record cannot be read: a disk that was full, a file that was edited."""

    name: str
    why: str


def picks_directory(repository: Repository) -> Path:
    """Return the directory of all picks in progress, shared by all worktrees; it may not exist yet."""
    return repository.common_dir / _FOLDER


def worktree_path(repository: Repository, name: str) -> Path:
    """Return where the worktree of the pick `name` is."""
    return picks_directory(repository) / name / _WORKTREE


def iter_records(repository: Repository) -> Iterator[PickRecord | BrokenRecord]:
    """Yield every pick in progress, by name."""
    place = picks_directory(repository)
    if not place.is_dir():
        return
    for directory in sorted(place.iterdir()):
        if not directory.is_dir() or directory.name.startswith("hooks-") or not (directory / _LOCK).exists():
            continue
        try:
            yield from_document(json.loads((directory / _FILE).read_bytes()))
        except FileNotFoundError:
            yield BrokenRecord(directory.name, "it ended before its record was written")
        except (OSError, ValueError, LookupError, TypeError) as error:
            yield BrokenRecord(directory.name, f"its record cannot be read: {error}")


@contextmanager
def locked(repository: Repository, name: str) -> Iterator[Path]:
    """Hold the pick `name` for this process and give its folder, made if need be; raise `RefError` if another process
    is at work on it. The lock ends with the process, however it ends."""
    directory = picks_directory(repository) / name
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(directory, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise RefError(f"another process is at work on the pick '{name}'", hints=("wait for it to end",)) from error
    try:
        yield directory
    finally:
        if not (directory / _FILE).exists() and not (directory / _WORKTREE).exists():
            shutil.rmtree(directory, ignore_errors=True)
            with contextlib.suppress(OSError):  # not empty: others are in progress
                directory.parent.rmdir()
        os.close(lock)


def write_record(repository: Repository, record: PickRecord) -> None:
    """Replace the record, synced to disk; raise `RepositoryError` where that cannot be."""
    directory = picks_directory(repository) / record.name
    part = directory / f"{_FILE}.part"
    text = json.dumps(to_document(record), indent=1, ensure_ascii=True)
    try:
        with part.open("w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(directory / _FILE)
        folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise _unwritable(directory, error) from error


def remove_record(repository: Repository, name: str) -> None:
    """Forget the pick `name`; its worktree is removed by the caller before."""
    directory = picks_directory(repository) / name
    for file in (directory / _FILE, directory / f"{_FILE}.part"):
        file.unlink(missing_ok=True)


def _unwritable(directory: Path, error: OSError) -> RepositoryError:
    return RepositoryError(f"cannot write '{directory}': {error.strerror or error}")
