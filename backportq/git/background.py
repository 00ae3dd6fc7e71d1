"""One piece of work beside other work: started, and waited for when its result is wanted.

For work that mostly waits for git or hands whole blocks to C, so that threads do not stand in each other's way. This
module must not know what is done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar, cast

_T = TypeVar("_T")


class Background(Generic[_T]):
    """The call of a function in a thread of its own, which ends with the process at the latest."""

    def __init__(self, work: Callable[[], _T]) -> None:
        """Start calling `work`."""
        self._work = work
        self._made: _T | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_done(self) -> bool:
        """Whether the result is there, or the failure."""
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> bool:
        """Wait for at most so long; tell whether the result is there."""
        self._thread.join(seconds)
        return self.is_done

    def result(self) -> _T:
        """Wait for what the function returns; raise what it raised."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return cast("_T", self._made)

    def _run(self) -> None:
        try:
            self._made = self._work()
        except BaseException as failure:  # noqa: BLE001 - raised where it is waited for
            self._failure = failure
