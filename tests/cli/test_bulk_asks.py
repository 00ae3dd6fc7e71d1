"""Bulk decisions on a terminal: the items are shown, a row a commit, and nothing changes without a yes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.build import build
from tests.cli.program import run
from tests.cli.pseudo_terminal import answered
from tests.driver import TestRepo

COMMAND = ("decline", "-q", "branch:1.2 subject:berth", "-m", "not now")
QUESTION = "decline 2 items? [y/N]: "


@pytest.fixture
def scanned(tmp_path: Path) -> TestRepo:
    repo = TestRepo(tmp_path / "demo")
    build("demo", repo.path)
    assert run("init", cwd=repo.path).status == 0
    assert run("scan", cwd=repo.path).status == 0
    return repo


def test_bulk_on_a_terminal_shows_a_row_a_commit_and_a_no_changes_nothing(scanned: TestRepo) -> None:
    before = scanned.id("backportq")
    free, moor = scanned.id("master^{/^berth: free}")[:12], scanned.id("master^{/^berth: do not}")[:12]
    shown, status = answered(scanned.path, QUESTION, "n", *COMMAND)
    assert (status, scanned.id("backportq")) == (0, before)
    assert shown.splitlines() == [
        "commit        branches    subject",
        f"{free}  stable-1.2  berth: free the slot when a ship leaves",
        f"{moor}  stable-1.2  berth: do not moor where a ship lies",
        "each: declined: not now",
        f"{QUESTION}n",
        "note: nothing was changed",
    ]


def test_bulk_after_a_yes_is_one_change(scanned: TestRepo) -> None:
    before = scanned.id("backportq")
    shown, status = answered(scanned.path, QUESTION, "y", *COMMAND)
    assert (status, scanned.id("backportq~1")) == (0, before)
    assert shown.splitlines()[-1] == "note: 2 items in one change; 'backportq undo' takes it back"


def test_question_of_assign_stands_on_one_screen_with_what_it_is_about(repo: TestRepo) -> None:
    repo.commit("start", {"start": "1\n"})
    begin = repo.id("HEAD")
    repo.git("branch", "stable-1.0")
    for at in range(22):
        repo.commit(f'fix {at}\n\nFixes: {begin[:12]} ("start")', {f"file{at}": "1\n"})
    people = [("people", "add", f"person{at} <p{at}@example.org>") for at in range(3)]
    for command in (("init",), ("scan",), *people):
        assert run(*command, cwd=repo.path).status == 0
    question = "assign 22 items? [y/N]: "
    shown, status = answered(repo.path, question, "n", "assign", "--auto")
    lines = shown.splitlines()
    assert (status, lines[-2:]) == (0, [f"{question}n", "note: nothing was changed"])
    assert len(lines) < 24
    assert "and 14 more, less urgent or less likely; --dry-run lists all" in lines
    assert "3 people: p0 8, p1 7, p2 7" in lines
    assert sum(line.count("stable-1.0") for line in lines) == 8
    whole = run("assign", "--auto", "--dry-run", cwd=repo.path).out
    assert whole.count("stable-1.0") == 22
