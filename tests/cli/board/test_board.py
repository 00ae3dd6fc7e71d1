"""The board by its keys, on a real repository: what is seen, and what the queue then holds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from backportq.cli.board.keys import KEYS
from backportq.cli.board.shown import BoardSettings
from backportq.model.ids import Oid
from backportq.model.items.item import Item, State
from backportq.model.priority import Priority
from backportq.services.decisions import verbs
from backportq.services.decisions.decide import decide, item_plan
from backportq.services.decisions.select import Asked
from tests.cli.board.boards import PATIENCE, Driven, copied, demo, drive, forget_verdicts, opened
from tests.cli.program import run


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo(tmp_path_factory.mktemp("board"))


@pytest.fixture
def path(source: Path, tmp_path: Path) -> Path:
    return copied(source, tmp_path)


def items(commit: str) -> dict[str, Item]:
    state = opened().store.snapshot().state
    found = {name: queue.find(Oid(commit)) for name, queue in state.branches.items()}
    return {name: item for name, item in found.items() if item is not None}


def changes() -> int:
    return len(run("log", "--json", cwd=opened().repository.git_dir).out.split('"command"')) - 1


def test_first_screen_says_what_to_do(path: Path) -> None:
    async def script(board: Driven) -> None:
        await board.settled()
        lines = board.lines()
        assert len(lines) == 24
        assert lines[0].startswith("all ")
        assert "by likely" in board.text()
        assert board.app._row is not None
        assert board.app._row.item.subject in board.text()
        assert "take" in lines[-1]
        assert "? help" in lines[-1]
        assert board.text().isascii()

    drive(path, script)


def test_every_key_of_the_help_page_does_something_and_none_ends_in_an_error(path: Path) -> None:
    async def script(board: Driven) -> None:
        for key in KEYS:
            if key.action in ("leave", "pick", "explain", "show"):
                continue
            for name in key.keys.split(","):
                await board.press(name)
                await board.press("escape")
        await board.press("question_mark")
        await board.sees("Decide")
        for key in KEYS:
            assert key.text in board.text()

    drive(path, script, size=(120, 60))


@pytest.mark.parametrize("elsewhere", [None, "false"], ids=["in another process", "in this one"])
def test_verdicts_that_nobody_knows_come_in(path: Path, elsewhere: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(board: Driven) -> None:
        await board.settled()
        assert len(board.app._verdicts) == len(board.app._contents.items)

    forget_verdicts(path)
    if elsewhere is not None:
        monkeypatch.setattr("backportq.cli.invocation.command", lambda *_: [elsewhere])
    drive(path, script)


def test_leaving_waits_for_no_verdict(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(board: Driven) -> None:
        assert "tried 0 of" in board.text()
        await board.press("j", "q")

    forget_verdicts(path)
    monkeypatch.setattr("backportq.cli.invocation.command", lambda *_: ["sleep", "60"])
    began = time.monotonic()
    drive(path, script)
    assert time.monotonic() - began < PATIENCE


def test_declining_closes_the_row_at_once_and_undo_brings_it_back(path: Path) -> None:
    async def script(board: Driven) -> None:
        await board.settled()
        before = [row.commit for row in board.app._rows]
        await board.press("d")
        await board.type("too large for a release")
        assert [row.commit for row in board.app._rows] == before[1:]  # before the queue was written
        await board.sees("declined: too large")
        closed = items(before[0])
        assert {item.reason for item in closed.values() if item.state is State.DECLINED} == {"too large for a release"}
        await board.press("d")
        assert "1 too large for a release" in board.text()  # offered by its number now
        await board.press("escape", "u")
        await board.sees("took back")
        await board.until(lambda: before[0] in {row.commit for row in board.app._rows})

    drive(path, script)


def test_a_number_takes_an_offered_reason_and_the_cursor_stays_on_the_row_below(path: Path) -> None:
    async def script(board: Driven) -> None:
        first, second, third = [row.commit for row in board.app._rows[:3]]
        await board.press("d")
        await board.type("not wanted")
        await board.sees("declined: not wanted")
        assert board.app._row is not None
        assert board.app._row.commit == second
        await board.press("d", "1")
        await board.until(lambda: board.app._row is not None and board.app._row.commit == third)
        await board.settled()
        assert all(item.state is State.DECLINED for item in items(second).values() if item.reason)
        assert first not in {row.commit for row in board.app._rows}

    drive(path, script)


def test_marked_rows_are_decided_in_one_change(path: Path) -> None:
    async def script(board: Driven) -> None:
        commits = [row.commit for row in board.app._rows[:3]]
        count = changes()
        await board.press("space", "space", "space")
        assert "3 marked" in board.text()
        await board.press("a")
        await board.type("anne")
        await board.sees("assigned to anne")
        for commit in commits:
            assert {item.assignee for item in items(commit).values() if item.state.is_open} == {"anne"}
        assert changes() == count + 1

    drive(path, script)


def test_each_deciding_key_writes_what_its_command_writes(path: Path) -> None:
    async def script(board: Driven) -> None:
        assert board.app._row is not None
        commit = board.app._row.commit
        await board.press("n")
        await board.type("ask the author")
        await board.sees("noted")
        await board.press("p", "1")
        await board.sees("priority security")
        await board.press("t")
        await board.sees("taken")
        found = [item for item in items(commit).values() if item.state.is_open]
        assert {item.note for item in found} == {"ask the author"}
        assert {item.priority for item in found} == {Priority.SECURITY}
        assert {item.state for item in found} == {State.IN_PROGRESS}
        await board.press("w")
        await board.type("2w")
        await board.sees("deferred: 2w")
        deferred = [item for item in items(commit).values() if item.state is State.DEFERRED]
        assert deferred
        assert all(item.until is not None for item in deferred)

    drive(path, script)


def test_on_one_branch_a_decision_is_about_that_branch_alone(path: Path) -> None:
    async def script(board: Driven) -> None:
        row = next(row for row in board.app._rows if len(row.items) > 1)
        await board.press("1")
        await board.until(lambda: board.app._view.branch is not None)
        here = board.app._view.branch
        await board.press("g")
        while board.app._row is not None and board.app._row.commit != row.commit:
            await board.press("j")
        await board.press("d")
        await board.type("not here")
        await board.sees("declined: not here")
        states = {name: item.state for name, item in items(row.commit).items() if name in row.branches}
        assert states.pop(str(here)) is State.DECLINED
        assert all(state.is_open for state in states.values())

    drive(path, script)


def test_what_another_person_decides_appears(path: Path) -> None:
    async def script(board: Driven) -> None:
        await board.settled()
        commit = board.app._rows[-1].commit
        project = opened()
        decide(project, item_plan(project, Asked((commit,)), verbs.decline(project, "done by hand")))
        await board.until(lambda: commit not in {row.commit for row in board.app._rows})

    drive(path, script)


def test_a_row_comes_back_where_the_queue_refuses(path: Path) -> None:
    async def script(board: Driven) -> None:
        commit = board.app._rows[0].commit
        opened().repository.git.run("update-ref", "-d", "refs/heads/backportq")
        await board.press("d")
        await board.type("too late")
        await board.sees("no queue")
        assert board.app._rows[0].commit == commit

    drive(path, script)


def test_query_search_order_and_folds(path: Path) -> None:
    async def script(board: Driven) -> None:
        total = len(board.app._rows)
        subject = board.app._rows[-1].item.subject
        await board.press("slash")
        await board.type(subject)
        assert board.app._row is not None
        assert board.app._row.item.subject == subject
        await board.press("f")
        await board.type("assignee:nobody-of-this-name")
        await board.until(lambda: "nobody-of-this-name" in board.lines()[-1] or len(board.app._rows) < total)
        await board.press("escape", "f")
        await board.type("unassigned")
        await board.sees("query unassigned")
        await board.press("escape")
        assert "query" not in board.text()
        await board.press("o")
        assert "by branch" in board.text()
        await board.press("z")
        assert len(board.app._rows) >= total

    drive(path, script)


def test_read_only_decides_nothing(path: Path) -> None:
    async def script(board: Driven) -> None:
        before = opened().store.tip()
        for key in ("t", "d", "a", "n", "p", "w", "b", "u"):
            await board.press(key)
        assert "--read-only" in board.text()
        assert opened().store.tip() == before

    drive(path, script, BoardSettings(read_only=True))


@pytest.mark.parametrize("size", [(40, 10), (200, 60), (20, 5)])
def test_any_size_of_screen(path: Path, size: tuple[int, int]) -> None:
    async def script(board: Driven) -> None:
        await board.settled()
        assert all(len(line) <= size[0] for line in board.lines())
        await board.pilot.resize_terminal(100, 30)
        await board.press("j", "G", "v", "g")

    drive(path, script, size=size)


def test_explain_and_show_are_pages(path: Path) -> None:
    async def script(board: Driven) -> None:
        await board.press("s")
        await board.sees("q goes back")
        await board.press("q")
        await board.press("e")
        await board.sees("q goes back")
        await board.press("escape")
        assert "by likely" in board.text()

    drive(path, script)


def test_the_page_of_the_documentation_names_every_key() -> None:
    page = (Path(__file__).parents[3] / "docs" / "board.md").read_text()
    for key in KEYS:
        label = " ".join(f"`{name.strip()}`" for name in key.label.split(", "))
        assert f"| {label} | {key.text} |" in page
