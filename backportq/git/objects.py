"""Reading objects by name through one `git cat-file --batch-command` that stays open for the length of a command.

A command asks for the queue, for what somebody typed and for a commit or two: one process answers all of that. Lists
of thousands have a buffered process of their own (`git/read/lookup.py`), because here each answer is waited for.

- Nothing is downloaded: an object that a partial clone lacks is missing.
- Replacement objects count for nothing: what is written is the same for everybody.
- A name is looked up at the moment it is asked for, so a ref that moved is seen at its new place.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
import weakref
from dataclasses import dataclass
from typing import IO

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.process import Git
from backportq.model.ids import Oid

_MAX_SIZE = 256 << 20
_NONE = (" missing", " ambiguous")
_UPSTREAM = "@{"  # `@{upstream}`, `@{push}`, and the like
_PACK_INDEX = "multi-pack-index"
MEND_PACK_INDEX = 'rm "$(git rev-parse --git-path objects/pack/multi-pack-index)"; git multi-pack-index write'
"""What a person types where the index of all packs is damaged."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object: its id, its type (`commit`, `tree`, `blob`, `tag`) and its bytes."""

    oid: Oid
    kind: str
    raw: bytes


class ObjectLookup:
    """Objects of one repository. The process starts with the first question and ends with the reader; threads may
    share it."""

    def __init__(self, git: Git) -> None:
        self._git = git
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def find(self, name: str) -> StoredObject | None:
        """Return the object that `name` means (an id, a ref, any expression); None where there is none, or several."""
        with self._lock:
            header = self._ask("contents", name)
            if header.endswith(_NONE):
                return None
            oid, kind, size = _parsed(header)
            if size > _MAX_SIZE:
                self._end()  # its bytes would follow
                raise RepositoryError(f"object '{oid}' has {size >> 20} MiB, wanted at most {_MAX_SIZE >> 20} MiB")
            raw = self._answers().read(size + 1)
            if len(raw) != size + 1:
                raise self._cut_off(oid)
            return StoredObject(oid, kind, raw[:-1])

    def describe(self, name: str) -> str:
        """Return git's answer to what `name` means: `ID TYPE`, `NAME missing` or `NAME ambiguous`."""
        with self._lock:
            try:
                answer = self._ask("info", name)
            except GitFailedError:
                if _UPSTREAM in name:  # git dies of it where the branch has none
                    return f"{name}{_NONE[0]}"
                raise
            return answer if answer.endswith(_NONE) else answer.rpartition(" ")[0]

    def size_of(self, oid: Oid) -> int | None:
        """Return how many bytes an object has, None where it is missing."""
        with self._lock:
            answer = self._ask("info", oid)
            return None if answer.endswith(_NONE) else _parsed(answer)[2]

    def bytes_of(self, oid: Oid) -> bytes:
        """Return the bytes of an object that must be there; raise `RepositoryError` if it is missing."""
        found = self.find(oid)
        if found is None:
            raise RepositoryError(
                f"the queue's object '{oid}' is missing", hints=("git fsck shows what else the repository lacks",)
            )
        return found.raw

    def _ask(self, question: str, name: str) -> str:
        if self._process is None:
            self._process = self._git.start(
                "cat-file", "--batch-command", stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            weakref.finalize(self, _close, self._process)
        try:
            self._questions().write(f"{question} {name}\n".encode("utf-8", "surrogateescape"))
            self._questions().flush()
        except BrokenPipeError as error:
            raise self._cut_off(name) from error
        answer = self._answers().readline().decode("utf-8", "surrogateescape")
        if not answer.endswith("\n"):
            raise self._cut_off(name)
        return answer[:-1]

    def _questions(self) -> IO[bytes]:
        if self._process is None or self._process.stdin is None:  # pragma: no cover - started with both
            raise GitFailedError("'git cat-file' was started without pipes")
        return self._process.stdin

    def _answers(self) -> IO[bytes]:
        if self._process is None or self._process.stdout is None:  # pragma: no cover - started with both
            raise GitFailedError("'git cat-file' was started without pipes")
        return self._process.stdout

    def _cut_off(self, name: str) -> GitFailedError:
        """Return the error for a process that ended in the middle; the next question starts another one.

        Nobody listens to what such a process says, so that git is asked once more, by itself, for its reason.
        """
        self._end()
        try:
            self._git.run("cat-file", "-t", name)
        except GitFailedError as error:
            hints = [MEND_PACK_INDEX] if _PACK_INDEX in error.message else []
            return GitFailedError(error.message, hints=(*hints, "git fsck shows what else is damaged"))
        return GitFailedError("'git cat-file' ended while an object was read", hints=("git fsck",))

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            _close(self._process)
            self._process = None


def _parsed(header: str) -> tuple[Oid, str, int]:
    oid, kind, size = header.split(" ")
    return Oid(oid), kind, int(size)


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):  # it ended before it read all
                pipe.close()
    process.wait()
