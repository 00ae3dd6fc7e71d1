"""Whole screens of the board as text, kept beside this file; renewed with BACKPORTQ_UPDATE_GOLDEN=1.

Where the cursor is and what is bold is not in them: `docs/pictures/board.svg` holds a screen with its colours.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backportq.cli.board.shown import BoardSettings
from tests.cli.board.boards import Driven, copied, demo, drive

SCREENS = Path(__file__).with_name("screens")
UPDATE = bool(os.environ.get("BACKPORTQ_UPDATE_GOLDEN"))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo(tmp_path_factory.mktemp("board"))


def same(board: Driven, name: str) -> None:
    """Compare the screen with the one that is kept."""
    path, text = SCREENS / f"{name}.txt", f"{board.text()}\n"
    if UPDATE:
        SCREENS.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def test_screens_of_somebody_who_looks(source: Path) -> None:
    async def script(board: Driven) -> None:
        await board.settled()
        await board.until(lambda: board.app._evidence is not None)
        same(board, "first")
        await board.press("j", "j", "v")
        await board.sees("before the commit")
        same(board, "conflict")
        await board.press("v", "question_mark")
        await board.sees("Decide")
        same(board, "help")
        await board.press("q", "3", "G")
        await board.sees("stable-1.2 |")
        await board.until(lambda: board.app._evidence is not None)
        same(board, "one-branch")

    drive(source, script)


def test_screens_of_somebody_who_decides(source: Path, tmp_path: Path) -> None:
    async def script(board: Driven) -> None:
        await board.settled()
        await board.press("space", "space", "a")
        await board.sees("anne")
        same(board, "question")
        await board.type("anne")
        await board.sees("assigned to anne")
        await board.settled()
        await board.press("f")
        await board.type("assignee:anne")
        await board.sees("query assignee:anne")
        await board.press("g")
        await board.until(lambda: board.app._evidence is not None)
        same(board, "assigned")

    drive(copied(source, tmp_path), script)


@pytest.mark.parametrize(("size", "name"), [((40, 12), "narrow"), ((132, 16), "wide")])
def test_screens_of_other_sizes(source: Path, size: tuple[int, int], name: str) -> None:
    async def script(board: Driven) -> None:
        await board.settled()
        await board.until(lambda: board.app._evidence is not None)
        same(board, name)

    drive(source, script, BoardSettings(read_only=True), size=size)
