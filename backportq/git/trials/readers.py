"""Reading what trials need: objects, and which paths differ between two trees.

Few objects are asked of `git cat-file --batch`, one after the other. Where many are expected, libgit2 reads them in
this process, and git is asked for what it does not give. Trees are always compared by `git diff-tree`, which in bulk
takes a fifth of the time of reading and comparing them here. This module must not interpret trees or commits.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from backportq.git.object_database import WORTH_IT, ObjectDatabase
from backportq.git.trials.quarantine import Quarantine

Entry = tuple[bytes, bytes]
"""Mode and raw id of a tree entry."""

_AT_ONCE = 400  # requests of 82 bytes in flight fit into a pipe of 64 KiB, so neither side waits for the other
_CHANGE = re.compile(rb":(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) [A-Z]\d*\0([^\0]*)\0")
_HEADER = re.compile(rb"[0-9a-f]{40,64} [0-9a-f]{40,64}\n")
_ABSENT = b"000000"
REGULAR = (b"100644", b"100755")
"""The modes of regular files."""


@dataclass(frozen=True, slots=True)
class TreeChange:
    """What differs at one path between two trees: the entry of a file, link or submodule on each side, or None."""

    path: bytes
    old: Entry | None
    new: Entry | None


class ObjectReader:
    """Reads one object at a time; nothing is started before the first."""

    def __init__(self, quarantine: Quarantine) -> None:
        self._quarantine = quarantine
        self._git = _Child(quarantine, ("cat-file", "--batch"))
        self._database: ObjectDatabase | None = None
        self._may_open = True
        self._expected = 0

    def expect(self, objects: int) -> None:
        """Take note that about so many objects will be read."""
        self._expected += objects

    def read(self, oid: str) -> tuple[bytes, bytes] | None:
        """Return type and content of an object, or None where it does not exist or is damaged."""
        if self._may_open and self._expected > WORTH_IT:
            self._may_open = False
            self._database = ObjectDatabase.open(self._quarantine.objects, hash_name=self._quarantine.hash_name)
        found = self._database.read(oid) if self._database is not None else None
        if found is None:
            self._expected += 1
            found = self._ask_git(oid)
            if found is not None:
                self._database = None  # git sees more here than libgit2 does, perhaps of every object
        return found

    def why_unreadable(self) -> str:
        """Return what git said when it last gave up on an object, empty if that is just missing."""
        return self._git.said

    def _ask_git(self, oid: str) -> tuple[bytes, bytes] | None:
        for _ in range(2):  # the second time after it was killed from outside
            try:
                stdout = self._git.send(f"{oid}\n".encode("ascii"))
                fields = stdout.readline().split(b" ")
                if len(fields) == 2 and fields[1] == b"missing\n":
                    self._git.listen()
                    return None
                if len(fields) == 3:
                    size = int(fields[2])
                    content = stdout.read(size + 1)
                    if len(content) == size + 1:
                        return fields[1], content[:-1]
            except OSError:
                pass
            self._git.end()
        return None

    def close(self) -> None:
        """End git, if it was started."""
        self._git.close()


class _Child:
    """One git process that is started when first asked, and again after it died; `said` is why it died."""

    def __init__(self, quarantine: Quarantine, args: Sequence[str]) -> None:
        self._quarantine = quarantine
        self._args = args
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child; a pipe could fill up
        self.said = ""

    def send(self, text: bytes) -> IO[bytes]:
        """Write `text` to the process and return what it answers to."""
        if self._process is None:
            worktree = self._quarantine.plain_worktree
            self._process = subprocess.Popen(
                self._quarantine.command(worktree, self._args),
                cwd=worktree,
                env=self._quarantine.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                bufsize=1 << 18,
            )
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError(self._args)
        self._process.stdin.write(text)
        self._process.stdin.flush()
        return self._process.stdout

    def end(self) -> None:
        """End the process, and note what it said."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self.listen()

    def listen(self) -> None:
        """Note what the process said since the last time."""
        self._stderr.seek(0)
        words = self._stderr.read().decode("utf-8", "replace").strip().splitlines()
        self.said = words[-1].removeprefix("fatal: ").removeprefix("error: ") if words else ""
        self._stderr.seek(0)
        self._stderr.truncate()

    def close(self) -> None:
        """End the process for good."""
        self.end()
        self._stderr.close()


class ChangeReader:
    """Reads which paths differ between two trees, without looking for renames."""

    def __init__(self, quarantine: Quarantine) -> None:
        self._git = _Child(quarantine, ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"))
        self._mark = f"end-{secrets.token_hex(16)}\n".encode()  # no path of a stranger's tree can contain it

    def read(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[TreeChange, ...] | str]:
        """Return what changed from the first tree of each pair to the second, or git's words where it can't be read."""
        wanted = list(dict.fromkeys(pairs))
        found: dict[tuple[str, str], tuple[TreeChange, ...] | str] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            answers = self._read(some)
            if answers is None:  # one missing tree ends the process: find out which
                for pair in some:
                    alone = self._read([pair])
                    found[pair] = self._git.said or "'git diff-tree' was killed" if alone is None else alone[0]
            else:
                found.update(zip(some, answers, strict=True))
        return found

    def _read(self, some: Sequence[tuple[str, str]]) -> list[tuple[TreeChange, ...]] | None:
        """Return what changed, or None where git ended before it had said it."""
        asked = "".join(f"{old} {new}\n" for old, new in some).encode("ascii") + self._mark
        answer = b""
        try:
            stdout = self._git.send(asked)
            while not answer.endswith(self._mark):
                part = stdout.read1(1 << 18)  # type: ignore[attr-defined]
                if not part:
                    break
                answer += part
        except OSError:
            pass
        changes: list[tuple[TreeChange, ...]] = []
        position = 0
        for _ in some:
            header = _HEADER.match(answer, position)
            if header is None:
                break
            position = header.end()
            of_this = []
            while (match := _CHANGE.match(answer, position)) is not None:
                old_mode, new_mode, old, new, path = match.groups()
                of_this.append(TreeChange(path, _entry(old_mode, old), _entry(new_mode, new)))
                position = match.end()
            changes.append(tuple(of_this))
        if len(changes) < len(some) or not answer.endswith(self._mark):
            self._git.end()
            return None
        return changes

    def close(self) -> None:
        """End the process."""
        self._git.close()


def _entry(mode: bytes, oid: bytes) -> Entry | None:
    return None if mode == _ABSENT else (mode, bytes.fromhex(oid.decode("ascii")))


def is_regular(entry: Entry | None) -> bool:
    """Tell whether there is an entry, and it is a regular file."""
    return entry is not None and entry[0] in REGULAR
