"""`pick` and `apply` killed, with their children: a branch that is absent or whole, and a queue that never runs ahead.

A branch comes before the queue that tells of it, so a kill between the two may leave the first without the second.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from backportq.queue import store as store_module
from tests.faults.victims import CONFLICT, DEEP, PICKS, Command, Victim, type_hint

KILLS = 30 if DEEP else 2
_HINT = re.compile(r"(?:^hint: |\()(rm .*\.lock), if no git", re.MULTILINE)
_LATE = 1.05  # some instants are after the end, so that the last steps are met as often as the others
_LATER = 0.05  # more after each kill that came before the end: the machine may have become busier


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Victim:
    return Victim(tmp_path_factory.mktemp("victim"))


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_LOCKED_ATTEMPTS", 2)


@pytest.mark.parametrize("command", PICKS, ids=lambda command: "-".join(command.words[:2]))
def test_killed_pick_leaves_no_branch_or_a_whole_one_and_can_be_repeated(victim: Victim, command: Command) -> None:
    victim.repo.git("update-ref", "-d", "refs/heads/topic")
    old = victim.prepared(command)
    words = victim.words_of(command)
    objects = victim.objects()
    elsewhere = _elsewhere(victim)
    begin = time.monotonic()
    ended = victim.run(*words, env=command.env)
    needed = time.monotonic() - begin
    assert ended.status == 0, ended
    new, whole = victim.tip(), _topic(victim)
    assert new != old
    assert whole is not None
    told = victim.repo.id("backportq^{tree}")
    assert _worktrees(victim) == 1
    instants, late = random.Random("-".join(command.words[:2])), _LATE
    met: Counter[str] = Counter()
    for _ in range(KILLS):
        _begin_again(victim, old, objects)
        ended = victim.run(*words, env=command.env, kill_after=instants.uniform(0, needed * late))
        late = _LATE if ended.status == 0 else late + _LATER
        found = (_topic(victim), victim.tip())
        assert found in ((None, old), (whole, old), (whole, new))
        if ended.status == 0 or ended.out:
            assert found == (whole, new), "a pick that was told to be made is lost"
        met[f"branch {'made' if found[0] else 'absent'}, queue {'new' if found[1] == new else 'old'}"] += 1
        victim.is_sound()
        assert _elsewhere(victim) == elsewhere
        _works(victim, "pending")
        _works(victim, "scan")
        if found[0] is not None:
            refused = victim.run(*words, env=command.env)
            assert refused.status == 3
            assert refused.err.startswith("error: branch 'topic' exists already, at ")
            assert "hint: --force makes it anew\n" in refused.err
        _works(victim, *words, "--force", command=command)
        assert (_topic(victim), victim.repo.id("backportq^{tree}")) == (whole, told)
        assert _worktrees(victim) == 1
        assert _elsewhere(victim) == elsewhere
        victim.is_sound()
    assert not DEEP or {"branch absent, queue old", "branch made, queue new"} <= met.keys()
    _begin_again(victim, old, objects)


def test_killed_pick_that_conflicts_waits_or_can_be_repeated_and_given_up(victim: Victim) -> None:
    old = victim.prepared(CONFLICT)
    words = victim.words_of(CONFLICT)
    objects = victim.objects()
    elsewhere = _elsewhere(victim)
    begin = time.monotonic()
    ended = victim.run(*words, env=CONFLICT.env)
    needed = time.monotonic() - begin
    assert ended.status == 4, ended
    new = victim.tip()
    assert new != old
    victim.check("pick", "--abort")
    instants, late = random.Random("conflict"), _LATE
    met: Counter[str] = Counter()
    for _ in range(KILLS):
        _begin_again(victim, old, objects)
        ended = victim.run(*words, env=CONFLICT.env, kill_after=instants.uniform(0, needed * late))
        late = _LATE if ended.status == 4 else late + _LATER
        found = victim.tip()
        assert found in (old, new)
        assert _topic(victim) is None
        waits = (victim.repo.path / ".git/backportq-picks/topic/worktree/.git").exists()
        assert waits or found == old, "the queue tells of a pick that nobody can continue"
        if ended.status == 4 or ended.out:
            assert found == new, "a pick that was told to wait is lost"
        met[f"worktree {'made' if waits else 'absent'}, queue {'new' if found == new else 'old'}"] += 1
        victim.is_sound()
        assert _elsewhere(victim) == elsewhere
        _works(victim, "scan")
        _works(victim, "pick", "--status")
        again = victim.run(*words, env=CONFLICT.env)
        if again.status == 3:
            assert "hint: backportq pick --abort topic\n" in again.err, again
            _works(victim, "pick", "--abort", "topic")
            again = victim.run(*words, env=CONFLICT.env)
        assert again.status == 4, again
        _works(victim, "pick", "--abort", "topic")
        assert _worktrees(victim) == 1
        assert not (victim.repo.path / ".git/backportq-picks").exists()
        assert _topic(victim) is None
        assert _elsewhere(victim) == elsewhere
        victim.is_sound()
    assert not DEEP or {"worktree absent, queue old", "worktree made, queue new"} <= met.keys()
    _begin_again(victim, old, objects)


@pytest.mark.parametrize("directory_exists", [False, True], ids=["no directory", "an empty directory"])
def test_worktree_whose_making_was_killed_goes_with_abort_and_is_made_again(
    victim: Victim,
    directory_exists: bool,  # noqa: FBT001 - pytest names it
) -> None:
    """git locks a worktree while it makes it, and never prunes a locked one."""
    old = victim.prepared(CONFLICT)
    objects = victim.objects()
    words = victim.words_of(CONFLICT)
    assert victim.run(*words, env=CONFLICT.env).status == 4
    place = victim.repo.path / ".git/backportq-picks/topic/worktree"
    (_kept_in(place) / "locked").write_text("initializing\n")
    shutil.rmtree(place)
    if directory_exists:
        place.mkdir()
    _works(victim, "pick", "--abort", "topic")
    assert _worktrees(victim) == 1
    assert victim.run(*words, env=CONFLICT.env).status == 4
    _works(victim, "pick", "--abort", "topic")
    assert _worktrees(victim) == 1
    _begin_again(victim, old, objects)


def test_half_made_worktree_is_listed_and_can_be_given_up(victim: Victim) -> None:
    victim.repo.git("update-ref", "-d", "refs/heads/topic")
    old = victim.prepared(CONFLICT)
    objects = victim.objects()
    assert victim.run(*victim.words_of(CONFLICT), env=CONFLICT.env).status == 4
    place = victim.repo.path / ".git/backportq-picks/topic/worktree"
    subprocess.run(["git", "add", "-A"], cwd=place, check=True)
    lock = _kept_in(place) / "index.lock"
    lock.touch()
    status = victim.run("pick", "--status")
    assert (status.status, status.err) == (0, "")
    assert status.out == (
        "topic: its worktree cannot be read: 'git write-tree' failed: "
        f"Unable to create '{lock}': File exists.\n"
        "  backportq pick --abort topic\n"
    )
    _works(victim, "pick", "--abort", "topic")
    assert _worktrees(victim) == 1
    _begin_again(victim, old, objects)


def test_stale_lock_of_the_branch_or_the_queue_is_named_with_what_to_type(victim: Victim) -> None:
    command = PICKS[0]
    victim.repo.git("update-ref", "-d", "refs/heads/topic")
    old = victim.prepared(command)
    objects = victim.objects()
    lock = victim.repo.path / ".git/refs/heads/topic.lock"
    lock.touch()
    refused = victim.run(*victim.words_of(command), env=command.env)
    assert (refused.out, refused.status) == ("", 3)
    assert refused.err == (
        f"error: '{lock}' is in the way, and no branch was moved: another git process is at work, or one died\n"
        f"hint: rm {lock}, if no git and no backportq is running there\n"
    )
    assert victim.tip() == old
    type_hint(refused.err.splitlines()[1].removeprefix("hint: "))
    busy = victim.repo.path / ".git/refs/heads/backportq.lock"
    busy.touch()
    made = victim.run(*victim.words_of(command), env=command.env)
    assert made.status == 0
    assert made.err == (
        f"warning: the queue does not know of it: '{busy}' is in the way: another process is writing the queue, "
        f"or one died while it did (rm {busy}, if no git and no backportq is running there)\n"
    )
    busy.unlink()
    victim.repo.git("update-ref", "-d", "refs/heads/topic")
    _works(victim, *victim.words_of(command), command=command)
    assert _topic(victim) is not None
    _begin_again(victim, old, objects)


def _begin_again(victim: Victim, tip: str | None, objects: frozenset[Path]) -> None:
    """Take the branch and the objects away, so that they have to be made again."""
    victim.repo.git("update-ref", "-d", "refs/heads/topic")
    victim.reset(tip)
    victim.forget(objects)


def _topic(victim: Victim) -> str | None:
    return victim.repo.git("for-each-ref", "--format=%(objectname)", "refs/heads/topic") or None


def _elsewhere(victim: Victim) -> tuple[str, str]:
    """Return all that no pick may change: what is checked out and staged, and where every other ref is."""
    refs = victim.repo.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    ours = ("refs/heads/topic ", "refs/heads/backportq ")
    kept = [line for line in refs if not line.startswith(ours)]
    return victim.repo.git("status", "--porcelain=v2", "--branch"), "\n".join(kept)


def _kept_in(worktree: Path) -> Path:
    """Return where git keeps what it knows of a worktree: not always in the folder of its name, since a killed git may
    have left one, which the next passes over."""
    told = subprocess.run(["git", "rev-parse", "--absolute-git-dir"], cwd=worktree, check=True, capture_output=True)
    return Path(told.stdout.decode().strip())


def _worktrees(victim: Victim) -> int:
    return victim.repo.git("worktree", "list", "--porcelain").count("worktree ")


def _works(victim: Victim, *words: str, command: Command | None = None) -> None:
    """Run a command that works, or says what to type and works then."""
    env = command.env if command is not None else {}
    ended = victim.run(*words, env=env)
    for _ in range(2):  # the lock of the branch, and that of the queue, of which a pick that was made only warns
        typed = _HINT.search(ended.err)
        if typed is not None:
            type_hint(typed[1])
            ended = victim.run(*words, env=env)
    assert ended.status == 0, ended
