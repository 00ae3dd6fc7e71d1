"""`apply --exec`: run a command on the tree of a pick, in a worktree of its own, and keep what it said.

A build of a stranger's tree can hang, fork, flood and litter; it gets a process group, a time limit, a bounded log and
a worktree that is not the user's. This module must not decide what a failure leads to.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Self

from backportq.errors import RepositoryError
from backportq.git.picking.hooks import remove_worktree
from backportq.git.picking.records import picks_directory
from backportq.git.picking.worktrees import NO_HOOKS, WHOLE_TREE, add_worktree
from backportq.git.repository import Repository
from backportq.git.user import run_as_user, user_environment
from backportq.git.whole_file import is_running
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.records import CheckResult
from backportq.model.picks.record import record_name

_PREFIX = "exec-"
_LOG_FOLDER = "backportq-logs"
_LOG_BYTES = 8 << 20
_TAIL_BYTES = 1 << 20
_SKIP = 125  # as in `git bisect run`
_GRACE = 5.0
_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """How the command ended: `status` is its exit status (None: killed at the time limit), `log` what it said."""

    result: CheckResult
    status: int | None
    seconds: float
    log: Path


class CheckRoom:
    """The worktree in which one command is run on commit after commit; build products stay for the next one."""

    def __init__(self, repository: Repository, topic: BranchName, command: str, *, seconds: float | None) -> None:
        self._repository = repository
        self._command = command
        self._seconds = seconds
        self._logs = repository.common_dir / _LOG_FOLDER / record_name(topic)
        self._place = picks_directory(repository)
        self._worktree = self._place / f"{_PREFIX}{record_name(topic)}-{os.getpid()}"
        self._number = 0

    def __enter__(self) -> Self:
        try:
            self._logs.mkdir(parents=True, exist_ok=True)
            self._place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RepositoryError(f"cannot write '{self._logs}': {error.strerror or error}") from error
        for left in self._place.glob(f"{_PREFIX}*"):
            if not is_running(left.name.rpartition("-")[2]):  # its process was killed
                remove_worktree(self._repository, left)
        return self

    def __exit__(self, *_: object) -> None:
        remove_worktree(self._repository, self._worktree)
        with contextlib.suppress(OSError):  # picks are in progress there
            self._place.rmdir()

    def run(self, pick: Oid, upstream: Oid, lent: Mapping[str, str] = MappingProxyType({})) -> CheckOutcome:
        """Run the command on the whole tree of `pick`, which is in the repository, or found through `lent`."""
        if not self._worktree.exists():
            add_worktree(self._repository, self._worktree, pick, env=lent, is_whole=True)
        else:
            go = ("checkout", "-q", "--force", "--detach", pick)
            run_as_user(self._repository, *go, worktree=self._worktree, env=lent, config=(*NO_HOOKS, *WHOLE_TREE))
        self._number += 1
        log = self._logs / f"{self._number:03}-{short(upstream)}.log"
        begun = time.monotonic()
        environment: dict[str, str] = {**lent, "BACKPORTQ_COMMIT": pick, "BACKPORTQ_UPSTREAM": upstream}
        with log.open("wb") as file:
            file.write(f"$ {self._command}\n".encode("utf-8", "surrogateescape"))
            status = run_bounded(self._command, self._worktree, environment, file, self._seconds)
        spent = time.monotonic() - begun
        if status is None:
            result = CheckResult.TIMED_OUT
        elif status == _SKIP:
            result = CheckResult.SKIPPED
        else:
            result = CheckResult.PASSED if status == 0 else CheckResult.FAILED
        return CheckOutcome(result, status, spent, log)


def run_bounded(
    command: str,
    place: Path,
    extra: Mapping[str, str],
    log: BinaryIO,
    seconds: float | None,
    *,
    stdin: Path | None = None,
) -> int | None:
    """Run `command` in the shell and return its exit status, None if it ran out of time; nothing of it survives. It
    reads the file `stdin`, or nothing."""
    ends = None if seconds is None else time.monotonic() + seconds
    with Path(os.devnull if stdin is None else stdin).open("rb") as read:
        process = subprocess.Popen(
            ["/bin/sh", "-c", command],
            cwd=place,
            env=user_environment(extra),
            stdin=read,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        is_late = _follow(process, log, ends)
        if not is_late:
            return process.wait()
    finally:
        _end_group(process)
    return None


def _follow(process: subprocess.Popen[bytes], log: BinaryIO, ends: float | None) -> bool:
    """Copy what is said to the log until the process ends; return whether its time ran out before.

    The beginning and the end of a flood are kept, since that is where errors are.
    """
    if process.stdout is None:
        raise AssertionError(process)
    written, tail, lost = 0, bytearray(), 0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        is_open, is_late = True, False
        while is_open or process.poll() is None:
            if ends is not None and time.monotonic() >= ends:
                is_late = True
                break
            if not is_open:
                time.sleep(_PAUSE / 10)
                continue
            if not selector.select(_PAUSE):
                if process.poll() is not None:
                    break  # a child that it left behind holds the pipe
                continue
            chunk = os.read(process.stdout.fileno(), 1 << 16)
            if not chunk:
                selector.unregister(process.stdout)
                is_open = False
                continue
            room = max(_LOG_BYTES - written, 0)
            log.write(chunk[:room])
            written += min(len(chunk), room)
            tail += chunk[room:]
            if len(tail) > 2 * _TAIL_BYTES:
                lost += len(tail) - _TAIL_BYTES
                del tail[:-_TAIL_BYTES]
    if lost:
        log.write(f"\n[{lost} bytes left out]\n".encode())
    log.write(tail)
    if is_late:
        log.write(b"\n[ended by backportq: out of time]\n")
    return is_late


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End whatever of the process group still lives: politely, then for good."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        if number is signal.SIGTERM:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
