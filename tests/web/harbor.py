"""The made-up project of the manual with a queue, decisions, and commits whose text would be markup if it could."""

from __future__ import annotations

import os
from pathlib import Path

from backportq.cli.main import main
from fixtures.build import build
from tests.driver import TestRepo

SCRIPT = '<script>document.title="taken over"</script><img src=x onerror=alert(1)>'
RIGHT_TO_LEFT = "\u0645\u0631\u064a\u0645"  # a name in Arabic script


def harbor(path: Path) -> TestRepo:
    """Build the project in `path`, with its queue scanned and some decisions made."""
    build("demo", path)
    repo = TestRepo(path, tick=2_000_000)  # after all commits of the fixture
    bug = repo.id("stable-1.0~0")
    fixed = repo.git("log", "-1", "--format=%s", bug)
    os.environ["GIT_AUTHOR_NAME"] = RIGHT_TO_LEFT
    try:
        repo.commit(f'{SCRIPT} & "quotes" \u202egnp\n\nFixes: {bug[:12]} ("{fixed}")\n', {"note.txt": "a\n"})
    finally:
        os.environ["GIT_AUTHOR_NAME"] = "Ada Author"
    for command in (
        ["init"],
        ["scan"],
        ["people", "add", "Bert &amp; Berth <bert@harbor.example>"],
        ["assign", pending(repo, "moor where"), "--to", "bert", "--branch", "stable-1.2"],
        ["note", repo.id("HEAD"), "-m", SCRIPT],
        ["decline", pending(repo, "answer None"), "--branch", "stable-1.0", "-m", f"no: {SCRIPT}"],
    ):
        assert backportq(repo, *command) == 0
    return repo


def backportq(repo: TestRepo, *arguments: str) -> int:
    """Run the program in the project."""
    return main(["-C", str(repo.path), *arguments])


def pending(repo: TestRepo, words: str) -> str:
    """Return the upstream commit whose subject has these words."""
    return repo.git("log", "--format=%H", f"--grep={words}", "-1", "master")
