"""The examples of docs/server.md do what the page says, in real repositories."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.build import build
from tests.cli.program import run
from tests.driver import TestRepo

EXAMPLES = Path(__file__).parents[1] / "docs/examples"


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def server(tmp_path: Path) -> TestRepo:
    """A bare repository of the demo with a queue and the hook."""
    work = tmp_path / "work"
    build("demo", work)
    bare = TestRepo(tmp_path / "server.git")
    subprocess.run(["git", "clone", "-q", "--bare", work, bare.path], check=True)
    shutil.rmtree(work)
    bare.git("config", "user.name", "Backport queue")
    bare.git("config", "user.email", "backports@example.org")
    (bare.path / "hooks").mkdir(exist_ok=True)
    shutil.copy(EXAMPLES / "post-receive", bare.path / "hooks/post-receive")
    assert run("init", cwd=bare.path).status == 0
    assert run("scan", cwd=bare.path).status == 0
    return bare


def _clone(server: TestRepo, name: str) -> TestRepo:
    path = server.path.parent / name
    server.git("clone", "-q", str(server.path), str(path))
    return TestRepo(path, tick=10_000_000 // 60)


def _push_fix(clone: TestRepo) -> str:
    target = clone.git("log", "-1", "--format=%h (%s)", "origin/stable-1.2").split(" ", 1)[0]
    clone.git("checkout", "-q", "master")
    commit = clone.commit(f'crane: turn the other way\n\nFixes: {target} ("x")', {"turn": "1\n"})
    clone.git("push", "-q", "origin", "master")
    return commit


def _pending(repo: TestRepo) -> set[str]:
    return {each["commit"] for each in json.loads(run("pending", "--json", cwd=repo.path).out)["items"]}


def test_hook_scans_what_is_pushed(server: TestRepo) -> None:
    clone = _clone(server, "clone")
    commit = _push_fix(clone)
    assert commit in _pending(server)
    assert server.git("log", "-1", "--format=%s|%(trailers:key=Backportq-Command,valueonly)", "backportq").strip() == (
        "1 added|scan"
    )


def test_hook_leaves_a_push_of_the_queue_alone(server: TestRepo) -> None:
    clone = _clone(server, "clone")
    assert run("sync", cwd=clone.path).status == 0
    commit = min(_pending(clone))
    assert run("note", commit, "-m", "seen by two users", cwd=clone.path).status == 0
    assert run("sync", cwd=clone.path).out == "given to 'origin': 1 change\n"
    assert server.id("backportq") == clone.id("backportq")
    assert server.git("log", "-1", "--format=%an", "backportq") == "Cora Committer"


def test_push_succeeds_where_the_scan_fails(server: TestRepo) -> None:
    clone = _clone(server, "clone")
    tree = server.git(
        "mktree", stdin=f"100644 blob {server.git('hash-object', '-w', '--stdin', stdin='x')}\tconfig.toml"
    )
    server.git("update-ref", "refs/heads/backportq", server.git("commit-tree", tree, "-m", "broken"))
    commit = _push_fix(clone)
    assert server.id("master") == commit


def test_decisions_here_and_a_scan_there_come_together(server: TestRepo) -> None:
    clone = _clone(server, "clone")
    assert run("sync", cwd=clone.path).status == 0
    noted = min(_pending(clone))
    assert run("note", noted, "-m", "seen by two users", cwd=clone.path).status == 0
    pushed = _push_fix(clone)
    assert run("sync", cwd=clone.path).status == 0
    assert server.id("backportq") == clone.id("backportq")
    items = json.loads(run("pending", "--json", cwd=server.path).out)["items"]
    assert pushed in {each["commit"] for each in items}
    assert {each.get("note") for each in items if each["commit"] == noted} == {"seen by two users"}


def test_nightly_job_scans_syncs_and_reports(server: TestRepo) -> None:
    (server.path / "hooks/post-receive").unlink()
    commit = _push_fix(_clone(server, "clone"))
    job = _clone(server, "job")
    done = subprocess.run(["sh", EXAMPLES / "nightly"], cwd=job.path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert commit in _pending(server)
    assert commit in {each["commit"] for each in json.loads((job.path / "pending.json").read_text())["items"]}


def test_commands_for_a_queue_in_a_repository_of_its_own(tmp_path: Path) -> None:
    """Every command that reads or writes the queue, with the project and the queue apart, in two clones."""
    team = TestRepo.create(tmp_path / "project-queue.git", bare=True)
    clones = []
    for name in ("ada", "bo"):
        path = tmp_path / name
        build("demo", path)
        mine = tmp_path / f"{name}-queue.git"
        team.git("clone", "-q", "--bare", str(team.path), str(mine))
        clone = TestRepo(path)
        clone.git("config", "backportq.repository", str(mine))
        clones.append(clone)
    ada, bo = clones
    before = ada.git("for-each-ref")
    assert run("init", cwd=ada.path).status == 0
    assert run("scan", cwd=ada.path).status == 0
    assert run("sync", cwd=ada.path).status == 0
    assert run("sync", cwd=bo.path).status == 0
    commit = min(_pending(bo))
    person = "Bo Builder <bo@example.org>"
    for words in (
        ("people", "add", person, "--key", "bo"),
        ("assign", commit, "--to", "bo"),
        ("note", commit, "-m", "x"),
        ("undo",),
        ("log",),
        ("show", commit),
        ("status",),
        ("mine", "bo"),
        ("scan",),
        ("sync",),
    ):
        ran = run(*words, cwd=bo.path)
        assert ran.status in (0, 1), (words, ran)
    assert run("sync", cwd=ada.path).status == 0
    items = json.loads(run("pending", "--json", "--assignee", "bo", cwd=ada.path).out)["items"]
    assert {each["commit"] for each in items} == {commit}
    assert (ada.git("for-each-ref"), bo.git("for-each-ref")) == (before, before)
