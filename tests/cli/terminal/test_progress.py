"""The progress line: late, rare, gone before anything else, and never in a pipe."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from backportq.cli.terminal import progress
from backportq.cli.terminal.progress import ProgressLine
from backportq.model.progress import advance, listening
from fixtures.build import build
from tests.cli.program import run
from tests.cli.pseudo_terminal import sent, shown


class Clock:
    """Time as a number that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_progress_quick_work_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    line = ProgressLine(clock)
    for at in range(100):
        clock.now = at / 200
        line("reading", at, 100)
    line.clear()
    assert capsys.readouterr().err == ""


def test_progress_long_work_is_shown_ten_times_a_second_and_cleared(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    line = ProgressLine(clock)
    for at in range(1, 1_001):
        clock.now = at / 1_000
        line("trying \x1b[2J", at, 2_000)
    line.clear()
    line.clear()
    assert capsys.readouterr().err == (
        "\rtrying \\x1b[2J:  35% (700/2,000)"
        "\rtrying \\x1b[2J:  40% (800/2,000)"
        "\rtrying \\x1b[2J:  45% (900/2,000)"
        "\rtrying \\x1b[2J:  50% (1,000/2,000)"
        "\r" + " " * 34 + "\r"
    )


def test_progress_without_a_total_counts(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    line = ProgressLine(clock)
    clock.now = 5
    line("reading", 12_345, None)
    assert capsys.readouterr().err == "\rreading: 12,345"


def test_advance_reaches_listeners_only_while_they_listen() -> None:
    heard: list[tuple[str, int, int | None]] = []
    with listening(lambda *told: heard.append(told)):
        advance("reading", 1, 2)
    advance("reading", 2, 2)
    assert heard == [("reading", 1, 2)]


def test_slow_command_shows_its_progress_and_in_the_end_what_a_quick_one_shows(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    build("evidence", folder)
    assert run("init", cwd=folder).status == 0
    slow = tmp_path / "slow" / "git"
    slow.parent.mkdir()
    slow.write_text(f'#!/bin/sh\ncase "$*" in *rev-list*) sleep 0.8;; esac\nexec {shutil.which("git")} "$@"\n')
    slow.chmod(0o755)
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1", "GIT_PAGER": "cat"}
    slowly = {**environment, "PATH": f"{slow.parent}:{environment['PATH']}"}
    printed, status = sent(folder, ("stats",), slowly)
    assert status == 0
    assert "\rreading the history: 0\r" in printed
    assert shown(folder, ("stats",), slowly) == shown(folder, ("stats",), environment)


def test_expected_answer_that_takes_long_is_told_once_until_something_else_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0.5)  # the line that is cleared must be so before it speaks
    silent, spoken = ProgressLine(), ProgressLine()
    spoken.expect()
    spoken.clear()  # as whatever prints does
    silent.expect()
    deadline = time.monotonic() + 5
    while (said := capsys.readouterr().err) == "" and time.monotonic() < deadline:
        time.sleep(0.01)
    assert said == "\rworking"
    silent.clear()
    assert capsys.readouterr().err == "\r       \r"
