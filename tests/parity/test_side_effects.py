"""A trial leaves everything as it was, and runs nothing that a stranger put into the repository."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from backportq.git.repository import discover
from backportq.git.trials import run_trials
from backportq.model.ids import Oid
from backportq.model.trials.verdict import Trial, Verdict
from backportq.services.trials.queue_order import simulate
from tests.driver import TestRepo
from tests.parity.oracle import Oracle
from tests.parity.scenarios import HEAD_EDITED, OTHER_HEAD, TAIL_EDITED, TEN


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def _snapshot(directory: Path) -> dict[str, str]:
    """Return a digest of every file below `directory`, but for our own cache, and the targets of links."""
    found = {}
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        if name.split("/")[:2] == [".git", "backportq"] or name.split("/", maxsplit=1)[0] == "backportq":
            continue
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = f"{path.stat().st_mode:o} {hashlib.sha1(path.read_bytes()).hexdigest()}"
    return found


def _history(repo: TestRepo) -> list[tuple[Oid, Oid]]:
    """A branch, and upstream commits that apply, conflict, rename and change nothing; as pairs to try."""
    base = repo.commit("base", {"f": _lines(*TEN), "d/g": _lines(*TEN)})
    edited = repo.commit("edit the head", {"f": _lines(*HEAD_EDITED)})
    repo.git("mv", "d/g", "d/h")
    renamed = repo.commit("rename")
    other = repo.commit("edit again", {"d/h": _lines(*HEAD_EDITED)})
    nothing = repo.commit("nothing")
    repo.checkout("stable", base)
    tail = repo.commit("edit the tail", {"f": _lines(*TAIL_EDITED)})
    head = repo.commit("edit the head otherwise", {"f": _lines(*OTHER_HEAD)})
    return [(Oid(commit), Oid(onto)) for commit in (edited, renamed, other, nothing) for onto in (tail, head)]


def test_trials_leave_every_file_of_a_clone_as_it_was(repo: TestRepo) -> None:
    pairs = _history(repo)
    (repo.path / "f").write_text("edited and not committed\n")
    (repo.path / "untracked").write_text("untracked\n")
    repo.write("staged", "staged\n")
    repo.git("stash", "push", "-q")
    (repo.path / "f").write_text("edited again\n")
    before, status, place = _snapshot(repo.path), repo.git("status", "--porcelain"), Path.cwd()
    outcomes = run_trials(discover(repo.path), pairs)
    simulate(discover(repo.path), pairs[0][1], [commit for commit, onto in pairs if onto == pairs[0][1]])
    assert {outcome.verdict for outcome in outcomes if isinstance(outcome, Trial)} == set(Verdict)
    assert _snapshot(repo.path) == before
    assert repo.git("status", "--porcelain") == status
    assert Path.cwd() == place


def test_trials_leave_every_file_of_a_bare_repository_as_it_was(repo: TestRepo, tmp_path: Path) -> None:
    pairs = _history(repo)
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare"))
    before = _snapshot(tmp_path / "bare")
    bare = run_trials(discover(tmp_path / "bare"), pairs)
    assert _snapshot(tmp_path / "bare") == before
    assert bare == run_trials(discover(repo.path), pairs)


def test_trials_from_a_worktree_and_a_clone_that_borrows_objects_are_the_same(repo: TestRepo, tmp_path: Path) -> None:
    pairs = _history(repo)
    repo.git("worktree", "add", "-q", str(tmp_path / "work"), "master")
    repo.git("clone", "-q", "--shared", str(repo.path), str(tmp_path / "once"))
    TestRepo(tmp_path / "once").git("clone", "-q", "--shared", str(tmp_path / "once"), str(tmp_path / "twice"))
    wanted = run_trials(discover(repo.path), pairs)
    assert run_trials(discover(tmp_path / "work"), pairs) == wanted
    assert run_trials(discover(tmp_path / "twice"), pairs) == wanted


def test_trials_leave_no_quarantine_behind(repo: TestRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("BACKPORTQ_SCRATCH", str(scratch))
    run_trials(discover(repo.path), _history(repo))
    assert list(scratch.iterdir()) == []


def test_trials_run_nothing_of_a_strangers_repository(repo: TestRepo, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    alarm = f"echo ran >> {canary}; exit 1"
    attributes = "* filter=mine merge=mine diff=mine\n"
    base = repo.commit("base", {"f": _lines(*TEN), ".gitattributes": attributes})
    edited = repo.commit("edit", {"f": _lines(*HEAD_EDITED)})
    repo.checkout("stable", base)
    tail = repo.commit("tail", {"f": _lines(*TAIL_EDITED)})
    moved = repo.commit("moved", {"f": None, "g": _lines(*TAIL_EDITED)})
    (repo.path / ".git" / "info" / "attributes").write_text("* merge=mine -diff\n")
    for key in (
        *("filter.mine.clean", "filter.mine.smudge", "filter.mine.process", "merge.mine.driver", "merge.default"),
        *(
            "diff.mine.command",
            "diff.mine.textconv",
            "diff.external",
            "core.fsmonitor",
            "core.sshCommand",
            "core.pager",
        ),
        *("gpg.program", "core.askPass", "credential.helper", "core.editor", "uploadpack.packObjectsHook"),
    ):
        repo.git("config", key, alarm)
    hooks = repo.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in (
        "post-index-change",
        "reference-transaction",
        "pre-merge-commit",
        "post-checkout",
        "fsmonitor-watchman",
    ):
        (hooks / name).write_text(f"#!/bin/sh\n{alarm}\n")
        (hooks / name).chmod(0o755)
    outcomes = run_trials(discover(repo.path), [(Oid(edited), Oid(tail)), (Oid(edited), Oid(moved))])
    assert not canary.exists()
    assert [outcome.verdict for outcome in outcomes if isinstance(outcome, Trial)] == [Verdict.CLEAN, Verdict.CLEAN]


def test_trials_do_not_depend_on_the_configuration_of_the_user_or_the_clone(repo: TestRepo, tmp_path: Path) -> None:
    pairs = _history(repo)
    wanted = run_trials(discover(repo.path), pairs)
    (tmp_path / "config").write_text(
        "[merge]\n\trenames = false\n\tdirectoryRenames = true\n\tconflictStyle = diff3\n\trenormalize = true\n"
        "[diff]\n\trenames = false\n\talgorithm = minimal\n\tnoprefix = true\n[core]\n\tautocrlf = true\n"
    )
    repo.git("clone", "-q", "--shared", str(repo.path), str(tmp_path / "clone"))
    clone = TestRepo(tmp_path / "clone")
    clone.git("config", "merge.renames", "false")
    environment = {
        "GIT_CONFIG_GLOBAL": str(tmp_path / "config"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "merge.renames",
        "GIT_CONFIG_VALUE_0": "false",
    }
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        found = run_trials(discover(clone.path), pairs)
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert found == wanted


def test_paths_of_a_hostile_tree_stay_inside_the_quarantine(repo: TestRepo, tmp_path: Path) -> None:
    """Attribute files are written out for git to read them; a tree may name them so that they would land elsewhere."""
    content = _lines(*TEN)
    blob = repo.git("hash-object", "-w", "--stdin", stdin=content)
    evil = repo.git("hash-object", "-w", "--stdin", stdin="* merge=union\n")
    inner = repo.git(
        "hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=_entry("100644", ".gitattributes", evil)
    )
    up = _entry("40000", "..", inner) + _entry("40000", ".git", inner) + _entry("100644", "f", blob)
    ours = repo.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=up)
    base = repo.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=_entry("100644", "f", blob))
    moved = repo.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=_entry("100644", "g", blob))
    parent = repo.git("commit-tree", base, "-m", "base")
    commit = repo.git("commit-tree", moved, "-p", parent, "-m", "rename")
    onto = repo.git("commit-tree", ours, "-p", parent, "-m", "evil")
    before = _snapshot(tmp_path)
    run_trials(discover(repo.path), [(Oid(commit), Oid(onto))])
    assert _snapshot(tmp_path) == {**before, **{k: v for k, v in _snapshot(tmp_path).items() if "/backportq/" in k}}


def _entry(mode: str, name: str, oid: str) -> bytes:
    return f"{mode} {name}\0".encode() + bytes.fromhex(oid)


def test_trials_in_a_repository_with_an_odd_name_are_the_same(repo: TestRepo, tmp_path: Path) -> None:
    pairs = _history(repo)
    wanted = run_trials(discover(repo.path), pairs)
    for name in ('#"odd" : name', "ünï cödé", "-C"):
        odd = tmp_path / name
        repo.git("clone", "-q", "--bare", "--", str(repo.path), str(odd))
        assert run_trials(discover(odd), pairs) == wanted


def test_trials_in_a_repository_of_sha256_are_what_cherry_pick_gives(tmp_path: Path) -> None:
    repo = TestRepo(tmp_path / "repo")
    repo.path.mkdir()
    repo.git("init", "-q", "-b", "master", "--object-format=sha256")
    pairs = _history(repo)
    oracle = Oracle(repo.path, tmp_path / "oracle")
    wanted = [oracle.pick(*pair) for pair in pairs]
    found = [outcome for outcome in run_trials(discover(repo.path), pairs) if isinstance(outcome, Trial)]
    assert [(str(each.verdict), each.tree) for each in found] == [(each.verdict, each.tree) for each in wanted]
    assert all(len(each.tree or "") in (0, 64) for each in found)
