"""Running the installed program on a terminal of its own, with somebody there who answers what it asks."""

from __future__ import annotations

import os
import pty
from pathlib import Path

from tests.cli.program import PROGRAM


def answered(cwd: Path, question: str, answer: str, *arguments: str) -> tuple[str, int]:
    """Run the program, type `answer` when it asks `question`, and return what was shown and the exit status."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execve(PROGRAM, [str(PROGRAM), *arguments], {**os.environ, "TERM": "xterm", "NO_COLOR": "1"})
    shown = b""
    is_asked = False
    while True:
        try:
            block = os.read(terminal, 65_536)
        except OSError:  # Linux's way to say that the other side has ended
            break
        if not block:
            break
        shown += block
        if not is_asked and shown.endswith(question.encode()):
            is_asked = True
            os.write(terminal, f"{answer}\n".encode())
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return shown.decode().replace("\r\n", "\n"), os.waitstatus_to_exitcode(status)
