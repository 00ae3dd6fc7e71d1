"""A file system that is full, or read-only; a lock of a dead process; a clock that runs backwards."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from fixtures.build import build
from tests.cli.program import PROGRAM, Ran, run
from tests.driver import TestRepo


def _can_mount() -> bool:
    """Whether a file system can be mounted in a name space of one's own: as root, or where users may."""
    done = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
    return done.returncode == 0


needs_mount = pytest.mark.skipif(not _can_mount(), reason="no file system may be mounted here")


@pytest.fixture
def scanned(tmp_path: Path) -> TestRepo:
    path = tmp_path / "demo"
    build("demo", path)
    assert run("init", cwd=path).status == 0
    assert run("scan", cwd=path).status == 0
    return TestRepo(path)


def _pilot(repo: TestRepo) -> str:
    return repo.id(":/^pilot: serve")


def _mounted(script: str, *arguments: str) -> Ran:
    """Run a shell script in a name space in which it may mount."""
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", *arguments], capture_output=True, text=True)
    return Ran(done.stdout, done.stderr, done.returncode)


@needs_mount
def test_read_only_file_system_is_read_and_said(scanned: TestRepo) -> None:
    before = scanned.id("backportq")
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$1" && shift && exec "$@"'
    expected = run("pending", cwd=scanned.path)
    read = _mounted(script, str(scanned.path), str(PROGRAM), "pending")
    assert read == expected
    written = _mounted(script, str(scanned.path), str(PROGRAM), "decline", _pilot(scanned), "-m", "no")
    assert (written.out, written.status) == ("", 3)
    assert written.err.startswith("error: the queue could not be written and is as it was: 'git unpack-objects' failed")
    assert written.err.endswith("hint: keep the queue elsewhere: git config backportq.repository PATH\n")
    assert scanned.id("backportq") == before


@needs_mount
def test_full_file_system_leaves_the_queue_and_says_what_to_do(scanned: TestRepo, tmp_path: Path) -> None:
    """The repository stands on a small file system, which is filled to the last byte."""
    place = tmp_path / "small"
    place.mkdir()
    script = """
        mount -t tmpfs -o size=8m tmpfs "$1" && cp -r "$2" "$1/demo" && cd "$1/demo" || exit 9
        tip=$(git rev-parse backportq)
        cat /dev/zero >"$1/filler" 2>/dev/null
        "$3" decline "$4" -m no; echo "status $?"
        test "$tip" = "$(git rev-parse backportq)" && echo "as it was"
        "$3" pending >/dev/null && echo "can be read"
        rm "$1/filler"
        "$3" decline "$4" -m no >/dev/null && echo "goes on"
        git fsck --strict --no-dangling && echo "sound"
    """
    ran = _mounted(script, str(place), str(scanned.path), str(PROGRAM), _pilot(scanned))
    assert ran.out == "status 3\nas it was\ncan be read\ngoes on\nsound\n"
    assert ran.err.startswith("error: the queue could not be written and is as it was: ")
    assert "hint: free some space on the disk of the repository, then repeat the command\n" in ran.err


def test_stale_lock_is_named_with_what_to_type(scanned: TestRepo) -> None:
    lock = scanned.path / ".git/refs/heads/backportq.lock"
    lock.touch()
    refused = run("note", _pilot(scanned), "-m", "x", cwd=scanned.path)
    assert (refused.out, refused.status) == ("", 3)
    error, hint = refused.err.splitlines()
    assert error == f"error: '{lock}' is in the way: another process is writing the queue, or one died while it did"
    command, _, condition = hint.removeprefix("hint: ").partition(", ")
    assert condition == "if no git and no backportq is running there"
    subprocess.run(command, shell=True, check=True)
    assert run("note", _pilot(scanned), "-m", "x", cwd=scanned.path).status == 0


def test_clock_that_runs_backwards_loses_nothing(scanned: TestRepo) -> None:
    commit = _pilot(scanned)
    for year, text in ((2026, "first"), (2019, "second"), (1999, "third")):
        env = {"BACKPORTQ_NOW": f"{year}-06-01T12:00:00+00:00"}
        assert run("note", commit, "-m", text, cwd=scanned.path, env=env).status == 0
    shown = run("log", "-n", "3", cwd=scanned.path).out
    assert [line.split()[1] for line in shown.splitlines()[1:]] == ["1999-06-01", "2019-06-01", "2026-06-01"]
    assert scanned.git("show", "backportq:queue/stable-1.2.toml").count('note = "third"') == 1
    assert run("undo", cwd=scanned.path, env={"BACKPORTQ_NOW": "1990-01-01T00:00:00+00:00"}).status == 0
    assert scanned.git("show", "backportq:queue/stable-1.2.toml").count('note = "second"') == 1
    assert scanned.git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_repository_of_another_user_says_what_to_type(scanned: TestRepo) -> None:
    for path in (scanned.path, *scanned.path.rglob("*")):
        os.lchown(path, 65_534, 65_534)
    refused = run("pending", cwd=scanned.path)
    assert (refused.out, refused.status) == ("", 3)
    assert refused.err == (
        "error: '.' belongs to another user, and git refuses to read it\n"
        f"hint: git config --global --add safe.directory {scanned.path}\n"
    )


