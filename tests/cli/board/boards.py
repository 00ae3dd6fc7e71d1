"""A board on the demo repository, driven by keys; what a person would see is read off the screen."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from backportq.cli import invocation
from backportq.cli.board.deciding import DecidingBoard
from backportq.cli.board.shown import BoardSettings
from backportq.services.board.contents import read_contents
from backportq.services.project import Project
from fixtures.build import build
from tests.cli.program import run

PATIENCE = 20.0  # seconds; a machine may be busy


class Driven:
    """A running board."""

    def __init__(self, app: DecidingBoard, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    def lines(self) -> list[str]:
        """Return the lines of the screen, without blanks at their ends."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    def text(self) -> str:
        """Return the whole screen."""
        return "\n".join(self.lines())

    async def press(self, *keys: str) -> None:
        """Press these keys, one after the other."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text and Enter."""
        await self.press(*("space" if letter == " " else letter for letter in text), "enter")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something to be on the screen, or true otherwise."""
        ends = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < ends, self.text()
            await asyncio.sleep(0.02)
            await self.pilot.pause()

    async def sees(self, words: str) -> None:
        """Wait until the screen has `words`."""
        await self.until(lambda: words in self.text())

    async def settled(self) -> None:
        """Wait until every item was tried, and what is to be written is written."""
        await self.until(lambda: not any(word in self.text() for word in ("tried ", "writing", "being tried")))


def demo(folder: Path) -> Path:
    """Build the demo repository with a queue, one person and known verdicts in `folder`."""
    path = folder / "demo"
    build("demo", path)
    for words in (["init"], ["scan"], ["people", "add", "Anne Anchor <anne@harbor.example>"], ["pending"]):
        done = run(*words, cwd=path)
        assert done.status == 0, done.err
    return path


def forget_verdicts(path: Path) -> None:
    """Remove what the program remembers of a repository."""
    shutil.rmtree(path / ".git" / "backportq")


def copied(source: Path, folder: Path) -> Path:
    """Return a copy of a repository that a test may change."""
    shutil.copytree(source, folder / "demo", symlinks=True)
    return folder / "demo"


def drive(
    path: Path,
    script: Callable[[Driven], Awaitable[None]],
    settings: BoardSettings | None = None,
    size: tuple[int, int] = (80, 24),
) -> None:
    """Open a board on the repository at `path` and let `script` use it."""
    invocation.begin(invocation.Invocation(path))
    settings = settings or BoardSettings()

    async def whole() -> None:
        app = DecidingBoard(read_contents(opened(), settings.branches), opened, settings)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await script(Driven(app, pilot))

    asyncio.run(whole())


def opened() -> Project:
    """Return the project that the board is on, opened anew."""
    return invocation.reopen()
