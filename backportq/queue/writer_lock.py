"""Taking turns: writers on one machine queue up instead of all redoing their work for the one that wins.

Only a courtesy: what is right is decided by compare-and-swap on the ref, and whoever does not get a turn in time, or
where locks don't work, goes ahead without. The lock belongs to the process and ends with it, however it ends. This
module must not know what is written.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LONGEST_WAIT = 10.0  # seconds; a change takes about a tenth of one
_PAUSES = (0.002, 0.015)  # seconds


@contextmanager
def own_turn(folder: Path) -> Iterator[None]:
    """Wait until no other process has its turn in `folder`, for at most ten seconds, and hold it meanwhile."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError:
        yield  # a read-only or foreign directory: the write itself will say so if it matters
        return
    try:
        _wait(descriptor)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int) -> None:
    end = time.monotonic() + _LONGEST_WAIT
    while time.monotonic() < end:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(random.uniform(*_PAUSES))  # noqa: S311 - jitter
        except OSError:
            return  # a file system without locks
        else:
            return