_FULL = """
    small="$1" repository="$2" said="$3"; shift 3
    mount -t tmpfs -o size=16m tmpfs "$small" && cp -r "$repository" "$small/demo" && cd "$small/demo" || exit 9
    git update-index -q --refresh
    standing() {
        git --no-optional-locks status --porcelain=v2 --branch
        git for-each-ref; git worktree list --porcelain; sha256sum .git/index .git/HEAD
        ls -a . .git | grep -vx -e worktrees -e backportq-logs
        find .git/worktrees -mindepth 1 2>/dev/null; find .git -name '*.lock'
    }
    for pages in 0 1 2 3 4 6 8 12 16 64; do
        before=$(standing)
        head -c $((pages * 4096)) /dev/zero >"$small/spare"
        cat /dev/zero >"$small/filler" 2>/dev/null
        rm "$small/spare"
        "$@" 2>"$said" >/dev/null; status=$?
        rm "$small/filler"
        test "$before" = "$(standing)" && same=same || same=changed
        echo "$pages $status $same $(head -n 1 "$said")"
        git update-ref -d refs/heads/topic
        git fsck --strict --no-dangling || echo "unsound after $pages"
    done
    "$@" >/dev/null 2>&1; echo "with room $?"
"""
"""Repeat a command on a file system with ever more free pages, and tell how each ended and what it left.

An empty `worktrees` is what git itself leaves, and logs of checks are meant to stay."""


def _on_full_disk(repo: TestRepo, place: Path, *command: str) -> list[list[str]]:
    """Return of each line that the script says: free pages, exit status, whether all is the same, and the message."""
    small = place / "small"
    small.mkdir()
    ran = _mounted(_FULL, str(small), str(repo.path), str(place / "said"), str(PROGRAM), *command)
    assert (ran.err, ran.status) == ("", 0)
    return [line.split(" ", maxsplit=3) for line in ran.out.splitlines()]


@pytest.fixture
def large(tmp_path: Path) -> TestRepo:
    """A stable branch whose files need more room than their objects: 8 MB of one letter."""
    repo = TestRepo(tmp_path / "large")
    build("demo", repo.path)
    assert run("init", cwd=repo.path).status == 0
    repo.checkout("stable-1.0")
    repo.commit("a large file\n", {"large": b"x" * (8 << 20)})
    repo.checkout("master")
    assert run("scan", cwd=repo.path).status == 0
    return repo


def _left_nothing(tried: list[list[str]]) -> int:
    """Return how many failed, each with an error and all as it was."""
    failed = [line for line in tried if line[1] != "0"]
    assert [line[1:3] for line in failed] == [["3", "same"]] * len(failed), failed
    for _, _, _, said in failed:
        assert re.match(r"error: .*(No space left|unable to write file|[Dd]iskspace|couldn't write)", said), said
    return len(failed)


@needs_mount
@pytest.mark.parametrize("picked", [("berth: do not moor",), ("pilot: serve", "berth: do not moor")], ids=len)
def test_conflicting_pick_on_a_full_disk_leaves_nothing(
    large: TestRepo, tmp_path: Path, picked: tuple[str, ...]
) -> None:
    commits = [large.id(f":/^{subject}") for subject in picked]
    *tried, room = _on_full_disk(large, tmp_path, "pick", *commits, "--branch", "1.0", "--onto", "topic")
    assert _left_nothing(tried) == len(tried) == 10
    assert room == ["with", "room", "4"]


@needs_mount
def test_apply_with_exec_on_a_full_disk_leaves_nothing(large: TestRepo, tmp_path: Path) -> None:
    *tried, room = _on_full_disk(large, tmp_path, "apply", "1.0", "--onto", "topic", "--exec", "true")
    assert _left_nothing(tried) == len(tried) == 10
    assert room == ["with", "room", "0"]


@needs_mount
def test_apply_on_a_full_disk_makes_no_branch_or_says_that_the_queue_does_not_know(
    large: TestRepo, tmp_path: Path
) -> None:
    *tried, room = _on_full_disk(large, tmp_path, "apply", "1.0", "--onto", "topic")
    assert 0 < _left_nothing(tried) < 10
    for line in tried:
        if line[1] == "0":
            assert line[2] == "changed"
            said = line[3]
            assert said == "" or said.startswith(
                "warning: the queue does not know of it: the queue could not be written"
            )
    assert room == ["with", "room", "0"]
