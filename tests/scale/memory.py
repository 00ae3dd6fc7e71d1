"""How much memory a command takes, with all processes that it starts.

The kernel limits each of them; their sum is looked at many times a second. It must not know what is run.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cli.program import PROGRAM, Ran

_SECONDS_BETWEEN = 0.02
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run said, and the most bytes of their own that its processes had at one time."""

    ran: Ran
    peak: int


def run_measured(arguments: Sequence[str], *, cwd: Path, limit: int, seconds: float) -> Measured:
    """Run the program in `cwd`; none of its processes gets more than `limit` bytes, and all end after `seconds`."""

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        limited = ["sh", "-c", f'ulimit -d {limit // _KIB}; exec "$@"', "sh", str(PROGRAM), *arguments]
        process = subprocess.Popen(limited, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        end = time.monotonic() + seconds
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(map(_own_bytes, _family(process.pid))))
            if time.monotonic() > end:
                process.kill()
                process.wait()
                raise AssertionError(f"'{' '.join(arguments)}' takes more than {seconds:.0f} s")
            time.sleep(_SECONDS_BETWEEN)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "replace"))
    return Measured(Ran(texts[0], texts[1], process.returncode), peak)


def _family(pid: int) -> Iterator[int]:
    """Yield a process and all that descend from it."""
    yield pid
    try:
        threads = Path(f"/proc/{pid}/task").iterdir()
        children = " ".join((thread / "children").read_text() for thread in threads)
    except OSError:  # it ended
        return
    for child in children.split():
        yield from _family(int(child))


def _own_bytes(pid: int) -> int:
    """Return how much memory a process has that is no part of a file, as the pages of a packed repository are."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * _KIB for line in status.splitlines() if line.startswith("RssAnon:"))
