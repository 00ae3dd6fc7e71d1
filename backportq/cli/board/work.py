"""Work that must not freeze the keys: three threads, each with a repository of its own and one task at a time.

A task is given the project of its thread, and its answer is handed back to the thread that draws. A failure of git or
of the queue is an answer, too; the board shows it and goes on. This module must not draw.

Threads of one process take turns, so that one that computes delays every key by some milliseconds. Trials are
therefore made by a `pending` in a process of its own (`try_elsewhere`), and read here from what it remembers.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import TypeVar

from backportq.cli import invocation
from backportq.errors import BackportqError
from backportq.model.ids import BranchName
from backportq.services.project import Project

Answer = TypeVar("Answer")

_NICE = 10  # keys come first
_ASKS_AGAIN = 0.05  # seconds between two looks at whether a process is still wanted


class Lane(StrEnum):
    """What is done one after the other: the queue read and written, trials, and what is looked at."""

    QUEUE = "queue"
    VERDICTS = "verdicts"
    EVIDENCE = "evidence"


class BoardWork:
    """The threads of one board. `hand_back` calls a function in the thread that draws."""

    def __init__(self, opened: Callable[[], Project], hand_back: Callable[[Callable[[], None]], object]) -> None:
        self._opened = opened
        self._hand_back = hand_back
        self._projects: dict[Lane, Project] = {}
        self._lanes = {lane: ThreadPoolExecutor(1, f"board-{lane}") for lane in Lane}
        self._is_closed = False

    def submit(
        self,
        lane: Lane,
        task: Callable[[Project], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[BackportqError], None],
    ) -> None:
        """Do `task` after what was asked of this lane before, then call `done` with its answer, or `failed`."""
        if not self._is_closed:
            self._lanes[lane].submit(self._run, lane, task, done, failed)

    @property
    def is_closed(self) -> bool:
        """Whether the board has ended."""
        return self._is_closed

    def tell(self, step: Callable[[], None]) -> None:
        """Call `step` in the thread that draws, from within a task."""
        if not self._is_closed:
            self._hand_back(step)

    def close(self) -> None:
        """Forget what is still to be done; what is being written is finished."""
        self._is_closed = True
        for lane in self._lanes.values():
            lane.shutdown(wait=False, cancel_futures=True)
        self._lanes[Lane.QUEUE].shutdown(wait=True)

    def _run(
        self,
        lane: Lane,
        task: Callable[[Project], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[BackportqError], None],
    ) -> None:
        try:
            if lane not in self._projects:
                self._projects[lane] = self._opened()
            answer = task(self._projects[lane])
        except BackportqError as failure:
            self._projects.pop(lane, None)  # git may have died under it; the next task opens it again
            problem = failure
            self.tell(lambda: failed(problem))
        else:
            self.tell(lambda: done(answer))


def try_elsewhere(branch: BranchName, is_wanted: Callable[[], bool]) -> bool:
    """Try the queue of `branch` in a process of its own, and wait for it; return whether it is still wanted then.

    Nothing is said of a failure: whoever reads the verdicts then makes them, and meets it.
    """
    with subprocess.Popen(
        invocation.command("pending", branch, "--json"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        with contextlib.suppress(OSError):  # it has ended
            os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
        while process.poll() is None:
            if not is_wanted():
                process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_ASKS_AGAIN)
    return is_wanted()
