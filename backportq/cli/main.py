"""The entry point of `backportq` and `git-backportq`.

It holds nothing but the way into `boundary`, so that an interrupt that comes while the program is still being loaded
ends it as quietly as a later one. It must not import anything of ours at its top.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

_GARBAGE = 100_000
"""gc threshold: the default costs about 5 % of a scan, and we create almost no cycles."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with `arguments` (those of the process if None) and return its exit code."""
    gc.set_threshold(_GARBAGE)
    given = sys.argv[1:] if arguments is None else arguments
    try:
        if given[:1] == ["--complete"]:
            from backportq.cli.completing import answer  # a shell waits between two keys: nothing else is loaded

            return answer(given[1:])
        from backportq.cli.boundary import run  # takes 20 ms, in which a person may press Ctrl-C

        return run(given)
    except KeyboardInterrupt:
        return 130


def run_process() -> NoReturn:
    """Run the program as a process of its own, and end that at once.

    What would be left is to free one by one what was built, which takes as long as a fifth of a second scan; and if git
    was interrupted while a thread reads from it, the interpreter could not end in order.
    """
    try:
        _speak_utf8()
        status = main()
    except SystemExit as end:  # a signal that ends us
        status = end.code if isinstance(end.code, int) else 1
    atexit._run_exitfuncs()  # noqa: SLF001 - the only way to have them run before os._exit()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):  # whatever could be said about it was said
                stream.flush()
    os._exit(status)


def _speak_utf8() -> None:
    """Start again in Python's UTF-8 mode where the locale is another one.

    Names of git and of the queue are UTF-8 whatever the locale is; Python would encode them for it, in arguments and
    file names, and fail. What is printed keeps the encoding of the terminal.
    """
    if sys.getfilesystemencoding() == "utf-8":
        return
    if sys.stdout is not None:
        os.environ.setdefault("PYTHONIOENCODING", sys.stdout.encoding)
    os.environ["PYTHONUTF8"] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves
