"""The board as a program on a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from pathlib import Path

import pytest

from tests.cli.board.boards import PATIENCE, demo
from tests.cli.program import PROGRAM, run


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo(tmp_path_factory.mktemp("board"))


class Terminal:
    """A terminal of 80 columns and 24 lines with a board on it."""

    def __init__(self, path: Path, *words: str, **environment: str) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(path)
            os.execve(PROGRAM, [str(PROGRAM), "board", *words], {**os.environ, "TERM": "xterm", **environment})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.seen = b""

    def wait_for(self, text: bytes) -> None:
        """Read until `text` was printed."""
        ends = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < ends, self.seen[-2000:]
            if select.select([self.fd], [], [], 0.1)[0]:
                self.seen += os.read(self.fd, 65_536)

    def ended(self) -> int:
        """Read to the end and return the exit status."""
        while True:
            try:
                block = os.read(self.fd, 65_536)
            except OSError:
                break
            if not block:
                break
            self.seen += block
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_it_starts_shows_and_leaves_the_terminal_as_it_was(path: Path) -> None:
    terminal = Terminal(path)
    terminal.wait_for(b"by likely")
    os.write(terminal.fd, b"q")
    assert terminal.ended() == 0
    assert b"\x1b[?1049l" in terminal.seen  # the screen from before is back
    assert b"Traceback" not in terminal.seen


def test_no_colours_on_request(path: Path) -> None:
    terminal = Terminal(path, NO_COLOR="1")
    terminal.wait_for(b"by likely")
    os.write(terminal.fd, b"q")
    assert terminal.ended() == 0
    assert b"\x1b[32m" not in terminal.seen


def test_a_lost_connection_ends_it_and_leaves_the_queue_whole(path: Path) -> None:
    terminal = Terminal(path)
    terminal.wait_for(b"by likely")
    os.close(terminal.fd)
    ends = time.monotonic() + PATIENCE
    while os.waitpid(terminal.pid, os.WNOHANG)[0] == 0:
        if time.monotonic() > ends:
            os.kill(terminal.pid, signal.SIGKILL)
            pytest.fail("it still runs")
        time.sleep(0.05)
    assert run("pending", cwd=path).status == 0


def test_without_a_terminal_it_names_what_does_without(path: Path) -> None:
    ran = run("board", cwd=path)
    assert ran.status == 2
    assert "needs a terminal" in ran.err
    assert "backportq pending" in ran.err
