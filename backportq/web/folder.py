"""A folder that holds generated files: written only where they changed, and never over what somebody else put there.

`.backportq-report.json` in it lists the files with a digest of their content and one of what they were made from:

- a file that is not listed, or whose content is no longer the listed one, is foreign: the report stops before it writes
  anything, and says which;
- a listed file that is not wanted any more is removed, a foreign one never;
- the list is written before the files and after them, so that a run that is killed leaves nothing that would be taken
  for foreign.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backportq.errors import BackportqError, ExitCode
from backportq.git.whole_file import remove_unfinished, unfinished_name, write_whole

MANIFEST = ".backportq-report.json"
_SCHEMA = 1
_SHOWN = 5
_AT_ONCE = 400


class FolderError(BackportqError):
    """The folder of the report cannot be written, or holds files that the report did not make."""

    exit_code = ExitCode.BAD_STATE


@dataclass(frozen=True, slots=True)
class Page:
    """One file: its `path` below the folder with `/`, a digest of all that it is made from, and what makes it."""

    path: str
    inputs: str
    render: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class WriteResult:
    """How many files were written anew, left as they were, and removed."""

    written: int
    kept: int
    removed: int


@dataclass(slots=True)
class _Listed:
    """A file that we made: the digest of its inputs, and those that its content may have."""

    inputs: str
    contents: list[str] = field(default_factory=list)
    seen: tuple[int, int] | None = None  # size and time of change, by which a look at the content can be saved


def write_pages(folder: Path, pages: Sequence[Page]) -> WriteResult:
    """Bring `folder` to these pages; raise `FolderError` where that would touch what is not ours."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderError(f"cannot make '{folder}': {error.strerror}") from error
    with _locked(folder):
        listed = _read_manifest(folder)
        wanted = {page.path: page for page in pages}
        _remove_unfinished(folder, [*listed, *wanted])
        changed = [page for page in pages if not _is_current(folder, listed.get(page.path), page)]
        gone = [path for path in listed if path not in wanted]
        foreign = [page.path for page in changed if _is_foreign(folder, page.path, listed.get(page.path))]
        if foreign:
            others = f" and {len(foreign) - _SHOWN} more" if len(foreign) > _SHOWN else ""
            raise FolderError(
                f"'{folder}' has files that this report did not make: {', '.join(foreign[:_SHOWN])}{others}",
                hints=("choose an empty folder, or move these files away",),
            )
        try:
            _write(folder, listed, changed)
            removed = [path for path in gone if _remove(folder, path, listed)]
            _write_manifest(folder, listed)
        except OSError as error:
            raise FolderError(f"cannot write '{error.filename or folder}': {error.strerror}") from error
        return WriteResult(len(changed), len(pages) - len(changed), len(removed))


def _write(folder: Path, listed: dict[str, _Listed], changed: Sequence[Page]) -> None:
    for start in range(0, len(changed), _AT_ONCE):  # not all in memory
        some = changed[start : start + _AT_ONCE]
        contents = {page.path: page.render() for page in some}
        for page in some:
            entry = listed.setdefault(page.path, _Listed(""))
            entry.inputs = ""  # until the file is there
            entry.contents.append(_digest(contents[page.path]))
        _write_manifest(folder, listed)
        for page in some:
            listed[page.path] = _written(folder, page, contents[page.path])


def _written(folder: Path, page: Page, content: bytes) -> _Listed:
    target = folder / page.path
    for parent in reversed(Path(page.path).parents[:-1]):
        _make_folder(folder / parent)
    if not target.is_file() or target.read_bytes() != content:  # the same content keeps its date for mirrors
        write_whole(target, content)
    status = target.lstat()
    return _Listed(page.inputs, [_digest(content)], (status.st_size, status.st_mtime_ns))


def _make_folder(path: Path) -> None:
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise FolderError(f"'{path}' is in the way: a folder of the report goes there", hints=("move it away",))
    path.mkdir(exist_ok=True)


def _remove_unfinished(folder: Path, paths: Sequence[str]) -> None:
    """Remove what runs that were killed left of files at these paths."""
    names: dict[Path, set[str]] = {}
    for path in (MANIFEST, *paths):
        if _is_within(folder, folder / path):
            names.setdefault((folder / path).parent, set()).add(unfinished_name(path))
    for parent, known in names.items():
        remove_unfinished(parent, known.__contains__)


def _remove(folder: Path, path: str, listed: dict[str, _Listed]) -> bool:
    """Remove a file that is not wanted any more, and folders that are left empty; a changed one is not ours."""
    entry = listed.pop(path)
    target = folder / path
    if not _is_within(folder, target) or _is_foreign(folder, path, entry):
        return False
    target.unlink(missing_ok=True)
    for parent in target.relative_to(folder).parents[:-1]:
        with contextlib.suppress(OSError):  # not empty
            (folder / parent).rmdir()
    return True


def _is_current(folder: Path, listed: _Listed | None, page: Page) -> bool:
    if listed is None or listed.inputs != page.inputs:
        return False
    status = _status_of(folder / page.path)
    if status is None or not stat.S_ISREG(status.st_mode):
        return False
    return (status.st_size, status.st_mtime_ns) == listed.seen or _content_digest(folder / page.path) in listed.contents


def _is_foreign(folder: Path, path: str, listed: _Listed | None) -> bool:
    """Tell whether something stands at `path` that we did not write."""
    target = folder / path
    if not _is_within(folder, target):
        return True
    status = _status_of(target)
    if status is None:
        return False
    if listed is None or not stat.S_ISREG(status.st_mode):
        return True
    return (status.st_size, status.st_mtime_ns) != listed.seen and _content_digest(target) not in listed.contents


def _is_within(folder: Path, target: Path) -> bool:
    """Tell whether no link on the way leads out of the folder."""
    parents = target.relative_to(folder).parents[:-1]
    return not any((folder / parent).is_symlink() for parent in parents)


def _status_of(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _content_digest(path: Path) -> str | None:
    try:
        return _digest(path.read_bytes())
    except OSError:
        return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _read_manifest(folder: Path) -> dict[str, _Listed]:
    path = folder / MANIFEST
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise FolderError(f"cannot read '{path}': {error}") from error
    try:
        stored = json.loads(text)
        if stored["schema"] != _SCHEMA:
            raise FolderError(f"'{path}' is of another version of this program", hints=("choose an empty folder",))
        files: Mapping[str, Sequence[object]] = stored["files"]
        inside = (name for name in files if not name.startswith("/") and ".." not in name.split("/"))
        return {name: _listed_of(files[name]) for name in inside}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FolderError(
            f"'{path}' is no list of a report's files", hints=("move it away; the files beside it are then foreign",)
        ) from error


def _listed_of(entry: Sequence[object]) -> _Listed:
    inputs, contents, size, changed = entry
    if not isinstance(contents, list):
        raise TypeError(contents)
    seen = (size, changed) if isinstance(size, int) and isinstance(changed, int) else None
    return _Listed(str(inputs), [str(content) for content in contents], seen)


def _write_manifest(folder: Path, listed: Mapping[str, _Listed]) -> None:
    files = {path: [entry.inputs, entry.contents, *(entry.seen or (None, None))] for path, entry in listed.items()}
    text = json.dumps({"schema": _SCHEMA, "files": files}, separators=(",", ":"))
    content = text.replace('],"', '],\n"').encode("utf-8", "surrogateescape")
    target = folder / MANIFEST
    if _content_digest(target) != _digest(content):
        write_whole(target, content)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let only one report at a time write the folder; the other waits."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise FolderError(f"cannot open '{folder}': {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
