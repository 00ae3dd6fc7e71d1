"""Running the installed program on a terminal of its own, with somebody there who answers what it asks."""

from __future__ import annotations

import os
import pty
import re
from collections.abc import Mapping
from pathlib import Path

from tests.cli.program import PROGRAM

_PROGRESS = re.compile(r"(?:\r[^\r\n]+)+\r +\r")
"""A line that says how far the work is, as often as it was shown, and the blanks that take it back. Whether there is
one depends on how fast the machine is."""


def answered(cwd: Path, question: str, answer: str, *arguments: str) -> tuple[str, int]:
    """Run the program, type `answer` when it asks `question`, and return what was shown and the exit status."""
    return shown(cwd, arguments, {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}, question=question, answer=answer)


def shown(
    cwd: Path, arguments: tuple[str, ...], environment: Mapping[str, str], *, question: str = "", answer: str = ""
) -> tuple[str, int]:
    """Run the program with this whole environment and return what the terminal shows in the end and the exit status;
    `answer` is typed when it asks `question`, if any."""
    printed, status = sent(cwd, arguments, environment, question=question, answer=answer)
    return _PROGRESS.sub("", printed), status


def sent(
    cwd: Path, arguments: tuple[str, ...], environment: Mapping[str, str], *, question: str = "", answer: str = ""
) -> tuple[str, int]:
    """Return all that is sent to the terminal, the lines that are taken back too, and the exit status; else `shown`."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execve(PROGRAM, [str(PROGRAM), *arguments], environment)
    output = b""
    is_asked = not question
    while True:
        try:
            block = os.read(terminal, 65_536)
        except OSError:  # Linux's way to say that the other side has ended
            break
        if not block:
            break
        output += block
        if not is_asked and output.endswith(question.encode()):
            is_asked = True
            os.write(terminal, f"{answer}\n".encode())
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return output.decode().replace("\r\n", "\n"), os.waitstatus_to_exitcode(status)
