"""Ctrl-C while something is made in several steps: before the point of no return it undoes, after it the rest is done.

Without this, an interrupt between a branch and the queue that tells of it would leave one without the other. This
module must not know what the steps are.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interruptible() -> Iterator[None]:
    """Run the block so that `past_the_point` holds until its end, and not longer."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


def past_the_point() -> None:
    """From here on Ctrl-C does nothing, also to git processes that are started, until the block of `interruptible`
    ends."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
