"""A command of the person's own configuration, asked one question: bounded in time and in what it may answer.

It is run by the shell, as git runs such commands, in a process group of its own that is gone afterwards. Nothing of the
queue or of a commit becomes part of the command. This module must not know what is asked.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import tempfile
import time

from backportq.errors import UsageError
from backportq.git.repository import Repository
from backportq.git.user import user_environment

_COMPLAINT = 200  # characters of what it said on standard error
_CHUNK = 1 << 16
_PAUSE = 0.1


class OwnCommandError(Exception):
    """The command gave no answer: it failed, took too long, or said too much."""


def own_command(repository: Repository, key: str) -> str | None:
    """Return the command under a key of git's configuration of this person; None where there is none.

    What a repository that was cloned brings along is no configuration of git, so nobody else can set it.
    """
    return repository.git.text("config", "--get", key, ok=(0, 1)) or None


def ask_own_command(repository: Repository, command: str, question: bytes, *, seconds: float, most: int) -> bytes:
    """Give `question` to the command on standard input and return what it prints, at most `most` bytes.

    Raise `OwnCommandError` if there is no such answer within `seconds`, `UsageError` where there is no shell.
    """
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as complaints:
        asked.write(question)
        asked.seek(0)
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", command],
                cwd=repository.git.directory,
                env=user_environment({}),
                stdin=asked,
                stdout=subprocess.PIPE,
                stderr=complaints,
                start_new_session=True,
            )
        except OSError as error:
            raise UsageError(f"'{command}' could not be started: {error.strerror or error}") from error
        ends = time.monotonic() + seconds
        answer: bytes | None = None
        try:
            answer = _read(process, most, ends)
            status = None if answer is None else process.wait(max(0.0, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            status = None
        finally:
            _end(process)
            process.wait()
        if answer is not None and len(answer) > most:
            raise OwnCommandError(f"it printed more than {most} bytes")
        if answer is None or status is None:
            raise OwnCommandError(f"no answer within {seconds:g} seconds")
        if status:
            complaints.seek(0)
            said = complaints.read(4 * _COMPLAINT).decode("utf-8", "replace").strip()[:_COMPLAINT]
            raise OwnCommandError(f"exit status {status}" + (f": {said}" if said else ""))
        return answer


def _read(process: subprocess.Popen[bytes], most: int, ends: float) -> bytes | None:
    """Return what it prints, cut off soon after `most`; None when its time runs out."""
    if process.stdout is None:  # pragma: no cover - started with a pipe
        return None
    answer = b""
    with process.stdout as pipe, selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while len(answer) <= most:
            if time.monotonic() >= ends:
                return None
            if selector.select(_PAUSE):
                piece = os.read(pipe.fileno(), _CHUNK)
                if not piece:
                    return answer
                answer += piece
            elif process.poll() is not None:
                return answer  # a child that it left behind holds the pipe
    _end(process)
    return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command with everything that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
