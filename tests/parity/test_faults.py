"""What can go wrong around a trial: killed git, a full disk, missing objects, a merge that never ends."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backportq.errors import RepositoryError
from backportq.git.repository import discover
from backportq.git.trials import TrialSession, run_trials
from backportq.model.ids import Oid
from backportq.model.trials.verdict import Trial, TrialFailure, Verdict
from tests.driver import TestRepo
from tests.parity.scenarios import HEAD_EDITED, TAIL_EDITED, TEN


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def _history(repo: TestRepo, count: int = 1) -> tuple[list[Oid], Oid]:
    """Commits that each edit the head of a file of their own, and a branch on which the tails are edited."""
    base = repo.commit("base", {f"f{at}": _lines(str(at), *TEN) for at in range(count)})
    commits = [repo.commit(f"edit {at}", {f"f{at}": _lines(str(at), *HEAD_EDITED)}) for at in range(count)]
    repo.checkout("stable", base)
    onto = repo.commit("tails", {f"f{at}": _lines(str(at), *TAIL_EDITED) for at in range(count)})
    return [Oid(commit) for commit in commits], Oid(onto)


def _fake_git(directory: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a `git` before the real one that runs `script` when it is to merge, and is the real one otherwise."""
    real = subprocess.run(["sh", "-c", "command -v git"], capture_output=True, text=True, check=True).stdout.strip()
    directory.mkdir()
    git = directory / "git"
    git.write_text(f'#!/bin/sh\ncase " $* " in *" merge-tree "*) {script};; esac\nexec {real} "$@"\n')
    git.chmod(git.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")


def test_trial_with_git_killed_once_is_answered_all_the_same(
    repo: TestRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, onto = _history(repo, 5)
    mark = tmp_path / "mark"
    _fake_git(tmp_path / "bin", f"test -e {mark} || {{ touch {mark}; kill -9 $$; }}", monkeypatch)
    with TrialSession(discover(repo.path), workers=1) as session:
        outcomes = session.run([(commit, onto) for commit in commits])
    assert mark.exists()
    assert [outcome.verdict for outcome in outcomes if isinstance(outcome, Trial)] == [Verdict.CLEAN] * 5


def test_trial_with_git_always_killed_fails_with_a_reason(
    repo: TestRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, onto = _history(repo, 3)
    _fake_git(tmp_path / "bin", "kill -9 $$", monkeypatch)
    outcomes = run_trials(discover(repo.path), [(commit, onto) for commit in commits])
    assert outcomes == [
        TrialFailure(commit, onto, f"commit '{commit[:12]}' could not be tried: 'git merge-tree' ended with status -9")
        for commit in commits
    ]


def test_trial_that_never_ends_is_ended_by_the_limit(
    repo: TestRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, onto = _history(repo)
    _fake_git(tmp_path / "bin", "exec sleep 60", monkeypatch)
    monkeypatch.setenv("BACKPORTQ_TRIAL_SECONDS", "0.3")
    start = time.monotonic()
    outcomes = run_trials(discover(repo.path), [(commits[0], onto)])
    assert time.monotonic() - start < 10
    why = f"commit '{commits[0][:12]}' could not be tried: the merge did not end within 0.3 seconds"
    assert outcomes == [TrialFailure(commits[0], onto, why)]


def test_failed_trials_are_tried_again_the_next_time(
    repo: TestRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, onto = _history(repo)
    with monkeypatch.context() as patch:
        _fake_git(tmp_path / "bin", "kill -9 $$", patch)
        assert isinstance(run_trials(discover(repo.path), [(commits[0], onto)])[0], TrialFailure)
    assert isinstance(run_trials(discover(repo.path), [(commits[0], onto)])[0], Trial)


def test_full_disk_says_where_and_what_to_do(repo: TestRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commits, onto = _history(repo)
    said = "error: unable to write file: No space left on device"
    _fake_git(tmp_path / "bin", f"echo '{said}' >&2; exit 128", monkeypatch)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("BACKPORTQ_SCRATCH", str(scratch))
    with pytest.raises(RepositoryError) as caught:
        run_trials(discover(repo.path), [(commits[0], onto)])
    assert caught.value.message == f"no space left for temporary objects in '{scratch}'"
    assert caught.value.hints == ("BACKPORTQ_SCRATCH=DIR names another place for temporary objects",)
    assert list(scratch.iterdir()) == []


def test_scratch_directory_that_is_absent_says_so(
    repo: TestRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, onto = _history(repo)
    monkeypatch.setenv("BACKPORTQ_SCRATCH", str(tmp_path / "absent"))
    with pytest.raises(RepositoryError) as caught:
        run_trials(discover(repo.path), [(commits[0], onto)])
    assert caught.value.message == f"trials cannot write to '{tmp_path / 'absent'}': No such file or directory"


def test_missing_blob_fails_its_trial_and_no_other(repo: TestRepo) -> None:
    commits, onto = _history(repo, 4)
    blob = repo.git("rev-parse", f"{onto}:f2")
    (repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    outcomes = run_trials(discover(repo.path), [(commit, onto) for commit in commits])
    assert [type(outcome) for outcome in outcomes] == [Trial, Trial, TrialFailure, Trial]
    assert isinstance(outcomes[2], TrialFailure)
    assert outcomes[2].why.startswith(f"commit '{commits[2][:12]}' could not be tried: ")
    assert blob in outcomes[2].why


def test_partial_clone_is_not_fetched_from(repo: TestRepo, tmp_path: Path) -> None:
    commits, onto = _history(repo)
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{repo.path}", str(tmp_path / "partial"))
    before = TestRepo(tmp_path / "partial").git("count-objects", "-v")
    outcome = run_trials(discover(tmp_path / "partial"), [(commits[0], onto)])[0]
    assert isinstance(outcome, TrialFailure)
    assert TestRepo(tmp_path / "partial").git("count-objects", "-v") == before


def test_shallow_clone_without_the_parent_fails_with_a_reason(repo: TestRepo, tmp_path: Path) -> None:
    commits, onto = _history(repo)
    repo.git(
        "clone", "-q", "--bare", "--depth=1", "--no-single-branch", f"file://{repo.path}", str(tmp_path / "shallow")
    )
    outcome = run_trials(discover(tmp_path / "shallow"), [(commits[0], onto)])[0]
    why = f"the parent of commit '{commits[0][:12]}' is cut off by the depth of this shallow clone"
    assert outcome == TrialFailure(commits[0], onto, why)


@pytest.mark.parametrize("kind", ["tree", "blob", "tag", "nothing"])
def test_commit_that_is_none_fails_with_a_reason(repo: TestRepo, kind: str) -> None:
    commits, onto = _history(repo)
    repo.git("tag", "-a", "-m", "tag", "v1", commits[0])
    given = {
        "tree": repo.git("rev-parse", f"{onto}^{{tree}}"),
        "blob": repo.git("rev-parse", f"{onto}:f0"),
        "tag": repo.git("rev-parse", "v1"),
        "nothing": "1" * 40,
    }[kind]
    outcome = run_trials(discover(repo.path), [(Oid(given), onto)])[0]
    wanted = f"'{given[:12]}' is a {kind}, wanted a commit"
    absent = f"object '{given[:12]}' is not in this repository"
    assert outcome == TrialFailure(Oid(given), onto, absent if kind == "nothing" else wanted)


@pytest.mark.parametrize("content", [b"", b"garbage", b"SQLite format 3\0" + b"\xff" * 4096])
def test_corrupt_cache_is_rebuilt_without_a_word(repo: TestRepo, content: bytes) -> None:
    commits, onto = _history(repo, 3)
    pairs = [(commit, onto) for commit in commits]
    wanted = run_trials(discover(repo.path), pairs)
    databases = list((repo.path / ".git" / "backportq").glob("*.sqlite"))
    assert databases
    for database in databases:
        database.write_bytes(content)
    assert run_trials(discover(repo.path), pairs) == wanted
    assert run_trials(discover(repo.path), pairs) == wanted


def test_quarantine_of_a_killed_process_is_removed_by_the_next(
    repo: TestRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits, onto = _history(repo)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("BACKPORTQ_SCRATCH", str(scratch))
    script = (
        "import sys, time, pathlib\n"
        "from backportq.git.repository import discover\n"
        "from backportq.git.trials.quarantine import Quarantine\n"
        "kept = Quarantine(discover(pathlib.Path(sys.argv[1])), 'sha1')\n"
        "print('made', flush=True)\n"
        "time.sleep(60)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(repo.path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"made\n"
    (left,) = scratch.iterdir()
    long_ago = time.time() - 3600
    os.utime(left, (long_ago, long_ago))
    run_trials(discover(repo.path), [(commits[0], onto)])
    assert list(scratch.iterdir()) == [left], "the quarantine of a living process must stay"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    os.utime(left, (long_ago, long_ago))
    (repo.path / ".git" / "backportq").rename(tmp_path / "cache")
    run_trials(discover(repo.path), [(commits[0], onto)])
    assert list(scratch.iterdir()) == []
