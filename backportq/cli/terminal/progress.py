"""One line on a terminal that tells how far long work is, removed before anything else is printed.

It is for people: it goes to standard error, only if that is a terminal, and only once the work has taken a while.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

from backportq.cli.terminal.clean import clean

_PATIENCE = 0.7  # seconds before the first word, so that quick commands stay quiet; git waits one to two
_PAUSE = 0.1
_WORKING = "working"


class ProgressLine:
    """A listener of `backportq.model.progress`; `clear` removes the line if one is shown.

    Work that tells nothing for a while is shown as such to whoever `expects` an answer: a thread of its own says so
    once, until something else is said. It must not be expected where a person may be asked something, or an editor or
    another program gets the terminal, before anything was printed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = clock() + _PATIENCE
        self._shown = 0
        self._lock = threading.Lock()
        self._is_heard = False

    def expect(self) -> None:
        """Say that there is work going on if nothing at all is said in time."""
        beat = threading.Timer(_PATIENCE, self._beat)
        beat.daemon = True
        beat.start()

    def _beat(self) -> None:
        with self._lock:
            if not self._is_heard and not self._shown:
                self._show(_WORKING)

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Show the line anew if the last time was long enough ago."""
        now = self._clock()
        if now < self._next:
            return
        with self._lock:
            self._next = now + _PAUSE
            self._show(f"{what}: {done:,}" if not total else f"{what}: {100 * done // total:3}% ({done:,}/{total:,})")

    def clear(self) -> None:
        """Remove the line; the next one waits for a while again."""
        with self._lock:
            self._is_heard = True
            if self._shown:
                self._write("\r" + " " * self._shown + "\r")
                self._shown = 0

    def _show(self, text: str) -> None:
        import shutil  # 3 ms, which only slow work need pay

        text = clean(text)
        text = text[: shutil.get_terminal_size().columns - 1]
        self._write("\r" + text.ljust(self._shown))
        self._shown = len(text)

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):  # the terminal is gone; the work is not
            self._shown = 0


line = ProgressLine()
"""The line of this process."""


def wanted() -> bool:
    """Tell whether anybody could see the line."""
    return sys.stderr is not None and sys.stderr.isatty()
