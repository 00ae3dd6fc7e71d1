"""How much a command asks of git: the processes that it starts, and how often it reads the queue."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from backportq.cli.boundary import run as run_here
from backportq.git.read.queue_files import StoredFiles, read_files
from backportq.git.repository import Repository
from backportq.queue import store
from fixtures.build import build
from tests.cli.program import run

_WRAPPER = """#!/bin/sh
echo "$*" >> "$GIT_LOG"
exec {git} "$@"
"""
_SOMETIMES = " maintenance run "  # one change in sixteen asks git whether to repack

_DECISIONS = {
    "note": ("note", "COMMIT", "-m", "seen"),
    "assign": ("assign", "COMMIT", "--to", "anne"),
    "decline": ("decline", "COMMIT", "-m", "too big"),
}


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    build("demo", tmp_path / "demo")
    for words in (["init"], ["scan"], ["people", "add", "Anne Anchor <anne@harbor.example>"], ["pending"]):
        assert run(*words, cwd=tmp_path / "demo").status == 0
    return tmp_path / "demo"


def processes(repository: Path, *words: str) -> list[str]:
    """Return the git commands that `backportq WORDS` starts."""
    tools = repository.parent / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "git").write_text(_WRAPPER.format(git=shutil.which("git")))
    (tools / "git").chmod(0o755)
    log = repository.parent / "log"
    log.write_text("")
    ran = run(*words, cwd=repository, env={"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "GIT_LOG": str(log)})
    assert ran.status == 0, ran.err
    return [line for line in log.read_text().splitlines() if _SOMETIMES not in line]


def pending_item(repository: Path) -> str:
    """Return a commit with an open item on stable-1.2."""
    listed = run("pending", "stable-1.2", "--json", cwd=repository).out
    return listed.partition('"commit":"')[2][:40]


@pytest.mark.parametrize("verb", _DECISIONS)
def test_decision_starts_at_most_seven_processes(demo: Path, verb: str) -> None:
    commit = pending_item(demo)
    started = processes(demo, *(commit if word == "COMMIT" else word for word in _DECISIONS[verb]))
    assert len(started) <= 7, started


def test_decisions_read_the_queue_once(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = pending_item(demo)
    revisions: list[str] = []

    def counted(repository: Repository, revision: str, **wanted: Any) -> StoredFiles | None:
        revisions.append(revision)
        return read_files(repository, revision, **wanted)

    monkeypatch.setattr(store, "read_files", counted)
    for number, words in enumerate(_DECISIONS.values(), 1):
        assert run_here(["-C", str(demo), *(commit if word == "COMMIT" else word for word in words)]) == 0
        assert len(revisions) == number


def test_reading_commands_start_few_processes(demo: Path) -> None:
    commit = pending_item(demo)
    run("show", commit, cwd=demo)
    explaining = ("explain", commit, "stable-1.2")
    for most, words in ((6, ("status",)), (6, ("pending",)), (9, ("show", commit)), (9, explaining)):
        started = processes(demo, *words)
        assert len(started) <= most, started


def test_clone_asks_little_about_its_remote(demo: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(demo, clone)
    for setting in (("url", str(demo)), ("fetch", "+refs/heads/*:refs/remotes/origin/*")):
        subprocess.run(["git", "config", f"remote.origin.{setting[0]}", setting[1]], cwd=clone, check=True)
    assert run("sync", cwd=clone).status == 0
    assert run("scan", cwd=clone).status == 0
    assert run("note", pending_item(clone), "-m", "seen", cwd=clone).status == 0
    for words in (("status",), ("pending",)):
        started = processes(clone, *words)
        assert len(started) <= 6, started
