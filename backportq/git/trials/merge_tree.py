"""Having git merge: many three-way merges in few `git merge-tree --write-tree --stdin` processes.

`merge-tree` is the machinery of `git cherry-pick` (merge-ort). The merge base is given by a synthetic commit, which
works the same in every git from 2.39 on. This module must not know what is merged, or why.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.trials.answers import MergeAnswer, Sides, parse_answers
from backportq.git.trials.quarantine import SCRATCH_VARIABLE, Quarantine

SECONDS_VARIABLE = "BACKPORTQ_TRIAL_SECONDS"
_SECONDS = 30.0  # a merge takes milliseconds; only a hostile or broken one reaches this
_MERGES_FOR_A_SECOND_MORE = 10
_TRIED_AGAIN_TOGETHER = 16
_WHO = b"backportq <> 0 +0000"

MergeOutcome = MergeAnswer | str
"""What git gave, or why it gave nothing, in words."""


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge to make: three trees, and the directory whose attribute files apply."""

    worktree: Path
    base: str
    ours: str
    theirs: str


@dataclass(slots=True)
class Ticket:
    """A merge that was asked for; `outcome` is None until git answered."""

    merge: Merge
    outcome: MergeOutcome | None = None


@dataclass(slots=True)
class _Run:
    """What one process was asked and what came of it; `blames_next`: git itself gave up on the first unanswered one."""

    answered: list[MergeAnswer] = field(default_factory=list)
    why: str = ""
    blames_next: bool = False


class Merger:
    """Up to `width` git processes for each worktree; git answers in blocks, so answers are read when all is asked."""

    def __init__(
        self,
        quarantine: Quarantine,
        width: int | None = None,
        *,
        style: str | None = None,
    ) -> None:
        self._quarantine = quarantine
        self._style = style  # of conflict markers; None for git's own, the only one whose verdicts count
        self.width = width if width is not None else len(os.sched_getaffinity(0))
        self._workers: dict[tuple[Path, int], _Worker] = {}
        self.asked = 0  # since the last `finish`
        self._seconds = _limit()

    def submit(self, merge: Merge) -> Ticket:
        """Ask for a merge; it starts now, and its answer is there after `finish`."""
        ticket = Ticket(merge)
        self.asked += 1
        key = (merge.worktree, self.asked % self.width)
        worker = self._workers.get(key)
        if worker is None:
            worker = self._workers[key] = _Worker(self._quarantine, merge.worktree, self._style)
        worker.send(ticket)
        return ticket

    def finish(self) -> None:
        """Wait until every ticket has its outcome; raise `RepositoryError` when the disk is full."""
        self.asked = 0
        workers, self._workers = list(self._workers.values()), {}
        try:
            for worker in workers:
                worker.end_of_input()
            left = [ticket for worker in workers for ticket in self._taken(worker)]
        finally:
            for worker in workers:
                worker.kill()
        if left:
            groups = [left[at : at + _TRIED_AGAIN_TOGETHER] for at in range(0, len(left), _TRIED_AGAIN_TOGETHER)]
            with ThreadPoolExecutor(self.width) as pool:
                list(pool.map(self._try_again, groups))

    def close(self) -> None:
        """Stop everything that still runs."""
        for worker in self._workers.values():
            worker.kill()
        self._workers.clear()

    def _taken(self, worker: _Worker) -> list[Ticket]:
        """Give the tickets of a worker their answers; return those that have none."""
        run = worker.wait(self._seconds + len(worker.tickets) / _MERGES_FOR_A_SECOND_MORE, self._seconds)
        for ticket, answer in zip(worker.tickets, run.answered, strict=False):
            ticket.outcome = answer
        return worker.tickets[len(run.answered) :]

    def _try_again(self, tickets: list[Ticket]) -> None:
        """Answer what a process left unanswered when it ended: find the merge that ends it, and answer the others."""
        while tickets:
            groups: dict[Path, list[Ticket]] = {}
            for ticket in tickets:
                groups.setdefault(ticket.merge.worktree, []).append(ticket)
            tickets = groups.pop(tickets[0].merge.worktree)
            others = [ticket for group in groups.values() for ticket in group]
            worker = _Worker(self._quarantine, tickets[0].merge.worktree, self._style)
            try:
                for ticket in tickets:
                    worker.send(ticket)
                worker.end_of_input()
                run = worker.wait(self._seconds, self._seconds)
            finally:
                worker.kill()
            for ticket, answer in zip(tickets, run.answered, strict=False):
                ticket.outcome = answer
            left = tickets[len(run.answered) :]
            if left and (run.blames_next or len(left) == 1 == len(tickets)):
                left[0].outcome = run.why
                left = left[1:]
            elif left and len(tickets) > 1:
                half = (len(left) + 1) // 2
                self._try_again(left[:half])
                left = left[half:]
            tickets = left + others


