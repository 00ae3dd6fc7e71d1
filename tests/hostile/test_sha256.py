"""A repository of SHA-256: ids of 64 digits in every command, document, file and object."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.program import run
from tests.driver import TestRepo

_OID = re.compile(r"\b[0-9a-f]{64}\b")
_SHORTER = re.compile(r'"[0-9a-f]{40}"')


@pytest.fixture
def modern(tmp_path: Path) -> tuple[TestRepo, str, str]:
    repo = TestRepo(tmp_path / "repo")
    repo.path.mkdir()
    repo.git("init", "-q", "-b", "master", "--object-format=sha256")
    lines = "".join(f"line {number}\n" for number in range(30))
    bug = repo.commit("add the thing", {"file": lines, "old": lines})
    repo.git("branch", "stable-1.0")
    repo.git("branch", "stable-1.1")
    repo.commit("prepare", {"file": lines.replace("line 9\n", "line nine\n")})
    body = f'\n\nFixes: {bug[:12]} ("add the thing")\n'
    fix = repo.commit(f"fix the thing{body}", {"file": lines.replace("line 9\n", "line 9!\n")})
    clean = repo.commit(f"fix the other thing{body}", {"old": lines.replace("line 3\n", "line three\n")})
    repo.checkout("stable-1.1")
    repo.pick(clean, "-x")
    repo.checkout("master")
    return repo, fix, clean


def test_every_command_works_with_ids_of_64_digits(modern: tuple[TestRepo, str, str]) -> None:
    repo, fix, clean = modern
    commands: tuple[tuple[str, ...], ...] = (
        ("init", "--json"), ("scan", "--json"), ("scan", "--json"), ("pending", "--json"), ("status", "--json"),
        ("show", fix, "--json"), ("landed", "stable-1.1", "--json"), ("stats", "--json"),
        ("check", "stable-1.0", "--json"),
        ("try", clean, "--onto", "stable-1.0", "--json"), ("explain", fix, "stable-1.0", "--json"),
        ("tag", fix[:12], "--branch", "stable-1.1", "--json"), ("note", fix, "-m", "x"), ("need", fix, clean),
        ("people", "add", "Ada Author <ada@example.org>"), ("assign", fix, "--to", "ada"), ("mine", "ada", "--json"),
        ("log", "--json"), ("mail", "call", "--mbox", "-"), ("release-notes", "stable-1.1"),
        ("apply", "stable-1.0", "--json"), ("undo",),
    )  # fmt: skip
    for command in commands:
        done = run(*command, cwd=repo.path)
        assert done.status in (0, 1, 4), (command, done)
        assert "internal error" not in done.err, (command, done)
        if "--json" in command:
            assert json.loads(done.out)["schema"] == 1
            assert not _SHORTER.search(done.out), (command, done.out)
    stored = repo.git("show", "backportq:queue/stable-1.0.toml")
    assert fix in stored
    assert {len(oid) for oid in _OID.findall(stored)} == {64}
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_trial_and_pick_are_those_of_git(modern: tuple[TestRepo, str, str]) -> None:
    repo, fix, clean = modern
    assert run("init", cwd=repo.path).status == 0
    (tried,) = json.loads(run("try", clean, "--onto", "stable-1.0", "--json", cwd=repo.path).out)["trials"]
    (other,) = json.loads(run("try", fix, "--onto", "stable-1.0", "--json", cwd=repo.path).out)["trials"]
    done = run("pick", clean, "--branch", "stable-1.0", "--onto", "picked", cwd=repo.path)
    assert done.status == 0, done
    repo.git("checkout", "-q", "--detach", "stable-1.0")
    repo.pick(clean, "-x")
    assert (tried["verdict"], tried["tree"]) == ("clean", repo.id("HEAD^{tree}"))
    assert repo.id("picked^{tree}") == tried["tree"]
    assert other["verdict"] == "conflict"


def test_queue_of_sha256_is_exchanged_and_merged(modern: tuple[TestRepo, str, str], tmp_path: Path) -> None:
    repo, fix, clean = modern
    assert run("init", cwd=repo.path).status == 0
    assert run("scan", cwd=repo.path).status == 0
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "hub.git"))
    clones = []
    for name in ("one", "two"):
        repo.git("clone", "-q", str(tmp_path / "hub.git"), str(tmp_path / name))
        clones.append(TestRepo(tmp_path / name))
        assert run("sync", cwd=clones[-1].path).status == 0
    for clone, commit in zip(clones, (fix, clean), strict=True):
        assert run("note", commit, "-m", f"by {clone.path.name}", "-b", "stable-1.0", cwd=clone.path).status == 0
    for clone in (*clones, clones[0]):
        done = run("sync", "--json", cwd=clone.path)
        assert done.status == 0, done
    stored = clones[0].git("show", "backportq:queue/stable-1.0.toml")
    assert "by one" in stored
    assert "by two" in stored
    assert clones[0].id("backportq") == clones[1].id("backportq")
