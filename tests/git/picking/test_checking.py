"""Commands on picks: hanging, forking, flooding and littering ones end in time and leave a readable log."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backportq.git.picking import checking
from backportq.git.picking.checking import CheckOutcome, CheckRoom
from backportq.git.repository import discover
from backportq.model.ids import BranchName, Oid
from backportq.model.items.records import CheckResult
from tests.driver import TestRepo


@pytest.fixture
def commit(repo: TestRepo) -> Iterator[Oid]:
    yield Oid(repo.commit("start", {"file": "content\n"}))
    assert repo.git("worktree", "list").count("\n") == 0
    assert not (repo.path / ".git" / "backportq-picks").exists()


def _check(repo: TestRepo, commit: Oid, command: str, seconds: float | None = 30) -> CheckOutcome:
    with CheckRoom(discover(repo.path), BranchName("a/topic"), command, seconds=seconds) as room:
        return room.run(commit, commit)


@pytest.mark.parametrize(
    ("command", "result", "status"),
    [
        ("true", CheckResult.PASSED, 0),
        ("exit 3", CheckResult.FAILED, 3),
        ("exit 125", CheckResult.SKIPPED, 125),
        ("kill -SEGV $$", CheckResult.FAILED, -11),
        ("no-such-program", CheckResult.FAILED, 127),
    ],
)
def test_check_result_follows_the_exit_status(
    repo: TestRepo, commit: Oid, command: str, result: CheckResult, status: int
) -> None:
    done = _check(repo, commit, command)
    assert (done.result, done.status) == (result, status)


def test_check_sees_the_pick_and_its_log_is_kept(repo: TestRepo, commit: Oid) -> None:
    done = _check(repo, commit, 'cat file; echo "$BACKPORTQ_COMMIT" >&2; git rev-parse HEAD')
    assert done.log == repo.path / ".git" / "backportq-logs" / "a-topic" / f"001-{commit[:12]}.log"
    assert done.log.read_text().splitlines()[1:] == ["content", commit, commit]


def test_check_that_hangs_is_ended_with_all_that_it_started(repo: TestRepo, commit: Oid, tmp_path: Path) -> None:
    begun = time.monotonic()
    done = _check(repo, commit, f"trap '' TERM; sleep 300 & echo $! > {tmp_path}/child; wait", seconds=1)
    assert (done.result, done.status) == (CheckResult.TIMED_OUT, None)
    assert time.monotonic() - begun < 20
    assert not _lives(int((tmp_path / "child").read_text()))
    assert done.log.read_text().endswith("[ended by backportq: out of time]\n")


def test_check_that_leaves_a_child_behind_does_not_wait_for_it(repo: TestRepo, commit: Oid, tmp_path: Path) -> None:
    done = _check(repo, commit, f"sleep 300 & echo $! > {tmp_path}/child")
    assert done.result is CheckResult.PASSED
    assert done.seconds < 20
    assert not _lives(int((tmp_path / "child").read_text()))


def test_check_that_floods_keeps_beginning_and_end(
    repo: TestRepo, commit: Oid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "_LOG_BYTES", 1000)
    monkeypatch.setattr(checking, "_TAIL_BYTES", 1000)
    done = _check(repo, commit, "echo first; seq 1 100000; echo last")
    said = done.log.read_text()
    assert len(said) < 4000
    assert said.split("\n")[1] == "first"
    assert said.endswith("100000\nlast\n")
    assert "bytes left out]" in said


def test_check_build_products_stay_and_changes_of_tracked_files_do_not(repo: TestRepo, commit: Oid) -> None:
    second = Oid(repo.commit("second", {"file": "more\n"}))
    with CheckRoom(
        discover(repo.path), BranchName("topic"), "cat file built; cp file built; echo x > file", seconds=30
    ) as room:
        first = room.run(commit, commit)
        again = room.run(second, second)
    assert first.log.read_text().splitlines()[1:] == ["content", "cat: built: No such file or directory"]
    assert again.log.read_text().splitlines()[1:] == ["more", "content"]


def test_check_room_of_a_killed_process_is_removed_by_the_next(repo: TestRepo, commit: Oid) -> None:
    left = repo.path / ".git" / "backportq-picks" / "exec-topic-999999999"
    repo.git("worktree", "add", "-q", "--detach", str(left), commit)
    assert _check(repo, commit, "true").result is CheckResult.PASSED
    assert not left.exists()


def _lives(process: int) -> bool:
    for _ in range(50):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        if state == "Z":
            return False
        time.sleep(0.1)
    os.kill(process, 9)
    return True
