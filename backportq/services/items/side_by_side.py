"""Branches tried side by side: in a queue one trial waits for another, so that one branch alone leaves processors idle.

    for result in side_by_side(sessions, works):      # in the order of `works`, each as soon as it is known
        ...

Each lane is a thread with a session of its own that takes the next branch that nobody has. Threads are enough, because
git does what takes long. This module must not know what is tried.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from backportq.git.background import Background
from backportq.git.trials import TrialSession, TrialsStoppedError
from backportq.model.progress import advance, overheard

_T = TypeVar("_T")
Work = Callable[[TrialSession], _T]
_PAUSE = 0.1  # seconds between two looks at how far the lanes are
_LONGEST_END = 10.0  # seconds; a few hundred trials are never far from their end


class _Lanes(Generic[_T]):
    """What the lanes share: which work comes next, what came of those that are done, and how far the others are."""

    def __init__(self, works: Sequence[Work[_T]]) -> None:
        self._left = iter(enumerate(works))
        self._changed = threading.Condition()
        self._results: dict[int, _T] = {}
        self._last_word: tuple[str, int, int | None] | None = None
        self._is_ended = False

    def run(self, session: TrialSession) -> None:
        """Work until nothing is left, or nobody waits any more."""
        with overheard(self._hear), session:
            while (following := self._next()) is not None:
                at, work = following
                try:
                    result = work(session)
                except TrialsStoppedError:
                    return
                with self._changed:
                    self._results[at] = result
                    self._changed.notify_all()

    def wait_for(self, at: int, lanes: Sequence[Background[None]]) -> _T:
        """Return the result of one work, and tell meanwhile how far the lanes are; raise what a lane raised."""
        while True:
            with self._changed:
                if at not in self._results:
                    self._changed.wait(_PAUSE)
                if at in self._results:
                    return self._results[at]
            for lane in lanes:
                if lane.is_done:
                    lane.result()
            if self._last_word is not None:
                advance(*self._last_word)

    def end(self) -> None:
        """Begin nothing more."""
        with self._changed:
            self._is_ended = True

    def _next(self) -> tuple[int, Work[_T]] | None:
        with self._changed:
            return None if self._is_ended else next(self._left, None)

    def _hear(self, what: str, done: int, total: int | None) -> None:
        self._last_word = (what, done, total)


def side_by_side(sessions: Sequence[TrialSession], works: Sequence[Work[_T]]) -> Iterator[_T]:
    """Yield what each of `works` returns, in this order; one lane for each session, which it closes.

    Whoever stops asking ends the lanes: they give up before their next trials.
    """
    shared = _Lanes(works)
    lanes = [Background(lambda session=session: shared.run(session)) for session in sessions]  # type: ignore[misc]
    try:
        for at in range(len(works)):
            yield shared.wait_for(at, lanes)
    finally:
        shared.end()
        for session in sessions:
            session.stop()
        for lane in lanes:
            lane.wait(_LONGEST_END)
