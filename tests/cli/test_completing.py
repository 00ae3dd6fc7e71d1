"""What the program answers to the shells: right after every change, and without loading what it doesn't need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from backportq.cli.completing import QUERY_FLAGS, QUERY_KEYS, QUERY_MEASURES, QUERY_VALUES
from backportq.model.items.item import State
from backportq.model.items.query import _FLAGS, _MEASURES, _VALUES
from backportq.model.priority import Priority
from backportq.model.trials.verdict import Verdict
from backportq.queue.completion_file import FILE
from tests.cli.program import run
from tests.driver import TestRepo


@pytest.fixture
def queued(tmp_path: Path) -> TestRepo:
    """A repository with two stable branches and an open item on each."""
    repo = TestRepo.create(tmp_path / "repo")
    start = repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-1.0")
    repo.git("branch", "stable-1.1")
    repo.commit(f'repair\n\nFixes: {start[:12]} ("start")', {"file": "2\n"})
    for arguments in (
        ("init", "--upstream", "master", "--branch", "stable-1.0", "--branch", "stable-1.1", "--dialect", "linux"),
        ("scan",),
    ):
        assert run(*arguments, cwd=repo.path).status == 0
    return repo


def _asked(repo: Path, kind: str, prefix: str = "", *folders: str) -> list[str]:
    done = run("--complete", kind, prefix, *folders, cwd=repo)
    assert done.err == ""
    return [line.partition("\t")[0] for line in done.out.splitlines()]


def _kept(repo: TestRepo) -> Path:
    return repo.path / ".git/backportq" / FILE


def test_every_change_writes_the_file_anew(queued: TestRepo) -> None:
    assert _kept(queued).read_text().splitlines()[0] == queued.git("rev-parse", "backportq")
    assert run("people", "add", "Ada Author <ada@example.org>", cwd=queued.path).status == 0
    assert run("decline", "master", "-b", "stable-1.0", "-m", "no", cwd=queued.path).status == 0
    written = _kept(queued).read_text()
    assert written.splitlines()[0] == queued.git("rev-parse", "backportq")
    assert [line.split("\t")[3] for line in written.splitlines() if line.startswith("COMMIT")] == ["stable-1.1"]
    _kept(queued).unlink()
    assert _asked(queued.path, "PERSON") == ["ada"]
    assert _kept(queued).read_text() == written  # what was carried over is what the queue says


@pytest.mark.parametrize("content", [None, b"", b"\xff\x00", b"0" * 40 + b"\nBRANCH\twrong\t\nend"])
def test_missing_stale_or_damaged_file_is_made_anew(queued: TestRepo, content: bytes | None) -> None:
    kept = _kept(queued)
    before = kept.read_bytes()
    kept.unlink() if content is None else kept.write_bytes(content)
    assert _asked(queued.path, "BRANCH") == ["stable-1.0", "stable-1.1"]
    assert kept.read_bytes() == before


def test_file_cut_off_is_made_anew(queued: TestRepo) -> None:
    before = _kept(queued).read_bytes()
    _kept(queued).write_bytes(before[: before.index(b"stable-1.1")])
    assert _asked(queued.path, "BRANCH") == ["stable-1.0", "stable-1.1"]


def test_queue_of_another_repository_is_asked(queued: TestRepo, tmp_path: Path) -> None:
    other = TestRepo.create(tmp_path / "other")
    other.git("config", "backportq.repository", "../repo")
    assert _asked(other.path, "BRANCH") == ["stable-1.0", "stable-1.1"]
    _kept(queued).unlink()
    assert _asked(tmp_path, "BRANCH", "", "other") == ["stable-1.0", "stable-1.1"]
    other.git("config", "backportq.ref", "elsewhere")
    assert _asked(other.path, "BRANCH") == []


def test_control_characters_of_subjects_do_not_reach_the_terminal(queued: TestRepo) -> None:
    commit = queued.commit("a \x1b[31mred\ttab", {"file": "3\n"})
    assert run("tag", "master", "-b", "stable-1.0", "--yes", cwd=queued.path).status == 0
    said = run("--complete", "COMMIT", commit[:12], cwd=queued.path).out
    assert said.count("\t") == 1
    assert "\x1b" not in said


def test_nothing_is_said_where_there_is_no_queue(tmp_path: Path) -> None:
    assert _asked(tmp_path, "BRANCH|PERSON|COMMIT|REMOTE|QUERY") != []  # the words of queries
    assert _asked(tmp_path, "BRANCH|COMMIT|REMOTE", "", "no such folder") == []


def test_an_answer_loads_little(queued: TestRepo) -> None:
    code = "import sys; from backportq.cli.main import main; main(sys.argv[1:]); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, "--complete", "COMMIT", ""], cwd=queued.path, capture_output=True, text=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"typer", "click", "rich", "subprocess", "pathlib", "dataclasses", "sqlite3", "tomli"}


def test_words_of_queries_are_those_that_queries_know() -> None:
    assert set(QUERY_FLAGS) == set(_FLAGS)
    assert set(QUERY_KEYS) == set(_VALUES)
    assert set(QUERY_MEASURES) == set(_MEASURES)
    assert set(QUERY_VALUES["state"]) == {*(str(one) for one in State if one.is_open), "waiting"}
    assert set(QUERY_VALUES["priority"]) == set(map(str, Priority))
    assert set(QUERY_VALUES["verdict"]) == set(map(str, Verdict))
