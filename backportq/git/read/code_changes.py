"""What commits change in files, line by line, asked of git in bulk.

Apart from `touched_paths`, which every scan asks: this needs the contents of files and takes much longer.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

from backportq.errors import GitFailedError
from backportq.git.missing import GET_CONTENTS, speaks_of_missing
from backportq.git.read.history import Reading
from backportq.git.read.touched_paths import DIFF, touched_paths
from backportq.git.repository import Repository
from backportq.model.ids import Oid
from backportq.model.likelihood.traits import CodeChange, FileChange
from backportq.model.progress import advance

_AT_ONCE = 1_000
_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color", "-p")
_PREFIXES = ("--src-prefix=a/", "--dst-prefix=b/")
_MOST_FILES = 60
"""Of an enormous import the first files tell enough."""

_MOST_WRITTEN, _MOST_TOUCHED = 400, 100
_MOST_UNREADABLE = 50
_FATAL = 128  # git's exit status when it dies
_ADDED, _REMOVED, _AROUND = b"+", b"-", b" "
_HEXADECIMAL = b"0123456789abcdef"
_SHORTEST = 4
"""A line of fewer bytes, such as a bracket, stands everywhere."""


def read_code_changes(repository: Repository, oids: Iterable[Oid]) -> Iterator[tuple[Oid, CodeChange]]:
    """Yield what each commit changes against its first parent, of at most 60 files; a rename is a removal and an
    addition. Binary files change no lines, and neither do those of which this clone lacks the contents.

    Raise `GitFailedError` where contents are missing all over, as in a clone without blobs.
    """
    wanted = list(dict.fromkeys(oids))
    unreadable: list[Oid] = []
    at = 0
    while at < len(wanted):
        advance("reading what commits change", at)
        chunk = wanted[at : at + _AT_ONCE]
        found, at_fault = _read(repository, chunk, *_PLAIN, *_PREFIXES, "-U1")
        if at_fault is not None:
            chunk = chunk[: chunk.index(at_fault)]
            unreadable.append(at_fault)
            if len(unreadable) > _MOST_UNREADABLE:
                raise GitFailedError(
                    f"this clone lacks what more than {_MOST_UNREADABLE} of upstream's commits change",
                    hints=GET_CONTENTS[1:],
                )
        yield from ((oid, found.get(oid, CodeChange())) for oid in chunk)
        at += len(chunk) + (at_fault is not None)
    paths = touched_paths(repository, unreadable)
    yield from ((oid, _by_paths(paths[oid])) for oid in unreadable)


def _read(repository: Repository, chunk: Sequence[Oid], *options: str) -> tuple[dict[Oid, CodeChange], Oid | None]:
    """Return what was read of these commits, and the first one that could not be for want of contents."""
    asked = "".join(f"{oid}\n" for oid in chunk).encode("ascii")
    done = repository.git.run(*DIFF, *options, stdin=asked, ok=(0, _FATAL))
    found = dict(_parse(done.out))
    if done.status == 0:
        return found, None
    why = done.err.decode("utf-8", "replace").strip()
    if not speaks_of_missing(why):
        raise GitFailedError(f"'git diff-tree' failed: {why}")
    # git stops in the middle of the commit that it could not read, whose id it may have said already.
    last = max((place for place, oid in enumerate(chunk) if oid in found), default=0)
    if not _is_readable(repository, chunk[last], *options):
        return found, chunk[last]
    return found, chunk[last + 1] if last + 1 < len(chunk) else None


def _is_readable(repository: Repository, oid: Oid, *options: str) -> bool:
    return repository.git.run(*DIFF, *options, stdin=f"{oid}\n".encode("ascii"), ok=(0, _FATAL)).status == 0


def _by_paths(paths: Sequence[str]) -> CodeChange:
    return CodeChange(tuple(FileChange(path, "M", 0, 0) for path in paths[:_MOST_FILES]))


def read_diff(repository: Repository, oid: Oid, *, most: int) -> str:
    """Return the diff of one commit against its first parent, at most so many bytes of it."""
    pieces, size = [], 0
    for piece in Reading(repository, *DIFF[:1], *DIFF[2:], *_PLAIN, *_PREFIXES, "--no-commit-id", oid).chunks():
        pieces.append(piece)
        size += len(piece)
        if size > most:
            break  # the generator ends git
    return b"".join(pieces)[:most].decode("utf-8", "replace")


class _Reader:
    """One commit's change in the making."""

    def __init__(self) -> None:
        self._paths: list[str] = []
        self._status: list[str] = []
        self._counts: list[dict[bytes, int]] = []
        self._lines: dict[bytes, list[int]] = {_ADDED: [], _REMOVED: [], _AROUND: []}
        self._seed = 0
        self._in_hunks = False

    def read(self, line: bytes) -> None:
        """Take in a line of the diff."""
        sign = line[:1]
        if self._in_hunks and sign in self._lines:
            text = line[1:].strip()
            counts = self._counts[-1]
            counts[sign] = counts.get(sign, 0) + 1
            if len(text) >= _SHORTEST:
                # Where a line stands is part of what it is: the same words in another file are another line.
                self._lines[sign].append(zlib.crc32(text, self._seed))
        elif line.startswith(b"@@ "):
            self._in_hunks = True
        elif line.startswith(b"diff --git "):
            self._in_hunks = False
            path = line[11 + (len(line) - 11) // 2 + 3 :]  # both halves, `a/PATH` and `b/PATH`, are of one length
            self._seed = zlib.crc32(path)
            self._paths.append(path.decode("utf-8", "replace"))
            self._status.append("M")
            self._counts.append({})
        elif line.startswith(b"new file mode "):
            self._status[-1] = "A"
        elif line.startswith(b"deleted file mode "):
            self._status[-1] = "D"

    def finish(self) -> CodeChange:
        """Return what was read."""
        rows = list(zip(self._paths, self._status, self._counts, strict=True))[:_MOST_FILES]
        touched = self._lines[_REMOVED] or self._lines[_AROUND]
        return CodeChange(
            tuple(FileChange(path, status, n.get(_ADDED, 0), n.get(_REMOVED, 0)) for path, status, n in rows),
            tuple(dict.fromkeys(self._lines[_ADDED][:_MOST_WRITTEN])),
            tuple(dict.fromkeys(touched[:_MOST_TOUCHED])),
        )


def _parse(out: bytes) -> Iterator[tuple[Oid, CodeChange]]:
    current: Oid | None = None
    reader = _Reader()
    for line in out.split(b"\n"):
        # Lines of files start with a sign, so none is taken for an id.
        if len(line) in (40, 64) and not line.strip(_HEXADECIMAL):
            if current is not None:
                yield current, reader.finish()
            current, reader = Oid(line.decode("ascii")), _Reader()
        else:
            reader.read(line)
    if current is not None:
        yield current, reader.finish()
