"""`init --baseline`: counts what old branches passed over, and closes it only for somebody who says so."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.program import run
from tests.cli.pseudo_terminal import shown
from tests.driver import TestRepo


@pytest.fixture
def old(repo: TestRepo) -> Path:
    """A branch that parted years ago, passed over one fix, and took twenty later commits."""
    repo.commit("start", {"start": "1\n"})
    begin = repo.id("HEAD")
    repo.git("branch", "stable-1.0")
    repo.commit(f'old fix\n\nFixes: {begin[:12]} ("start")', {"old": "1\n"})
    later = [repo.commit(f"later {at}", {f"later{at}": "1\n"}) for at in range(20)]
    repo.checkout("stable-1.0")
    for each in later:
        repo.pick(each, "-x")
    repo.checkout("master")
    return repo.path


LATER = {"BACKPORTQ_NOW": "2029-06-01T12:00:00+00:00"}


def test_init_with_a_baseline_counts_asks_and_closes(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LATER.items():
        monkeypatch.setenv(name, value)
    nobody = run("init", "--baseline", cwd=old)
    assert nobody.status == 2
    assert "there is no terminal to ask on\nhint: backportq init --baseline --yes\n" in nobody.err
    future = run("init", "--baseline", "2031-01-01", "--yes", cwd=old)
    assert (future.status, future.err.splitlines()[0]) == (2, "error: the baseline '2031-01-01' is in the future")
    assert run("init", "2028-01-01", cwd=old).status == 2
    assert run("log", cwd=old).status == 3  # nothing was made so far

    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "80"}
    text, status = shown(old, ("init", "--baseline"), environment, question="close 1 item? [y/N]: ", answer="y")
    assert status == 0, text
    assert "stable-1.0         1\n" in text.partition("passed over before 2029-06-01: 1\n")[2]
    assert json.loads(run("pending", "--json", cwd=old).out)["items"] == []
    there = run("init", "--baseline", "--yes", cwd=old)
    assert "hint: backportq scan --baseline closes what was passed over\n" in there.err


def test_init_counts_what_a_baseline_would_close(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LATER.items():
        monkeypatch.setenv(name, value)
    said = "also closes what was passed over 20 times or more: 1 on stable-1.0, if you say so\n"
    assert f"  backportq scan --baseline    {said}" in run("init", cwd=old).out
    assert run("log", cwd=old).out.count("init") == 1  # nothing else was written
