"""A repository whose refs are in a reftable, where git can make one: everything works, and a lock is named."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import run
from tests.driver import TestRepo


@pytest.fixture
def tabled(tmp_path: Path) -> tuple[TestRepo, str]:
    """A repository with a branch that lacks a fix, and the fix."""
    made = subprocess.run(
        ["git", "init", "-q", "-b", "master", "--ref-format=reftable", str(tmp_path / "repo")], capture_output=True
    )
    if made.returncode != 0:
        pytest.skip("git before 2.45 knows no reftable")
    repo = TestRepo(tmp_path / "repo")
    bug = repo.commit("the bug", {"file": "1\n"})
    repo.git("branch", "stable-1.0")
    return repo, repo.commit(f'fix it\n\nFixes: {bug[:12]} ("the bug")\n', {"file": "2\n"})


def test_queue_in_a_reftable(tabled: tuple[TestRepo, str]) -> None:
    repo, fix = tabled
    for words in (("init",), ("scan",), ("note", fix, "-m", "seen"), ("pick", fix, "-b", "stable-1.0"), ("undo",)):
        ran = run(*words, cwd=repo.path)
        assert ran.status == 0, ran
    items = json.loads(run("pending", "--json", cwd=repo.path).out)["items"]
    assert [(item["commit"], item["trial"]["verdict"], item["note"]) for item in items] == [(fix, "clean", "seen")]
    assert repo.git("branch", "--list", "backport/*") != ""


def test_lock_of_a_reftable_is_named(tabled: tuple[TestRepo, str]) -> None:
    repo, fix = tabled
    for words in (("init",), ("scan",)):
        assert run(*words, cwd=repo.path).status == 0
    lock = repo.path / ".git/reftable/tables.list.lock"
    lock.touch()
    ran = run("note", fix, "-m", "seen", cwd=repo.path)
    assert ran.status == 3
    assert f"'{lock}' is in the way" in ran.err
    lock.unlink()
    assert run("note", fix, "-m", "seen", cwd=repo.path).status == 0
