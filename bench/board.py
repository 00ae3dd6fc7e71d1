"""How fast the board answers: its first screen, its keys while verdicts come in and after, and a hundred decisions.

    python -m bench.board REPO [--decisions N]

REPO is a repository with a queue that was scanned; it is copied, and the copy is decided upon. The program runs on a
terminal of 80 by 24; a key counts as answered when the line that says where the cursor is has changed. The decisions
are typed without a pause, so what is left of a person's five minutes is the person's own.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("backportq")
PLACE = re.compile(rb"(\d+)/(\d+) \| ")
PERSON = {
    "GIT_AUTHOR_NAME": "Anne Anchor",
    "GIT_AUTHOR_EMAIL": "anne@harbor.example",
    "GIT_COMMITTER_NAME": "Anne Anchor",
    "GIT_COMMITTER_EMAIL": "anne@harbor.example",
}
KEYS = 100
PATIENCE = 60.0


class Board:
    """A board on a terminal."""

    def __init__(self, repo: Path) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(repo)
            os.execve(PROGRAM, [str(PROGRAM), "board"], {**os.environ, **PERSON, "TERM": "xterm-256color"})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.place: tuple[int, int] | None = None
        self.seen = b""

    def read(self, seconds: float) -> None:
        """Take in what is drawn within so many seconds at most."""
        if select.select([self.fd], [], [], seconds)[0]:
            self.seen = self.seen[-4000:] + os.read(self.fd, 65_536)
            found = PLACE.findall(self.seen)
            if found:
                self.place = int(found[-1][0]), int(found[-1][1])

    def until_place(self, row: int | None = None, rows: int | None = None) -> float:
        """Wait until the cursor is on this row, or there are so many rows; return the seconds that took."""
        began = time.perf_counter()
        while self.place is None or (row not in (None, self.place[0])) or (rows not in (None, self.place[1])):
            self.read(0.5)
            if time.perf_counter() - began > PATIENCE:
                sys.exit(f"no answer: wanted {row} of {rows}, seen {self.place}")
        return time.perf_counter() - began

    def ask_why(self) -> None:
        """Press `d`, and wait for the question."""
        self.seen = b""
        self.press(b"d")
        began = time.perf_counter()
        while b"why decline" not in self.seen:
            self.read(0.5)
            if time.perf_counter() - began > PATIENCE:
                sys.exit("no question")

    def press(self, keys: bytes) -> None:
        """Send keys."""
        os.write(self.fd, keys)


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repo", type=Path)
    parser.add_argument("--decisions", type=int, default=100)
    options = parser.parse_args()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None, prefix="backportq-bench-") as name:
        copy = Path(name) / "copy"
        shutil.copytree(options.repo.resolve(), copy, symlinks=True)
        for _ in range(2):
            subprocess.run([PROGRAM, "pending", "--json"], cwd=copy, stdout=subprocess.DEVNULL, check=True)
        print("warm")
        board = Board(copy)
        board.until_place()
        print(f"  first screen   {time.perf_counter() - board.started:.2f} s")
        keys(board, "verdicts warm")
        decisions(board, min(options.decisions, (board.place or (0, 0))[1] - 1))
        board.press(b"q")
        forget_verdicts(copy)
        print("no verdict known")
        keys(Board(copy), "while they come in", wait=True)


def forget_verdicts(repo: Path) -> None:
    """Take the answers of trials out of the index of `repo`."""
    for path in (repo / "backportq").glob("index-*.sqlite"):
        database = sqlite3.connect(path)
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if table.startswith(("trials", "in_order", "merged_files")):
                database.execute(f"DELETE FROM {table}")
        database.commit()
        database.close()


def keys(board: Board, title: str, *, wait: bool = False) -> None:
    """Print how long the board takes to answer a key."""
    if wait:
        board.until_place()
    took: list[float] = []
    row = board.place[0] if board.place is not None else 1
    for number in range(KEYS):
        row += 1 if number < KEYS // 2 else -1
        board.press(b"j" if number < KEYS // 2 else b"k")
        took.append(board.until_place(row))
        ends = time.perf_counter() + 0.03  # nobody types faster
        while (left := ends - time.perf_counter()) > 0:
            board.read(left)
    took.sort()
    median, late = took[KEYS // 2], took[KEYS * 95 // 100]
    print(f"  key, {title:<19} median {median * 1000:.0f} ms, 95th percentile {late * 1000:.0f} ms")


def decisions(board: Board, count: int) -> None:
    """Print how long it takes to decline `count` rows, one by one, with a reason chosen by its number."""
    rows = board.place[1] if board.place is not None else 0
    board.ask_why()
    board.press(b"not for a stable branch\r")
    board.until_place(rows=rows - 1)
    time.sleep(3)  # the reason is offered once the queue was read again
    began = time.perf_counter()
    took = []
    for number in range(1, count):
        board.ask_why()
        board.press(b"1")
        took.append(board.until_place(rows=rows - 1 - number))
    whole = time.perf_counter() - began
    print(f"  {count - 1} decisions, 2 keys each: {whole:.0f} s, the slowest answered after {max(took) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
