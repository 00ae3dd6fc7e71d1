"""The first screen of `pending`: what to do next, in as many lines as the terminal has, and how much more there is."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.cli.program import run
from tests.cli.pseudo_terminal import shown
from tests.driver import TestRepo


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three branches that lack two dozen fixes of files that all of them have."""
    repo = TestRepo.create(tmp_path_factory.mktemp("busy") / "repo")
    repo.commit("harbor: begin", {f"f{at}": "one\n" for at in range(22)})
    begin = repo.id("HEAD")
    for version in ("1.0", "1.1", "1.2"):
        repo.git("branch", f"stable-{version}")
        repo.commit(f"harbor: go on after {version}", {"rest": f"{version}\n"})
    for at in range(22):
        repo.commit(
            f'harbor: mend f{at}, which is a longer story\n\nFixes: {begin[:12]} ("harbor: begin")', {f"f{at}": "two\n"}
        )
    assert run("init", cwd=repo.path).status == 0
    assert run("scan", cwd=repo.path).status == 0
    return repo.path


def screen(folder: Path, lines: int, columns: int, *arguments: str) -> list[str]:
    size = {"LINES": str(lines), "COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1", "GIT_PAGER": "false"}
    text, status = shown(folder, arguments, {**os.environ, **size})
    assert status == 0, text
    return text.removesuffix("\n").split("\n")


def test_pending_on_a_terminal_fits_the_screen_and_says_how_much_more(busy: Path) -> None:
    lines = screen(busy, 24, 80, "pending")
    assert len(lines) < 24
    assert lines[0] == "22 changes pending on 3 branches"
    assert lines[1].split() == ["commit", "where", "likely", "why", "subject"]
    rows = [line for line in lines if " 1.0 1.1 1.2 applies " in line]
    assert len(rows) >= 12
    assert "harbor: mend f21" in rows[0]
    assert f"{22 - len(rows)} more: --limit N shows more, --all all of it" in lines


def test_pending_on_a_small_terminal_still_says_what_is_first(busy: Path) -> None:
    lines = screen(busy, 16, 40, "pending")
    assert max(map(len, lines)) <= 40
    assert any("harbor: mend f21" in line for line in lines)
    assert any("more: --limit N" in line for line in lines)


def test_pending_with_a_limit_shows_so_many_rows(busy: Path) -> None:
    text = run("pending", "--limit", "2", cwd=busy).out
    assert text.count("applies ") == 2
    assert "20 more beyond --limit\n" in text


def test_pending_of_one_branch_fits_the_screen_too(busy: Path) -> None:
    lines = screen(busy, 24, 80, "pending", "-b", "1.1")
    assert len(lines) < 24
    assert lines[0] == "stable-1.1: 22 pending (22 apply)"
    assert run("pending", "1.1", cwd=busy).out == run("pending", "--branch", "stable-1.1", cwd=busy).out


def test_pending_at_80_columns_says_who_has_it_in_the_same_line(busy: Path) -> None:
    assert run("people", "add", "Wilhelmina Wharf <wilhelmina.wharf@harbor.example>", cwd=busy).status == 0
    assert run("assign", "-q", "subject:f21", "--to", "wilhelmina.wharf", "--yes", cwd=busy).status == 0
    try:
        rows = [line for line in screen(busy, 24, 80, "pending") if "applies" in line]
        assert rows[0].split()[1:7] == ["1.0", "1.1", "1.2", "applies", "40%", "wilhelmi…"]
        assert rows[0].endswith("harbor: mend f21, which i…")
        assert len(screen(busy, 24, 40, "pending")) < 24
    finally:
        assert run("undo", cwd=busy).status == 0


def test_mine_on_a_terminal_fits_the_screen_and_says_how_much_more(busy: Path) -> None:
    assert run("take", "-q", "subject:mend", "--yes", cwd=busy).status == 0
    try:
        lines = screen(busy, 24, 80, "mine")
        assert len(lines) < 24
        assert lines[0].endswith(": 66 to do")
        assert lines[1].split() == ["commit", "branch", "verdict", "task", "subject"]
        rows = [line for line in lines if " 1.2 " in line or " 1.1 " in line or " 1.0 " in line]
        assert f"{66 - len(rows)} more: --all lists them" in lines
        assert re.search(r"  taken \d+ [A-Z][a-z][a-z]  harbor: ", rows[0])
        assert run("mine", "-b", "1.1", cwd=busy).out.startswith(lines[0].replace("66", "22"))
        assert run("mine", cwd=busy).out.count("mend f") == 66
    finally:
        assert run("undo", cwd=busy).status == 0


def test_take_of_what_others_have_offers_the_branches_that_are_free(busy: Path) -> None:
    assert run("people", "add", "Otto Oar <otto@harbor.example>", cwd=busy).status == 0
    assert run("assign", "-q", "subject:f21,f20 branch:1.1", "--to", "otto", "--yes", cwd=busy).status == 0
    try:
        ids = re.findall(r"^[0-9a-f]{12}(?=  1)", run("pending", "-q", "subject:f21,f20", cwd=busy).out, re.MULTILINE)
        refused = run("take", *ids, cwd=busy)
        assert refused.status != 0
        assert f"hint: backportq take {' '.join(ids)} -b stable-1.0 -b stable-1.2, for the rest\n" in refused.err
    finally:
        assert run("undo", cwd=busy).status == 0


def test_branch_is_given_alike_to_every_command_that_takes_one(busy: Path) -> None:
    commit = TestRepo(busy).id(":/^harbor: mend f3,")
    for one, other in (
        (("try", commit, "-b", "stable-1.0"), ("try", commit, "--onto", "stable-1.0")),
        (("pick", commit, "1.0", "--print"), ("pick", commit, "-b", "1.0", "--print")),
        (("log", "1.0"), ("log", "-b", "stable-1.0")),
        (("mail", "call", "1.0"), ("mail", "call", "-b", "1.0")),
    ):
        first, second = run(*one, cwd=busy), run(*other, cwd=busy)
        assert (first.status, first.out) == (0, second.out), one
    shown = run("show", commit, "-b", "1.0", cwd=busy).out.partition("\n\n")[2]
    assert shown.startswith("stable-1.0: pending")
    assert "stable-1.1" not in shown.partition("decisions")[0]
    refused = run("pick", commit, "1.0", "1.1", cwd=busy)
    assert (refused.status, refused.err) == (2, "error: one branch is picked to at a time, found '1.0' and '1.1'\n")
