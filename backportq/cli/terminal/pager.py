"""Long output through the user's pager, as git does it.

- Only text for people on a terminal is paged, never JSON, and only for verbs whose row in `app.VERBS` says so.
- The repository's own configuration is not asked for the pager: a stranger may have written it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import IO, TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    import subprocess

_pager: subprocess.Popen[str] | None = None


def start() -> TextIO | None:
    """Start the user's pager and return the stream that leads to it; None if there is none, or it is `cat`.

    The order is git's (git-var(1), GIT_PAGER): `GIT_PAGER`, `core.pager`, `PAGER`, `less`; `LESS=FRX`, so that less
    shows colours and ends at once where everything fits on the screen.
    """
    global _pager  # noqa: PLW0603 - a process has one terminal
    import subprocess  # 5 ms, which only what is paged need pay

    command = _configured()
    if command in ("", "cat"):
        return None
    _pager = subprocess.Popen(  # noqa: S602 - the user's own setting, and by git's definition a shell command
        command,
        shell=True,
        stdin=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        # The user's own LESS and LV win, as with git.
        env={"LESS": "FRX", "LV": "-c", **os.environ},
    )
    return cast("TextIO", _pager.stdin)


def is_pager(stream: IO[str] | None) -> bool:
    """Tell whether `stream` leads to the pager, and so to a terminal."""
    return _pager is not None and stream is _pager.stdin


def finish() -> None:
    """Wait until the user has left the pager. Ctrl-C is the pager's until then."""
    global _pager  # noqa: PLW0603 - as above
    if _pager is None:
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        if _pager.stdin is not None:
            with contextlib.suppress(OSError):  # it was left before it had read all
                _pager.stdin.close()
        _pager.wait()
    finally:
        signal.signal(signal.SIGINT, before)
        _pager = None
        sys.stdout = sys.__stdout__


def _configured() -> str:
    if "GIT_PAGER" in os.environ:
        return os.environ["GIT_PAGER"].strip()
    import subprocess

    asked = subprocess.run(
        ["git", "config", "--global", "--get", "core.pager"], capture_output=True, text=True, check=False
    )
    if asked.returncode == 0:
        return asked.stdout.strip()
    if "PAGER" in os.environ:
        return os.environ["PAGER"].strip()
    import shutil

    return "less" if shutil.which("less") else "cat"
