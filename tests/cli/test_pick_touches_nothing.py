"""What the user has checked out, staged, stashed and half done stays as it is, byte for byte, however a pick ends."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from fixtures.build import build
from tests.cli.program import PROGRAM, run
from tests.driver import TestRepo

APPLIES, CONFLICTS = "berth: free the slot when a ship leaves", "berth: do not moor where a ship lies"
TOPIC = "refs/heads/topic"
OURS = (
    *("objects", "backportq", "backportq-topics.jsonl", "logs/refs/heads/backportq", "refs/heads/backportq"),
    *(f"logs/{TOPIC}", TOPIC),
)
"""Below the git directory: objects, our cache and log of topics, the queue branch, and the branch that is made."""
WAITING = ("worktrees", "backportq-picks")
"""What is there only while a conflict waits."""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[TestRepo]:
    """A clone in the middle of everything: a cherry-pick that conflicts, changes of every kind, a stash."""
    repo = TestRepo(tmp_path / "demo")
    build("demo", repo.path)
    assert run("init", cwd=repo.path).status == 0
    assert run("scan", cwd=repo.path).status == 0
    tide = repo.path / "harbor" / "tide.py"
    tide.write_text(tide.read_text() + "# stashed\n")
    repo.git("stash", "push", "-q")
    repo.git("checkout", "-q", "stable-1.0")
    repo.git("cherry-pick", _oid(repo, CONFLICTS), check=False)
    repo.write("staged", "staged\n")
    (repo.path / "harbor" / "pilot.py").write_text("changed, and not staged\n")
    (repo.path / "untracked").write_text("untracked\n")
    yield repo
    repo.git("fsck", "--strict", "--no-dangling")


def _oid(repo: TestRepo, subject: str) -> str:
    return repo.git("log", "-1", "--format=%H", "--fixed-strings", f"--grep={subject}", "master")


def _state(repo: TestRepo, *more: str) -> Mapping[str, str]:
    """Return a digest of every file of the working tree and the git directory, but for what is ours to write."""
    found = {}
    left_out = {*OURS, *more}
    for folder, names, files in os.walk(repo.path):
        here = Path(folder).relative_to(repo.path)
        inner = here.relative_to(".git") if here.parts[:1] == (".git",) else None
        names[:] = [name for name in names if inner is None or str(inner / name) not in left_out]
        for name in files:
            if inner is not None and str(inner / name) in left_out:
                continue
            path = Path(folder, name)
            found[str(here / name)] = f"{path.lstat().st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return found


def test_state_notices_a_change_of_anything(demo: TestRepo) -> None:
    before = _state(demo)
    demo.git("update-ref", "refs/heads/other", "HEAD")
    assert {path for path, digest in _state(demo).items() if before.get(path) != digest} == {
        ".git/refs/heads/other",
        ".git/logs/refs/heads/other",
    }


def test_pick_that_applies_touches_nothing_but_its_branch(demo: TestRepo) -> None:
    before = _state(demo)
    done = run("pick", _oid(demo, APPLIES), "--branch", "1.0", "--onto", "topic", cwd=demo.path)
    assert (done.status, done.err) == (0, "")
    assert demo.git("log", "-1", "--format=%s", "topic") == APPLIES
    assert _state(demo) == before


def test_pick_that_conflicts_and_is_aborted_leaves_nothing(demo: TestRepo) -> None:
    before = _state(demo)
    picked = run("pick", _oid(demo, APPLIES), _oid(demo, CONFLICTS), "-b", "1.0", "--onto", "topic", cwd=demo.path)
    assert picked.status == 4
    assert _state(demo, *WAITING) == before
    assert run("pick", "--abort", cwd=demo.path).status == 0
    assert _state(demo) == before
    assert demo.git("for-each-ref", TOPIC) == ""


def test_pick_that_conflicts_and_is_continued_touches_nothing_but_its_branch(demo: TestRepo) -> None:
    before = _state(demo)
    assert run("pick", _oid(demo, CONFLICTS), "-b", "1.0", "--onto", "topic", cwd=demo.path).status == 4
    place = demo.path / ".git" / "backportq-picks" / "topic" / "worktree"
    (place / "harbor" / "berth.py").write_text("resolved = True\n")
    subprocess.run(["git", "add", "-A"], cwd=place, check=True)
    done = run("pick", "--continue", "-m", "made it short", cwd=place)
    assert done.status == 0, done.err
    assert demo.git("show", "topic:harbor/berth.py") == "resolved = True"
    assert _state(demo) == before


def test_pick_that_is_skipped_leaves_nothing(demo: TestRepo) -> None:
    before = _state(demo)
    assert run("pick", _oid(demo, CONFLICTS), "-b", "1.0", "--onto", "topic", cwd=demo.path).status == 4
    assert run("pick", "--skip", cwd=demo.path).status == 1
    assert _state(demo) == before


def test_apply_with_exec_that_litters_touches_nothing_but_its_branch(demo: TestRepo) -> None:
    before = _state(demo)
    command = "echo litter > untracked; echo more >> harbor/tide.py; git add -A; exit 0"
    done = run("apply", "1.2", "--onto", "topic", "--exec", command, cwd=demo.path)
    assert (done.status, done.err) == (0, "")
    assert _state(demo, "backportq-logs") == before


def test_pick_in_a_bare_repository_and_its_worktree_touches_only_its_branch(demo: TestRepo, tmp_path: Path) -> None:
    bare = TestRepo(tmp_path / "bare")
    demo.git("clone", "-q", "--bare", ".", str(bare.path))
    done = run("pick", _oid(demo, APPLIES), "-b", "1.0", "--onto", "topic", cwd=bare.path)
    assert done.status == 0, done.err
    assert run("pick", _oid(demo, CONFLICTS), "-b", "1.0", "--onto", "other", cwd=bare.path).status == 4
    assert run("pick", "--abort", cwd=bare.path).status == 0
    assert bare.git("branch", "--list", "topic", "other") == "  topic"


@pytest.mark.parametrize("with_conflict", [False, True])
def test_pick_killed_at_any_instant_leaves_the_user_alone_and_can_be_repeated(
    demo: TestRepo,
    with_conflict: bool,  # noqa: FBT001 - pytest names it
) -> None:
    before = _state(demo)
    commits = [_oid(demo, APPLIES), *([_oid(demo, CONFLICTS)] if with_conflict else [])]
    command = [str(PROGRAM), "pick", *commits, "-b", "1.0", "--onto", "topic"]
    chance = random.Random(7)
    for _ in range(12):
        process = subprocess.Popen(command, cwd=demo.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.1, 0.9))
        process.send_signal(signal.SIGKILL)
        process.wait()
        _settle(demo)
        assert _state(demo, *WAITING) == before
        run("pick", "--abort", cwd=demo.path)
        assert _state(demo, *WAITING) == before
        for file in (TOPIC, f"logs/{TOPIC}"):  # 'git branch -D' would write packed-refs
            (demo.path / ".git" / file).unlink(missing_ok=True)
    again = run(*command[1:], cwd=demo.path)
    assert again.status == (4 if with_conflict else 0), again.err
    if with_conflict:
        assert run("pick", "--abort", cwd=demo.path).status == 0
    demo.git("worktree", "prune", "--expire=now")
    assert _state(demo) == before


def test_pick_interrupted_leaves_nothing_or_a_whole_pick(demo: TestRepo) -> None:
    before = _state(demo)
    chance = random.Random(11)
    commits = (_oid(demo, APPLIES), _oid(demo, CONFLICTS))
    for _ in range(6):
        process = subprocess.Popen(
            [str(PROGRAM), "pick", *commits, "-b", "1.0", "--onto", "topic"],
            cwd=demo.path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.3, 0.8))
        process.send_signal(signal.SIGINT)
        status = process.wait()
        _settle(demo)
        if status != 130:  # it was done before, or while it said so
            assert run("pick", "--abort", cwd=demo.path).status == 0
        assert _state(demo) == before, status


def test_pick_without_room_for_a_worktree_says_so_and_leaves_nothing(demo: TestRepo) -> None:
    (demo.path / ".git" / "backportq-picks").write_text("in the way\n")
    before = _state(demo)
    done = run("pick", _oid(demo, CONFLICTS), "-b", "1.0", "--onto", "topic", cwd=demo.path)
    assert done.status == 3
    assert done.err.startswith("error: cannot write '")
    assert _state(demo) == before


def _settle(repo: TestRepo) -> None:
    """Wait for git children of a killed process to end, and remove what locks they left, as git asks people to."""
    time.sleep(0.3)
    for lock in (repo.path / ".git" / "refs" / "heads").rglob("*.lock"):
        lock.unlink()
