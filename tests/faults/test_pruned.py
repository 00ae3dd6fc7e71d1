"""Objects that are not found: pruned beside a writer by `git gc --prune=now`, or behind a damaged index of packs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backportq.git.objects import MEND_PACK_INDEX
from fixtures.build import build
from tests.cli.program import run
from tests.driver import TestRepo

_WRAPPER = """#!/bin/sh
case " $* " in *" update-ref "*)
	gone=$({git} fsck --unreachable --no-reflogs 2>/dev/null | grep -E '{kinds}' | cut -d' ' -f3)
	mkdir {once} 2>/dev/null && for oid in $gone; do
		rm -f .git/objects/$(echo $oid | cut -c1-2)/$(echo $oid | cut -c3-)
	done ;;
esac
exec {git} "$@"
"""

_SLOW_GC = """
import os, subprocess, sys, time
before = subprocess.check_output(["git", "rev-parse", "backportq"])
with open(".git/gc.pid", "w") as file:
    file.write(f"{os.getpid()} here")
print(flush=True)
while subprocess.check_output(["git", "rev-parse", "backportq"]) == before:
    time.sleep(0.01)
time.sleep(0.3)
made = ["git", "rev-list", "--objects", "--no-object-names", "backportq", "^" + before.decode().strip()]
for oid in subprocess.check_output(made).split():
    path = os.path.join(".git/objects", oid.decode()[:2], oid.decode()[2:])
    if os.path.exists(path):
        os.unlink(path)
os.unlink(".git/gc.pid")
"""
"""A `git gc --prune=now` that looked for what is reachable before the queue moved, and deletes after that."""


@pytest.fixture
def queued(tmp_path: Path) -> tuple[TestRepo, str]:
    repo = TestRepo(tmp_path / "demo")
    build("demo", repo.path)
    assert run("init", cwd=repo.path).status == 0
    assert run("scan", cwd=repo.path).status == 0
    return repo, repo.git("rev-parse", ":/^pilot: serve")


@pytest.mark.parametrize("kinds", ["blob", "tree|blob", "commit", "commit|tree|blob"])
def test_objects_that_are_pruned_under_the_writer_are_written_again(
    queued: tuple[TestRepo, str], tmp_path: Path, kinds: str
) -> None:
    repo, commit = queued
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(_WRAPPER.format(git=shutil.which("git"), kinds=kinds, once=tmp_path / "once"))
    wrapper.chmod(0o755)
    env = {"PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}"}
    done = run("note", commit, "-m", "kept", cwd=repo.path, env=env)
    assert (done.status, done.err) == (0, "")
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    assert "kept" in repo.git("grep", "-h", "kept", "backportq")


def test_objects_that_a_gc_takes_after_the_queue_moved_are_written_again(queued: tuple[TestRepo, str]) -> None:
    repo, commit = queued
    command = [sys.executable, "-c", _SLOW_GC, "--prune=now"]
    with subprocess.Popen(command, cwd=repo.path, stdout=subprocess.PIPE) as collector:
        assert collector.stdout is not None
        collector.stdout.readline()
        done = run("note", commit, "-m", "kept", cwd=repo.path)
    assert (done.status, done.err, collector.returncode) == (0, "", 0)
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    assert "kept" in repo.git("grep", "-h", "kept", "backportq")


def test_queue_that_points_to_nothing_is_named_with_what_to_do(queued: tuple[TestRepo, str]) -> None:
    repo, commit = queued
    good = repo.id("backportq")
    assert run("note", commit, "-m", "lost", cwd=repo.path).status == 0
    tip = repo.id("backportq")
    (repo.path / ".git/objects" / tip[:2] / tip[2:]).unlink()
    for words in (("pending",), ("scan",), ("note", commit, "-m", "x")):
        done = run(*words, cwd=repo.path)
        assert done.status == 3
        assert done.err.startswith(
            f"error: the queue's branch 'backportq' points to '{tip}', which is not in the repository\n"
            "hint: git reflog show backportq"
        )
    repo.git("branch", "-f", "backportq", good)
    assert run("pending", cwd=repo.path).status == 0


def test_damaged_index_of_packs_is_named_with_how_to_mend_it(queued: tuple[TestRepo, str]) -> None:
    repo, commit = queued
    repo.git("repack", "-adq")
    repo.git("multi-pack-index", "write")
    index = repo.path / ".git/objects/pack/multi-pack-index"
    index.chmod(0o644)
    index.write_bytes(b"none" + index.read_bytes()[4:])
    for words in (("status",), ("try", commit, "--onto", "stable-1.0"), ("note", commit, "-m", "x")):
        done = run(*words, cwd=repo.path)
        assert done.status == 3
        assert done.err.startswith("error: 'git cat-file' failed: multi-pack-index signature 0x6e6f6e65 does not match")
        assert f"hint: {MEND_PACK_INDEX}\n" in done.err
    subprocess.run(["sh", "-c", MEND_PACK_INDEX], cwd=repo.path, check=True, stderr=subprocess.DEVNULL)
    assert run("status", cwd=repo.path).status == 0
