"""Running the installed program on a terminal of its own, with somebody there who answers what it asks."""

from __future__ import annotations

import os
import pty
from collections.abc import Mapping
from pathlib import Path

from tests.cli.program import PROGRAM


def answered(cwd: Path, question: str, answer: str, *arguments: str) -> tuple[str, int]:
    """Run the program, type `answer` when it asks `question`, and return what was shown and the exit status."""
    return shown(cwd, arguments, {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}, question=question, answer=answer)


def shown(
    cwd: Path, arguments: tuple[str, ...], environment: Mapping[str, str], *, question: str = "", answer: str = ""
) -> tuple[str, int]:
    """Run the program with this whole environment and return what the terminal showed and the exit status; `answer` is
    typed when it asks `question`, if any."""
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
