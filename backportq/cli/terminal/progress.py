"""One line on a terminal that tells how far long work is, removed before anything else is printed.

It is for people: it goes to standard error, only if that is a terminal, and only once the work has taken a while.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from backportq.cli.terminal.clean import clean

_PATIENCE = 0.7  # seconds before the first word, so that quick commands stay quiet; git waits one to two
_PAUSE = 0.1


class ProgressLine:
    """A listener of `backportq.model.progress`; `clear` removes the line if one is shown."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = clock() + _PATIENCE
        self._shown = 0

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Show the line anew if the last time was long enough ago."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + _PAUSE
        text = clean(f"{what}: {done:,}" if not total else f"{what}: {100 * done // total:3}% ({done:,}/{total:,})")
        import shutil  # 3 ms, which only slow work need pay

        text = text[: shutil.get_terminal_size().columns - 1]
        self._write("\r" + text.ljust(self._shown))
        self._shown = len(text)

    def clear(self) -> None:
        """Remove the line; the next one waits for a while again."""
        if self._shown:
            self._write("\r" + " " * self._shown + "\r")
            self._shown = 0

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