class _Worker:
    """One process, what it was asked, and a thread that reads its answers so that it never waits for us."""

    def __init__(self, quarantine: Quarantine, worktree: Path, style: str | None) -> None:
        self._quarantine = quarantine
        self.tickets: list[Ticket] = []
        self._sides: list[Sides] = []
        self._out = bytearray()
        self._err = b""
        try:
            self._process = subprocess.Popen(
                quarantine.command(worktree, (*_style_options(style), "merge-tree", "--write-tree", "--stdin")),
                cwd=worktree,
                env=quarantine.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
            )
        except OSError as error:
            raise GitFailedError(f"git could not be started: {error}") from error
        self._readers = [
            threading.Thread(target=self._read_out, daemon=True),
            threading.Thread(target=self._read_err, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def send(self, ticket: Ticket) -> None:
        sides = sides_of(self._quarantine, ticket.merge)
        self.tickets.append(ticket)
        self._sides.append(sides)
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):  # it ended: what it left unanswered is found in `wait`
                self._process.stdin.write(b"%s %s\n" % sides)

    def end_of_input(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def wait(self, seconds: float, limit: float) -> _Run:
        # The end of its output is the end of the process; waiting for the process itself with a limit would poll.
        self._readers[0].join(seconds)
        if self._readers[0].is_alive():
            self.kill()
            return _Run(self._answers(), f"the merge did not end within {limit:g} seconds")
        status = self._process.wait()
        answered = self._answers()
        if status == 0 and len(answered) == len(self.tickets):
            return _Run(answered)
        said = self._err.decode("utf-8", "replace").strip()
        if "No space left on device" in said or "Disk quota exceeded" in said:
            raise RepositoryError(
                f"no space left for temporary objects in '{self._quarantine.directory.parent}'",
                hints=(f"{SCRATCH_VARIABLE}=DIR names another place for temporary objects",),
            )
        why = said.splitlines()[-1].removeprefix("fatal: ").removeprefix("error: ") if said else ""
        return _Run(answered, why or f"'git merge-tree' ended with status {status}", blames_next=status > 0)

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _answers(self) -> list[MergeAnswer]:
        for reader in self._readers:
            reader.join()
        return parse_answers(bytes(self._out), self._sides)

    def _read_out(self) -> None:
        if self._process.stdout is None:
            return
        while chunk := os.read(self._process.stdout.fileno(), 1 << 16):
            self._out += chunk

    def _read_err(self) -> None:
        if self._process.stderr is not None:
            self._err = self._process.stderr.read()


def sides_of(quarantine: Quarantine, merge: Merge) -> Sides:
    """Write the synthetic commits of a merge, if they are not there, and return their ids."""
    base = _commit(quarantine, merge.base)
    return _commit(quarantine, merge.ours, base), _commit(quarantine, merge.theirs, base)


def _commit(quarantine: Quarantine, tree: str, parent: bytes | None = None) -> bytes:
    headers = b"tree %s\n" % tree.encode("ascii")
    if parent is not None:
        headers += b"parent %s\n" % parent
    body = b"%sauthor %s\ncommitter %s\n\n\n" % (headers, _WHO, _WHO)
    return quarantine.write_object(b"commit", body).encode("ascii")


def _style_options(style: str | None) -> tuple[str, ...]:
    return () if style is None else ("-c", f"merge.conflictStyle={style}")


def _limit() -> float:
    try:
        return max(float(os.environ[SECONDS_VARIABLE]), 0.001)
    except (KeyError, ValueError):
        return _SECONDS
