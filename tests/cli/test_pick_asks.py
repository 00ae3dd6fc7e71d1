"""`pick --continue` on a terminal: it asks for one line of what was changed, and the pick's message tells it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fixtures.build import build
from tests.cli.program import run
from tests.cli.pseudo_terminal import answered
from tests.driver import TestRepo

QUESTION = "what did you have to change? (one line, or nothing): "


@pytest.fixture
def waiting(tmp_path: Path) -> TestRepo:
    """A pick that stopped at a conflict, which is not resolved."""
    repo = TestRepo(tmp_path / "demo")
    build("demo", repo.path)
    assert run("init", cwd=repo.path).status == 0
    conflict = repo.id(":/^berth: do not moor")
    assert run("pick", conflict, "--branch", "1.0", "--onto", "topic", cwd=repo.path).status == 4
    return repo


def _resolve(repo: TestRepo) -> None:
    place = repo.path / ".git/backportq-picks/topic/worktree"
    (place / "harbor/berth.py").write_text("resolved = True\n")
    subprocess.run(["git", "add", "-A"], cwd=place, check=True)


def test_continue_on_a_terminal_asks_what_was_changed_and_writes_it(waiting: TestRepo) -> None:
    _resolve(waiting)
    shown, status = answered(waiting.path, QUESTION, "moored by hand", "pick", "--continue")
    assert status == 0, shown
    assert shown.startswith(f"{QUESTION}moored by hand\n")
    message = waiting.git("log", "-1", "--format=%B", "topic")
    assert message.count("moored by hand") == 1
    assert waiting.git("show", "topic:harbor/berth.py") == "resolved = True"


def test_continue_on_a_terminal_takes_an_empty_line_for_nothing(waiting: TestRepo) -> None:
    _resolve(waiting)
    shown, status = answered(waiting.path, QUESTION, "", "pick", "--continue")
    assert status == 0, shown
    assert shown.startswith(f"{QUESTION}\n")
    asked = waiting.git("log", "-1", "--format=%B", "topic")
    waiting.git("branch", "-D", "topic")
    conflict = waiting.id(":/^berth: do not moor")
    assert run("pick", conflict, "--branch", "1.0", "--onto", "topic", cwd=waiting.path).status == 4
    _resolve(waiting)
    assert run("pick", "--continue", cwd=waiting.path).status == 0
    assert waiting.git("log", "-1", "--format=%B", "topic") == asked


@pytest.mark.parametrize("more", [("-m", "moored by hand"), ("--json",)], ids=["note", "json"])
def test_continue_on_a_terminal_does_not_ask_what_it_was_told_or_a_script(
    waiting: TestRepo, more: tuple[str, ...]
) -> None:
    _resolve(waiting)
    shown, status = answered(waiting.path, QUESTION, "", "pick", "--continue", *more)
    assert status == 0, shown
    assert QUESTION.rstrip() not in shown


def test_continue_on_a_terminal_does_not_ask_while_something_is_unresolved(waiting: TestRepo) -> None:
    shown, status = answered(waiting.path, QUESTION, "", "pick", "--continue")
    assert status == 4
    assert QUESTION.rstrip() not in shown
    assert shown.startswith("error: 1 path is still unmerged in\n")
