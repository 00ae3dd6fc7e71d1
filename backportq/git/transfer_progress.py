"""What git says of a transfer while it runs, read by GitPython's `RemoteProgress` and passed on as progress.

A file of its own so that GitPython is loaded only where somebody watches. No command line is built by it, and it must
not know what is transferred.
"""

from __future__ import annotations

import os
import re
from typing import IO

from backportq.model.progress import advance

_LINE_END = re.compile(rb"[\r\n]")
_CHATTER = re.compile(r"(?:remote: )?(?:Total [0-9]+ \(delta|Enumerating objects|Delta compression using)|\Z")
_CHUNK = 1 << 12


def watch_transfer(errors: IO[bytes]) -> bytes:
    """Read git's standard error to its end, tell its progress, and return the lines that are none."""
    # GitPython looks for git when it is imported; we start git ourselves.
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    from git import RemoteProgress

    words = {
        RemoteProgress.COUNTING: "counting objects",
        RemoteProgress.COMPRESSING: "compressing objects",
        RemoteProgress.WRITING: "sending objects",
        RemoteProgress.RECEIVING: "receiving objects",
        RemoteProgress.RESOLVING: "resolving deltas",
        RemoteProgress.FINDING_SOURCES: "finding sources",
        RemoteProgress.CHECKING_OUT: "checking out files",
    }

    class Transfer(RemoteProgress):
        """Passes on how many objects are done of each step; `is_progress` says whether the last line was about that."""

        is_progress = True

        def update(
            self,
            op_code: int,
            cur_count: str | float,
            max_count: str | float | None = None,
            message: str = "",  # noqa: ARG002 - overridden
        ) -> None:
            what = words.get(op_code & self.OP_MASK)
            if what is not None:
                advance(what, int(cur_count), int(max_count) if max_count else None)

        def line_dropped(self, line: str) -> None:
            self.is_progress = _CHATTER.match(line) is not None

    transfer = Transfer()
    hear = transfer.new_message_handler()
    kept: list[bytes] = []
    pending = b""
    while chunk := os.read(errors.fileno(), _CHUNK):
        *lines, pending = _LINE_END.split(pending + chunk)
        for line in lines:
            transfer.is_progress = not line.startswith((b"error:", b"fatal:"))
            hear(line.decode("utf-8", "replace"))
            if not transfer.is_progress:
                kept.append(line)
    kept.append(pending)
    return b"\n".join(kept)
