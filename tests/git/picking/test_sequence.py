"""Picks made in memory are the very commits that `git cherry-pick -x` makes, hooks and signatures included."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from backportq.errors import GitFailedError
from backportq.git.picking.sequence import Conflicting, Emptied, Impossible, Picked, PickSequence, StepOutcome
from backportq.git.read.lookup import read_commits
from backportq.git.repository import discover
from backportq.model.ids import Oid
from backportq.model.picks.provenance import Original, ProvenanceStyle, Wording, compose
from fixtures.build import build
from tests.driver import TestRepo
from tests.git.picking.oracle import MOMENT, CherryPicker

SCENARIOS = (
    "binary",
    "conflicts",
    "demo",
    "directory-rename",
    "hostile",
    "non-utf8",
    "renames",
    "symlinks",
    "xen",
)


@pytest.fixture(autouse=True)
def _fixed_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", MOMENT)


def _pick(path: Path, onto: str, *commits: str, mainline: int | None = None) -> list[StepOutcome]:
    """Pick one after the other with `-x` and keep what was made."""
    repository = discover(path)
    found = read_commits(repository, map(Oid, commits))
    with PickSequence(repository, Oid(onto)) as sequence:
        who = sequence.committer.who

        def worded(text: str, commit: Oid) -> str:
            wording = Wording(ProvenanceStyle.CHERRY_PICK, "master", "stable", who)
            return compose(text, Original(commit, found[commit].committed, commit), wording)

        outcomes = [
            sequence.pick(found[Oid(one)], lambda text, one=one: worded(text, Oid(one)), mainline=mainline)  # type: ignore[misc]
            for one in commits
        ]
        sequence.keep()
    return outcomes


def _by_git(repo: TestRepo, *commits: str) -> None:
    repo.git("cherry-pick", "-x", *commits, env={"GIT_COMMITTER_DATE": MOMENT})


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_pick_scenario_gives_the_commits_of_git_cherry_pick(scenario: str, tmp_path: Path) -> None:
    repo = TestRepo(tmp_path / "repo")
    build(scenario, repo.path)
    picker = CherryPicker(repo.path, tmp_path / "oracle")
    branches = [name for name in repo.git("branch", "--format=%(refname:short)").split("\n") if name.startswith("st")]
    compared = 0
    for branch in branches:
        onto = repo.id(branch)
        for commit in repo.git("rev-list", "--no-merges", f"{branch}..master").split():
            expected = picker.pick(commit, onto, "-x")
            (outcome,) = _pick(repo.path, onto, commit)
            match outcome:
                case Picked():
                    assert outcome.made == expected.commit, repo.git("show", "--stat", commit)
                    repo.git("cat-file", "-e", outcome.made)
                case Conflicting():
                    assert expected.commit is None, commit
                    assert "could not apply" in expected.said
                case Emptied():
                    assert expected.commit is None, commit
                    assert "is now empty" in expected.said or "allow-empty" in expected.said, expected.said
                case Impossible():
                    pytest.fail(outcome.why)
            compared += 1
    assert compared
    repo.git("fsck", "--strict", "--no-dangling")


def test_pick_series_builds_on_itself(repo: TestRepo) -> None:
    start = repo.commit("start", {"a": "1\n2\n3\n"})
    first = repo.commit("first", {"a": "1\ntwo\n3\n"})
    second = repo.commit("second", {"a": "1\nzwei\n3\n", "new": "x\n"})
    third = repo.commit("third", {"new": "y\n"})
    repo.checkout("stable", start)
    onto = repo.commit("own", {"b": "b\n"})
    outcomes = _pick(repo.path, onto, first, second, third)
    _by_git(repo, first, second, third)
    assert outcomes[-1] == Picked(Oid(repo.id("HEAD")))


def test_pick_merge_takes_the_side_of_the_mainline(repo: TestRepo) -> None:
    start = repo.commit("start", {"a": "1\n", "b": "1\n"})
    repo.checkout("side", start)
    repo.commit("on the side", {"b": "2\n"})
    repo.checkout("master")
    repo.commit("on master", {"a": "2\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    merge = repo.id("HEAD")
    picker = CherryPicker(repo.path, repo.path.parent / "oracle")
    for parent in (1, 2):
        expected = picker.pick(merge, start, "-x", "-m", str(parent))
        for _ in range(2):  # the second time the verdict is remembered
            assert _pick(repo.path, start, merge, mainline=parent) == [Picked(Oid(str(expected.commit)))]
            repo.git("prune", "--expire=now")
    (outcome,) = _pick(repo.path, start, merge)
    assert outcome == Impossible(f"commit '{merge[:12]}' is a merge of 2 parents and no mainline was given")


ODD_AUTHORS = (
    b"Dot. <dot@example.org>",
    b'"Quoted," <q@example.org>',
    b" Spaced  Name  <s@example.org>",
    b"No Mail <>",
    b"J\xf6rg <joerg@example.org>",
    "Jörg <joerg@example.org>".encode(),
)
ODD_MESSAGES = (
    b"subject\n\nbody\n",
    b"\n\n  subject\n\n\n\nbody  \n\n\n",
    b"no line end",
    b"bytes \xff\xfe and \xc3\xb6 and \xed\xa0\x80 and \xef\xbf\xbe and \xf0\x9f\xbf\xbf and \xc0\x80\n",
    b"form\x0cfeed and \x0bvertical\n\nKey: value\x0c\n",
    b"subject\n\nSigned-off-by: A <a@example.org>\nnot a trailer\n",
)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        (None, None),
        (None, "ISO-8859-1"),
        (None, "x-unknown"),
        ("utf8", "ISO-8859-1"),
        ("ISO-8859-1", None),
        ("ISO-8859-1", "ISO-8859-1"),
        ("x-unknown", None),
    ],
)
def test_pick_odd_authors_and_messages_are_stored_as_git_does(
    repo: TestRepo, encoding: str | None, declared: str | None
) -> None:
    start = repo.commit("start", {"a": "1\n"})
    commits = []
    for at, (author, message) in enumerate((a, m) for a in ODD_AUTHORS for m in ODD_MESSAGES):
        repo.write(f"file-{at}", "x\n")
        header = f"encoding {declared}\n".encode() if declared is not None else b""
        raw = b"tree %s\nparent %s\nauthor %s 1700000000 +0530\ncommitter C <c@example.org> 1700000001 +0000\n%s\n%s"
        made = raw % (repo.git("write-tree").encode(), repo.id("HEAD").encode(), author, header, message)
        commits.append(repo.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=made))
        repo.git("update-ref", "HEAD", commits[-1])
    if encoding is not None:
        repo.git("config", "i18n.commitEncoding", encoding)
    outcomes = _pick(repo.path, start, *commits)
    repo.git("checkout", "-q", "--detach", start)
    _by_git(repo, *commits)
    expected = repo.git("rev-list", "--reverse", f"{start}..HEAD").split()
    for oid, outcome in zip(expected, outcomes, strict=True):
        assert isinstance(outcome, Picked)
        assert _raw(repo, outcome.made) == _raw(repo, oid)


def _raw(repo: TestRepo, oid: str) -> bytes:
    return subprocess.run(["git", "cat-file", "commit", oid], cwd=repo.path, capture_output=True, check=True).stdout


def _two(repo: TestRepo) -> tuple[str, str]:
    start = repo.commit("start", {"a": "1\n"})
    commit = repo.commit("change\n\nSigned-off-by: Ada Author <ada@example.org>\n", {"a": "2\n"})
    repo.git("checkout", "-q", "--detach", start)
    return start, commit


def _hook(repo: TestRepo, name: str, script: str, folder_name: str = ".git/hooks") -> None:
    folder = repo.path / folder_name
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("folder", [".git/hooks", "of our own"])
def test_pick_hooks_are_those_that_git_runs_and_see_what_git_shows_them(
    repo: TestRepo, tmp_path: Path, folder: str
) -> None:
    start, commit = _two(repo)
    if folder != ".git/hooks":
        repo.git("config", "core.hooksPath", folder)
    log = tmp_path / "log"
    for name in ("pre-commit", "commit-msg", "post-checkout", "post-commit", "prepare-commit-msg"):
        adds = 'echo "Hooked: yes  " >> "$1"; ' if name == "prepare-commit-msg" else ""
        seen = 'git rev-parse HEAD; git write-tree; git rev-parse -q --verify CHERRY_PICK_HEAD; echo "$2 $3"'
        _hook(repo, name, f'{{ echo {name}; {seen}; [ -f "$1" ] && cat "$1"; }} >> {log}; {adds}exit 0', folder)
    (outcome,) = _pick(repo.path, start, commit)
    ours = log.read_text()
    log.unlink()
    _by_git(repo, commit)
    assert outcome == Picked(Oid(repo.id("HEAD")))
    assert ours == log.read_text()
    assert repo.git("worktree", "list").count("\n") == 0


def test_pick_hook_that_refuses_stops_with_its_words(repo: TestRepo) -> None:
    start, commit = _two(repo)
    _hook(repo, "prepare-commit-msg", "echo wrong moon phase >&2; exit 1")
    with pytest.raises(GitFailedError) as refused:
        _pick(repo.path, start, commit)
    assert refused.value.message == "the 'prepare-commit-msg' hook refused the pick: wrong moon phase"
    assert repo.git("worktree", "list").count("\n") == 0


def test_pick_hook_that_is_not_executable_is_not_run(repo: TestRepo) -> None:
    start, commit = _two(repo)
    _hook(repo, "prepare-commit-msg", "exit 1")
    (repo.path / ".git/hooks/prepare-commit-msg").chmod(0o644)
    assert isinstance(_pick(repo.path, start, commit)[0], Picked)


def test_pick_signs_as_configured_and_the_signature_verifies(repo: TestRepo, tmp_path: Path) -> None:
    start, commit = _two(repo)
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    signers = tmp_path / "signers"
    signers.write_text(f"cora@example.org {key.with_suffix('.pub').read_text()}")
    for name, value in (
        ("gpg.format", "ssh"),
        ("user.signingKey", str(key)),
        ("gpg.ssh.allowedSignersFile", str(signers)),
        ("commit.gpgSign", "true"),
    ):
        repo.git("config", name, value)
    (outcome,) = _pick(repo.path, start, commit)
    assert isinstance(outcome, Picked)
    repo.git("verify-commit", outcome.made)
    _by_git(repo, commit)
    assert outcome.made == repo.id("HEAD")  # ed25519 signatures of the same text are the same


def test_pick_signing_that_fails_is_an_error_and_not_an_empty_pick(repo: TestRepo) -> None:
    start, commit = _two(repo)
    repo.git("config", "commit.gpgSign", "true")
    repo.git("config", "gpg.program", "false")
    with pytest.raises(GitFailedError) as failed:
        _pick(repo.path, start, commit)
    assert failed.value.message.startswith("the pick could not be signed: gpg failed to sign the data")


def test_pick_without_keeping_leaves_no_object(repo: TestRepo) -> None:
    start, commit = _two(repo)
    repository = discover(repo.path)
    found = read_commits(repository, (Oid(commit),))[Oid(commit)]
    before = repo.git("count-objects", "-v")
    with PickSequence(repository, Oid(start)) as sequence:
        assert isinstance(sequence.pick(found, lambda text: text), Picked)
    assert repo.git("count-objects", "-v") == before


def test_pick_many_makes_one_pack(repo: TestRepo) -> None:
    start = repo.commit("start", {"a": "0\n"})
    for number in range(120):
        repo.commit(f"change {number}", {f"file-{number}": "x\n"})
    commits = repo.git("rev-list", "--reverse", f"{start}..HEAD").split()
    repo.checkout("stable", start)
    onto = repo.commit("own", {"b": "b\n"})
    outcomes = _pick(repo.path, onto, *commits)
    _by_git(repo, *commits)
    assert outcomes[-1] == Picked(Oid(repo.id("HEAD")))
    repo.git("fsck", "--strict")
