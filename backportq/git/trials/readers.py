"""Reading through long-lived git processes: objects by `cat-file --batch`, differences of trees by `diff-tree --stdin`.

Apart from the merging because reading is cheap, comes first, and must survive a process that is killed. This module
must not interpret trees or commits beyond what git prints.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backportq.errors import GitFailedError
from backportq.git.process import failure
from backportq.git.trials.quarantine import Quarantine

_AT_ONCE = 400  # requests of 82 bytes in flight fit into a pipe of 64 KiB, so neither side waits for the other
_CHANGE = re.compile(rb":(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*\0([^\0]*)\0")
_HEADER = re.compile(rb"[0-9a-f]{40,64} [0-9a-f]{40,64}\n")


@dataclass(frozen=True, slots=True)
class TreeChange:
    """One touched path of a commit: mode and id before and after, in git's spelling; `000000` where it is absent."""

    path: bytes
    old_mode: bytes
    old: bytes
    new_mode: bytes
    new: bytes


class _Child:
    """One git process that is started when first used, and again after it died."""

    def __init__(self, quarantine: Quarantine, args: Sequence[str]) -> None:
        self._quarantine = quarantine
        self._args = args
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child; a pipe could fill up

    def running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            worktree: Path = self._quarantine.plain_worktree
            self._process = subprocess.Popen(
                self._quarantine.command(worktree, self._args),
                cwd=worktree,
                env=self._quarantine.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                bufsize=1 << 18,
            )
        return self._process

    def send(self, text: bytes) -> None:
        stdin = self.running().stdin
        if stdin is None:
            raise self.failed()
        try:
            stdin.write(text)
            stdin.flush()
        except OSError as error:
            raise self.failed() from error

    def failed(self) -> GitFailedError:
        """Forget the process and return the error that says how it ended."""
        process, self._process = self._process, None
        status = -1
        if process is not None:
            process.kill()
            status = process.wait()
            _close_pipes(process)
        self._stderr.seek(0)
        said = self._stderr.read()
        self._stderr.seek(0)
        self._stderr.truncate()
        return failure(self._args, status, said)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            _close_pipes(process)
        self._stderr.close()


class ObjectReader:
    """Reads objects, those of the scanned repository and those in the quarantine."""

    def __init__(self, quarantine: Quarantine) -> None:
        self._child = _Child(quarantine, ("cat-file", "--batch"))

    def read(self, oids: Iterable[str]) -> dict[str, tuple[bytes, bytes]]:
        """Return type and content of each object that exists; missing ones are left out."""
        wanted = list(dict.fromkeys(oids))
        found: dict[str, tuple[bytes, bytes]] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            try:
                self._read(some, found)
            except GitFailedError:  # killed from outside, or one damaged object: once more, one at a time
                for oid in some:
                    with contextlib.suppress(GitFailedError):
                        self._read([oid], found)
        return found

    def _read(self, some: Sequence[str], found: dict[str, tuple[bytes, bytes]]) -> None:
        self._child.send("".join(f"{oid}\n" for oid in some).encode("ascii"))
        stdout = self._child.running().stdout
        if stdout is None:
            raise self._child.failed()
        for oid in some:
            fields = stdout.readline().split(b" ")
            if len(fields) == 2 and fields[1] == b"missing\n":
                continue
            if len(fields) != 3:
                raise self._child.failed()
            size = int(fields[2])
            content = stdout.read(size + 1)
            if len(content) != size + 1:
                raise self._child.failed()
            found[oid] = (fields[1], content[:-1])

    def close(self) -> None:
        """End the process."""
        self._child.close()


class ChangeReader:
    """Reads which paths differ between two trees, without looking for renames."""

    def __init__(self, quarantine: Quarantine) -> None:
        self._child = _Child(quarantine, ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"))
        self._mark = f"end-{secrets.token_hex(16)}\n".encode()  # no path of a stranger's tree can contain it

    def read(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[TreeChange, ...] | str]:
        """Return what changed from the first tree of each pair to the second, or git's words where it can't be read."""
        wanted = list(dict.fromkeys(pairs))
        found: dict[tuple[str, str], tuple[TreeChange, ...] | str] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            try:
                found.update(zip(some, self._read(some), strict=True))
            except GitFailedError:  # one missing tree ends the process: find out which
                for pair in some:
                    try:
                        found[pair] = self._read([pair])[0]
                    except GitFailedError as error:
                        found[pair] = error.message
        return found

    def _read(self, some: Sequence[tuple[str, str]]) -> list[tuple[TreeChange, ...]]:
        asked = "".join(f"{old} {new}\n" for old, new in some).encode("ascii") + self._mark
        self._child.send(asked)
        stdout = self._child.running().stdout
        answer = b""
        while not answer.endswith(self._mark):
            part = stdout.read1(1 << 18) if stdout is not None else b""  # type: ignore[attr-defined]
            if not part:
                raise self._child.failed()
            answer += part
        changes: list[tuple[TreeChange, ...]] = []
        position = 0
        for _ in some:
            header = _HEADER.match(answer, position)
            if header is None:
                raise self._child.failed()
            position = header.end()
            of_this = []
            while (match := _CHANGE.match(answer, position)) is not None:
                old_mode, new_mode, old, new, _, path = match.groups()
                of_this.append(TreeChange(path, old_mode, old, new_mode, new))
                position = match.end()
            changes.append(tuple(of_this))
        return changes

    def close(self) -> None:
        """End the process."""
        self._child.close()


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
