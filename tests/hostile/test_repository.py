"""A repository that a stranger prepared: hooks, filters, drivers, helpers; links in places of files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from fixtures.build import build
from tests.cli.program import run
from tests.driver import TestRepo

HOOKS = (
    "applypatch-msg", "commit-msg", "fsmonitor-watchman", "post-applypatch", "post-checkout", "post-commit",
    "post-index-change", "post-merge", "post-rewrite", "post-update", "pre-applypatch", "pre-auto-gc", "pre-commit",
    "pre-merge-commit", "pre-rebase", "prepare-commit-msg", "proc-receive", "push-to-checkout",
    "reference-transaction", "sendemail-validate", "update",
)  # fmt: skip


@pytest.fixture
def trapped(tmp_path: Path) -> tuple[TestRepo, Path]:
    """The demo in which everything that git could be made to run writes a file; and that file."""
    repo = TestRepo(tmp_path / "demo")
    build("demo", repo.path)
    ran = tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(f'#!/bin/sh\necho "$0 $*" >>{ran}\ncat\n')
    trap.chmod(0o755)
    for hook in HOOKS:
        (repo.path / ".git/hooks").mkdir(exist_ok=True)
        (repo.path / ".git/hooks" / hook).symlink_to(trap)
    settings = {
        "core.fsmonitor": trap,
        "core.hooksPath": repo.path / ".git/hooks",
        "core.pager": trap,
        "core.askPass": trap,
        "core.sshCommand": trap,
        "core.gitProxy": trap,
        "core.alternateRefsCommand": trap,
        "diff.external": trap,
        "diff.trap.textconv": trap,
        "diff.trap.command": trap,
        "filter.trap.clean": trap,
        "filter.trap.smudge": trap,
        "filter.trap.process": trap,
        "filter.trap.required": "true",
        "merge.trap.driver": f"{trap} %O %A %B",
        "gpg.program": trap,
        "log.showSignature": "true",
        "pager.log": trap,
        "uploadpack.packObjectsHook": trap,
        "credential.helper": trap,
        "interactive.diffFilter": trap,
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "remote.origin.url": f"ext::{trap}",
        "remote.origin.promisor": "true",
        "remote.origin.partialclonefilter": "blob:none",
        "extensions.partialClone": "origin",
        "alias.rev-parse": f"!{trap}",
        "alias.merge-tree": f"!{trap}",
        "maintenance.auto": "false",
    }
    for key, value in settings.items():
        repo.git("config", key, str(value))
    attributes = "* filter=trap diff=trap merge=trap ident\n"
    (repo.path / ".git/info").mkdir(exist_ok=True)
    (repo.path / ".git/info/attributes").write_text(attributes)
    (repo.path / ".gitattributes").write_text(attributes)
    ran.unlink(missing_ok=True)
    return repo, ran


def test_nothing_that_a_repository_names_is_run(trapped: tuple[TestRepo, Path]) -> None:
    repo, ran = trapped
    commit = repo.git("-c", "core.fsmonitor=false", "rev-parse", ":/^pilot: serve")
    ran.unlink(missing_ok=True)
    commands = (
        ("init",),
        ("scan",),
        ("pending",),
        ("status",),
        ("show", commit),
        ("landed", "stable-1.2"),
        ("try", commit, "--onto", "stable-1.0"),
        ("explain", commit, "stable-1.0"),
        ("note", commit, "-m", "x"),
        ("log",),
        ("undo",),
        ("people", "import", "--least", "1"),
        ("assign", "--auto"),
        ("mine", "Anne Anchor"),
        ("path",),
    )
    for command in commands:
        done = run(*command, cwd=repo.path)
        assert done.status in (0, 1), (command, done)
        assert not ran.exists(), (command, ran.read_text())


def test_missing_object_of_a_partial_clone_is_not_fetched_by_a_reading_command(trapped: tuple[TestRepo, Path]) -> None:
    repo, ran = trapped
    assert run("init", cwd=repo.path).status == 0
    assert run("scan", cwd=repo.path).status == 0
    listing = repo.git("-c", "core.fsmonitor=false", "ls-tree", "-r", "--format=%(objectname)", "stable-1.0")
    for oid in listing.split():
        (repo.path / ".git/objects" / oid[:2] / oid[2:]).unlink(missing_ok=True)
    ran.unlink(missing_ok=True)
    done = run("pending", cwd=repo.path)
    assert "Traceback" not in done.err
    assert not ran.exists(), ran.read_text()


def test_missing_object_of_the_queue_is_not_fetched_by_a_reading_command(trapped: tuple[TestRepo, Path]) -> None:
    repo, ran = trapped
    assert run("init", cwd=repo.path).status == 0
    assert run("scan", cwd=repo.path).status == 0
    commit = repo.git("-c", "core.fsmonitor=false", "rev-parse", ":/^pilot: serve")
    for file in ("config.toml", "queue/stable-1.0.toml"):
        oid = repo.git("rev-parse", f"backportq:{file}")
        (repo.path / ".git/objects" / oid[:2] / oid[2:]).unlink()
    ran.unlink(missing_ok=True)
    for command in (
        ("scan", "--dry-run"), ("pending",), ("mine", "Anne Anchor"), ("status",), ("stats",), ("show", commit),
        ("landed", "stable-1.2"), ("explain", commit, "stable-1.0"), ("check", "stable-1.0"), ("log",),
        ("release-notes", "stable-1.0"), ("people",), ("try", commit, "--onto", "stable-1.0"),
    ):  # fmt: skip
        done = run(*command, cwd=repo.path)
        assert done.status in (0, 1, 3), (command, done)
        assert "internal error" not in done.err
        assert not ran.exists(), (command, ran.read_text())


def test_symlinked_git_directory_works(tmp_path: Path) -> None:
    repo = TestRepo(tmp_path / "demo")
    build("demo", repo.path)
    (repo.path / ".git").rename(tmp_path / "elsewhere.git")
    (repo.path / ".git").symlink_to(tmp_path / "elsewhere.git")
    (tmp_path / "alias").symlink_to(repo.path)
    for place in (repo.path, tmp_path / "alias"):
        for command in (("init", "--force"), ("scan",), ("pending",)):
            assert run(*command, cwd=place).status == 0
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


@pytest.mark.parametrize("mode", ["120000", "160000"], ids=["link", "submodule"])
@pytest.mark.parametrize("path", ["config.toml", "queue/stable-1.2.toml"])
def test_link_in_place_of_a_queue_file_is_refused_and_not_followed(tmp_path: Path, mode: str, path: str) -> None:
    repo = TestRepo(tmp_path / "demo")
    build("demo", repo.path)
    assert run("init", cwd=repo.path).status == 0
    assert run("scan", cwd=repo.path).status == 0
    target = repo.git("hash-object", "-w", "--stdin", stdin="/etc/passwd") if mode == "120000" else repo.id("master")
    env = {"GIT_INDEX_FILE": str(tmp_path / "index")}
    repo.git("read-tree", "backportq", env=env)
    repo.git("update-index", "--add", "--cacheinfo", f"{mode},{target},{path}", env=env)
    tree = repo.git("write-tree", env=env)
    repo.git("update-ref", "refs/heads/backportq", repo.git("commit-tree", tree, "-p", "backportq", "-m", "x"))
    # What one branch's file is stops the commands for that branch only.
    ran = run(*(("pending",) if path == "config.toml" else ("pending", "stable-1.2")), cwd=repo.path)
    assert (ran.out, ran.status) == ("", 3)
    assert f"error: '{path}' is no plain file, wanted one\n" in ran.err
    assert "root:" not in ran.err + run("pending", cwd=repo.path).err


def test_environment_of_another_repository_is_not_taken_over(tmp_path: Path) -> None:
    """What git exports to hooks must not make the program read or write somewhere else."""
    repo = TestRepo(tmp_path / "demo")
    build("demo", repo.path)
    other = TestRepo.create(tmp_path / "other")
    env = {
        **os.environ,
        "GIT_INDEX_FILE": str(tmp_path / "index"),
        "GIT_OBJECT_DIRECTORY": str(other.path / ".git/objects"),
        "GIT_EXTERNAL_DIFF": "false",
        "GIT_PAGER": "false",
        "GIT_NAMESPACE": "x",
    }
    assert run("init", cwd=repo.path, env=env).status == 0
    assert run("scan", cwd=repo.path, env=env).status == 0
    subprocess.run(["git", "fsck", "--strict"], cwd=repo.path, check=True, capture_output=True)
    assert repo.id("backportq")
    assert list((other.path / ".git/objects").glob("??")) == []
