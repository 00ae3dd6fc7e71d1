"""The board where something goes wrong under it: another board, a rewritten queue, objects that are gone, odd text."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.cli.board.deciding import DecidingBoard
from backportq.cli.board.shown import BoardSettings
from backportq.services.board.contents import read_contents
from tests.cli.board.boards import Driven, copied, demo, drive, opened
from tests.driver import TestRepo
from tests.web.harbor import RIGHT_TO_LEFT, SCRIPT, harbor


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo(tmp_path_factory.mktemp("board"))


@pytest.fixture
def path(source: Path, tmp_path: Path) -> Path:
    return copied(source, tmp_path)


def test_two_boards_at_once_agree(path: Path) -> None:
    async def script(first: Driven) -> None:
        app = DecidingBoard(read_contents(opened()), opened, BoardSettings())
        async with app.run_test(size=(80, 24)) as pilot:
            second = Driven(app, pilot)
            await first.settled()
            await second.settled()
            one, other = (row.commit for row in app._rows[:2])
            # Both decline the same change at the same time: one of them is told, and nothing is lost.
            for board in (first, second):
                await board.press("d")
            await first.type("of the first board")
            await second.type("of the second board")
            await first.settled()
            await second.settled()
            for board in (first, second):
                await board.until(lambda board=board: one not in {row.commit for row in board.app._rows})  # type: ignore[misc]
            await second.press("t")
            await second.sees("taken")
            await first.until(lambda: any(row.commit == other and row.people for row in first.app._rows))
        reasons = {
            item.reason
            for queue in opened().store.snapshot().state.branches.values()
            for item in queue.closed
            if item.commit == one
        }
        assert len(reasons) == 1

    drive(path, script)


def test_queue_that_is_rewritten_or_gone_is_read_again(path: Path) -> None:
    async def script(board: Driven) -> None:
        await board.settled()
        count = len(board.app._rows)
        commit = board.app._rows[0].commit
        await board.press("d")
        await board.type("not wanted")
        await board.sees("declined: not wanted")
        await board.settled()
        git = opened().repository.git
        git.run("update-ref", "refs/heads/backportq", "refs/heads/backportq~1")
        await board.until(lambda: len(board.app._rows) == count and board.app._rows[0].commit == commit)
        tip = git.run("rev-parse", "refs/heads/backportq").out.decode().strip()
        git.run("update-ref", "refs/heads/backportq", "refs/heads/master")  # no queue at all
        await board.sees("config.toml")
        assert len(board.app._rows) == count
        git.run("update-ref", "refs/heads/backportq", tip)
        await board.press("r", "d")
        await board.type("after all")
        await board.sees("declined: after all")

    drive(path, script)


def test_objects_that_cannot_be_read_are_told_and_the_board_goes_on(path: Path) -> None:
    async def script(board: Driven) -> None:
        await board.settled()
        objects = path / ".git" / "objects"
        objects.rename(path / "away")
        objects.mkdir()
        await board.press("G")
        await board.until(lambda: isinstance(board.app._evidence, str))
        objects.rmdir()
        (path / "away").rename(objects)
        await board.press("g", "G")
        await board.until(lambda: board.app._evidence is not None and not isinstance(board.app._evidence, str))

    drive(path, script)


def test_markup_directions_and_controls_in_a_commit_are_shown_and_do_nothing(tmp_path: Path) -> None:
    repo: TestRepo = harbor(tmp_path / "harbor")

    async def script(board: Driven) -> None:
        await board.settled()
        at = next(at for at, row in enumerate(board.app._rows) if row.item.subject.startswith("<script>"))
        await board.press("g", *("j" for _ in range(at)))
        await board.sees(SCRIPT[:40])
        await board.until(lambda: board.app._evidence is not None)
        text = board.text()
        assert RIGHT_TO_LEFT in text
        assert not any(sign in text for sign in "\u202e\x1b\x07")
        assert all(len(line) <= 80 for line in board.lines())

    drive(repo.path, script)
