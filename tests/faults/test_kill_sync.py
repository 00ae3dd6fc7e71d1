"""A sync killed at random instants, with the git that it started and the one at the other end."""

from __future__ import annotations

import random
import subprocess
import time
from pathlib import Path

import pytest

from tests.driver import TestRepo
from tests.faults.victims import DEEP, QUEUE, Victim

KILLS = 60 if DEEP else 5


@pytest.fixture
def victim(tmp_path: Path) -> Victim:
    return Victim(tmp_path)


def test_killed_sync_leaves_both_sides_old_or_merged_and_the_next_one_finishes(victim: Victim, tmp_path: Path) -> None:
    remote = TestRepo.create(tmp_path / "remote.git", bare=True)
    victim.repo.git("remote", "add", "origin", str(remote.path))
    commits = victim.places["{item}"], victim.places["{fresh}"]
    tips = []
    for words in (("note", commits[0], "-m", "made here"), ("tag", commits[1], "-b", "stable-1.2", "-m", "made there")):
        victim.reset(victim.starts["scanned"])
        victim.check(*words)
        tips.append(str(victim.tip()))
    here, there = tips
    victim.repo.git("push", "-q", "origin", f"{there}:{QUEUE}")

    def begin() -> None:
        victim.reset(here)
        for lock in remote.path.rglob("*.lock"):
            lock.unlink()
        remote.git("update-ref", QUEUE, there)
        for ref in ("refs/backportq/origin/backportq", "refs/remotes/origin/backportq"):
            victim.repo.git("update-ref", "-d", ref)

    begin()
    started = time.monotonic()
    victim.check("sync")
    needed = time.monotonic() - started
    merged = str(victim.tip())
    assert merged == remote.id(QUEUE) != here
    instants = random.Random("sync")
    met = set()
    for _ in range(KILLS):
        begin()
        ended = victim.run("sync", kill_after=instants.uniform(0, needed))
        found = (victim.tip(), remote.id(QUEUE))
        assert found in ((here, there), (here, merged), (merged, merged))
        if ended.status == 0 or ended.out:
            assert found == (merged, merged)
        met.add(found)
        victim.is_sound()
        subprocess.run(["git", "fsck", "--strict"], cwd=remote.path, check=True, capture_output=True)
        for lock in (*remote.path.rglob("*.lock"), *(victim.repo.path / ".git").rglob("*.lock")):
            lock.unlink()  # what the error says to type; see tests/queue/sync/test_sync.py
        victim.check("sync")
        assert (victim.tip(), remote.id(QUEUE)) == (merged, merged)
    assert not DEEP or {(here, there), (merged, merged)} <= met
