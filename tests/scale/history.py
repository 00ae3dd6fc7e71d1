"""A history of any size: one upstream, five stable branches, fixes of old and new commits, and picks of half of them.

It is made by one `git fast-import`, is the same every time, and has the shape of a large project: one commit in twelve
came by a merge, one in thirteen says what it fixes. It must not need anything of the program that it tests.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

_LINES = 20  # of every file
_START = 1_000_000_000  # seconds; commit n is n minutes later
_PER_FOLDER = 43  # 43 * 43 * 43 is 79,507: trees as large as in real projects
_ONE_FIX_IN = 13  # without a common divisor with the merges
_ONE_MERGE_IN = 12
_PARTED_AT = (0.70, 0.76, 0.82, 0.88, 0.94)

BRANCHES = tuple(f"stable-{number + 1}.0" for number in range(len(_PARTED_AT)))
"""The names of the stable branches, oldest first; upstream is `master`."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a history is: `commits` of upstream, and `files` in its tree."""

    commits: int
    files: int


@dataclass(frozen=True, slots=True)
class _Fix:
    """An upstream commit that says what it fixes, by the numbers of both, and the line it writes."""

    number: int
    target: int


class _Import:
    """A running `git fast-import`, which can be asked for the id of what it was given."""

    def __init__(self, repository: Path) -> None:
        command = ["git", "fast-import", "--quiet", "--force", "--done", "--depth=5"]
        self._process = subprocess.Popen(command, cwd=repository, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.write(b"done\n")
        self._stdin.close()
        self._answers.close()
        if self._process.wait() != 0 and error is None:
            raise AssertionError("git fast-import failed")

    @property
    def _stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _answers(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def write(self, stream: bytes) -> None:
        """Hand over a part of the stream."""
        self._stdin.write(stream)

    def oid(self, mark: int) -> str:
        """Return the id of the commit with this mark."""
        self.write(b"get-mark :%d\n" % mark)
        self._stdin.flush()
        return self._answers.readline().decode().strip()


class _Tree:
    """The files of one branch: of each line, which commit wrote it."""

    def __init__(self, files: int, lines: dict[int, tuple[int, ...]] | None = None) -> None:
        self._files = files
        self._lines = lines if lines is not None else {}

    def copy(self) -> _Tree:
        """Return a tree that goes its own way from here."""
        return _Tree(self._files, dict(self._lines))

    def change(self, number: int) -> bytes:
        """Return the change that commit `number` makes, as fast-import reads it."""
        chance = _mixed(number)
        # The product of two chances: some files change all the time, most hardly ever.
        file = (chance % self._files) * ((chance >> 20) % self._files) // self._files
        lines = list(self._lines.get(file, (0,) * _LINES))
        lines[(chance >> 40) % _LINES] = number
        self._lines[file] = tuple(lines)
        return _modify(file, lines)

    def all(self) -> bytes:
        """Return all files as they are at first."""
        return b"".join(_modify(file, (0,) * _LINES) for file in range(self._files))


def _modify(file: int, lines: Sequence[int]) -> bytes:
    folder, name = divmod(file, _PER_FOLDER)
    above, below = divmod(folder, _PER_FOLDER)
    text = b"".join(b"line %d written by %d\n" % place for place in enumerate(lines))
    return b"M 644 inline part%d/area%d/file%d\ndata %d\n%s\n" % (above, below, name, len(text), text)


def _commit(ref: str, number: int, mark: int, message: str, change: bytes, parents: Sequence[int]) -> bytes:
    who = b"Author %d <author%d@example.org> %d +0000" % (number % 60, number % 60, _START + number * 60)
    when = b"Maintainer <maintainer@example.org> %d +0000" % (_START + mark * 60)
    text = message.encode()
    origin = b"".join((b"merge :%d\n" if place else b"from :%d\n") % parent for place, parent in enumerate(parents))
    head = b"commit refs/heads/%s\nmark :%d\nauthor %s\ncommitter %s\n" % (ref.encode(), mark, who, when)
    return b"%sdata %d\n%s\n%s%s\n" % (head, len(text), text, origin, change)


def _mixed(number: int) -> int:
    """Return a number that looks as if it came by chance, the same every time."""
    return int.from_bytes(hashlib.blake2b(b"%d" % number, digest_size=8).digest(), "big")


def _toss(number: int, coin: int) -> bool:
    """Tell by the toss of one of many coins, the same every time."""
    return bool(_mixed(number) >> coin & 1)


def _subject(number: int) -> str:
    return f"area{number % 97}: make the thing number {number} right"


def _message(number: int, *lines: str) -> str:
    prose = (
        f"What it does for case {number} is not what the specification asks for, since the\n"
        "value is used before it is checked. Check it first.\n"
    )
    signed = f"Signed-off-by: Author {number % 60} <author{number % 60}@example.org>"
    return "\n".join((_subject(number), "", prose, *lines, signed, ""))


def make_history(repository: Path, size: Size, told: Callable[[int], None] = lambda count: None) -> None:
    """Fill the empty bare `repository` with a history of this size; `told` hears how many commits there are so far."""
    with _Import(repository) as history:
        _Maker(history, size, told).run()


class _Maker:
    def __init__(self, history: _Import, size: Size, told: Callable[[int], None]) -> None:
        self._history = history
        self._size = size
        self._told = told
        self._fixes: list[_Fix] = []
        self._parting = {round(size.commits * part): name for part, name in zip(_PARTED_AT, BRANCHES, strict=True)}
        self._parted: dict[str, tuple[int, _Tree]] = {}

    def run(self) -> None:
        tree = _Tree(self._size.files)
        self._history.write(_commit("master", 1, 1, _message(1), tree.all(), ()))
        tip = 1
        for number in range(2, self._size.commits + 1):
            tip = self._upstream(number, tip, tree)
            if number in self._parting:
                self._parted[self._parting[number]] = (tip, tree.copy())
            if not number % 1_000:
                self._told(number)
        mark = self._size.commits
        for place, name in enumerate(BRANCHES):
            mark = self._picks(name, place, mark)

    def _upstream(self, number: int, tip: int, tree: _Tree) -> int:
        """Write one commit of upstream; return its number."""
        if not number % _ONE_MERGE_IN and number > 2:
            # What is merged is the commit before, which left `master` one earlier; git has to be told its change again.
            merge = f"Merge branch 'topic-{number}'\n"
            self._history.write(_commit("master", number, number, merge, tree.change(tip), (tip - 1, tip)))
            return number
        lines = []
        if not number % _ONE_FIX_IN:
            target = self._target(number)
            self._fixes.append(_Fix(number, target))
            lines.append(f'Fixes: {self._history.oid(target)[:12]} ("{_subject(target)}")')
        self._history.write(_commit("master", number, number, _message(number, *lines), tree.change(number), (tip,)))
        return number

    def _target(self, number: int) -> int:
        """Return a commit to fix: every other time one of the last fiftieth, else any."""
        span = max(self._size.commits // 50, 2) if _toss(number, 1) else number - 1
        target = max(number - 1 - _mixed(number) % span, 2)
        return target - 1 if not target % _ONE_MERGE_IN else target

    def _picks(self, name: str, place: int, mark: int) -> int:
        """Write a stable branch: of the fixes after it parted, every other one; return the last mark used."""
        parted, tree = self._parted[name]
        tip = parted
        for fix in self._fixes:
            if fix.number <= parted or _toss(fix.number, place + 2):
                continue
            mark += 1
            line = f"(cherry picked from commit {self._history.oid(fix.number)})"
            self._history.write(
                _commit(name, fix.number, mark, _message(fix.number, line), tree.change(fix.number), (tip,))
            )
            tip = mark
        return mark
