"""The hooks in real commits, amends, rebases and pushes; beside other hooks; and taken out without a trace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from tests.cli.program import PROGRAM, run
from tests.driver import TestRepo

_BAD = "a: b\n\nBackport: soon\n"
_GOOD = "a: b\n\nBackport: 1.0+\n"


@pytest.fixture
def queued(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> TestRepo:
    """A queue over one stable branch, with the program where hooks find it."""
    monkeypatch.setenv("PATH", f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}")
    repo.commit("crane: lift boxes", {"crane": "1\n2\n"})
    repo.git("branch", "stable-1.0")
    repo.commit("more", {"more": "1\n"})
    assert run("init", "--branch", "stable-1.0", "--dialect", "xen", cwd=repo.path).status == 0
    return repo


def _git(repo: TestRepo, *args: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *args], cwd=repo.path, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})}
    )


def _commit(repo: TestRepo, message: str, *options: str) -> subprocess.CompletedProcess[str]:
    return _git(repo, "commit", "--allow-empty", *options, "-m", message)


def test_hook_refuses_a_commit_whose_tag_does_nothing_and_reminds_of_the_others(queued: TestRepo) -> None:
    assert run("hook", "install", cwd=queued.path).status == 0
    refused = _commit(queued, _BAD)
    assert refused.returncode == 1
    assert ".git/COMMIT_EDITMSG:3: error: 'Backport: soon'" in refused.stderr
    assert "git commit --no-verify" in refused.stderr
    assert _commit(queued, _GOOD).returncode == 0
    assert _commit(queued, _BAD, "--no-verify").returncode == 0
    assert _commit(queued, _BAD, "--amend").returncode == 1
    bug = queued.id("stable-1.0")[:12]
    reminded = _commit(queued, f"c: d\n\nFixes: {bug}\n", "--amend")
    assert (reminded.returncode, "Backport: 1.0+" in reminded.stderr) == (0, True)


def test_hook_sees_the_lines_of_the_commit_and_not_the_diff_of_a_verbose_one(queued: TestRepo, tmp_path: Path) -> None:
    run("hook", "install", cwd=queued.path)
    queued.write("crane", "1\n2 right\n")
    queued.write("Backport", "Backport: nonsense\n")
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\n{ echo \'crane: fix the hook\'; cat "$1"; } >"$1.new" && mv "$1.new" "$1"\n')
    editor.chmod(0o755)
    done = _git(queued, "commit", "-v", env={"GIT_EDITOR": str(editor)})
    assert done.returncode == 0, done.stderr
    assert "these lines are older than stable-1.0" in done.stderr
    assert queued.git("log", "-1", "--format=%s") == "crane: fix the hook"


def test_hook_in_a_worktree_and_with_a_relative_path_of_hooks(queued: TestRepo, tmp_path: Path) -> None:
    queued.git("config", "core.hooksPath", ".githooks")
    assert run("hook", "install", cwd=queued.path).status == 0
    assert (queued.path / ".githooks/commit-msg").exists()
    assert _commit(queued, _BAD).returncode == 1
    queued.git("config", "--unset", "core.hooksPath")
    assert run("hook", "install", cwd=queued.path).status == 0
    queued.git("worktree", "add", "-q", str(tmp_path / "other"), "-b", "other")
    assert _commit(TestRepo(tmp_path / "other"), _BAD).returncode == 1


def test_hook_path_of_all_repositories_is_left_alone(queued: TestRepo, tmp_path: Path) -> None:
    queued.git("config", "core.hooksPath", str(tmp_path / "everybodys"))
    done = run("hook", "install", cwd=queued.path)
    assert (done.status, "serves other repositories" in done.err) == (3, True)
    assert not (tmp_path / "everybodys").exists()
    assert run("hook", "install", "--force", cwd=queued.path).status == 0
    assert (tmp_path / "everybodys/commit-msg").exists()


def test_hook_chains_with_the_one_that_is_there_and_gives_it_back(queued: TestRepo) -> None:
    hook = queued.path / ".git/hooks/commit-msg"
    hook.parent.mkdir(exist_ok=True)
    mine = '#!/bin/sh\necho mine; grep -q forbidden "$1" && exit 3\nexit 0\n'
    hook.write_text(mine)
    hook.chmod(0o755)
    assert "the hook that was there runs first" in run("hook", "install", cwd=queued.path).out
    assert "was installed already" in run("hook", "install", cwd=queued.path).out
    assert "mine" in _commit(queued, _GOOD).stderr
    assert _commit(queued, "forbidden").returncode == 1
    assert _commit(queued, _BAD).returncode == 1
    assert "is back" in run("hook", "remove", cwd=queued.path).out
    assert (hook.read_text(), os.access(hook, os.X_OK)) == (mine, True)
    assert sorted(path.name for path in hook.parent.iterdir() if not path.name.endswith(".sample")) == ["commit-msg"]
    assert "was not installed" in run("hook", "remove", cwd=queued.path).out


def test_hook_that_was_edited_is_removed_on_request_only(queued: TestRepo) -> None:
    run("hook", "install", "commit-msg", cwd=queued.path)
    hook = queued.path / ".git/hooks/commit-msg"
    hook.write_text(hook.read_text() + "# and more\n")
    assert run("hook", "remove", cwd=queued.path).status == 3
    assert hook.exists()
    assert run("hook", "remove", "--force", cwd=queued.path).status == 0
    assert not hook.exists()


def test_hook_without_the_program_lets_everything_pass(queued: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    run("hook", "install", cwd=queued.path)
    git = shutil.which("git")
    assert git is not None
    done = _git(queued, "commit", "--allow-empty", "-m", _BAD, env={"PATH": f"{Path(git).parent}{os.pathsep}/bin"})
    assert done.returncode == 0, done.stderr


def test_hook_in_a_rebase_still_refuses_but_does_not_remind(queued: TestRepo) -> None:
    run("hook", "install", cwd=queued.path)
    bug = queued.id("stable-1.0")[:12]
    queued.write("c", "1\n")
    queued.git("commit", "-q", "--no-verify", "-m", f"c: d\n\nFixes: {bug}\n")
    queued.write("e", "1\n")
    queued.git("commit", "-q", "--no-verify", "-m", "e: f")
    env = {"GIT_SEQUENCE_EDITOR": "sed -i 1s/pick/reword/", "GIT_EDITOR": "true"}
    done = _git(queued, "rebase", "-q", "-i", "HEAD~2", env=env)
    assert (done.returncode, "reminder" in done.stderr) == (0, False), done.stderr


def test_hook_before_a_push_checks_what_the_remote_lacks(queued: TestRepo, tmp_path: Path) -> None:
    TestRepo.create(tmp_path / "remote", bare=True)
    queued.git("remote", "add", "there", str(tmp_path / "remote"))
    queued.git("push", "-q", "there", "master", "stable-1.0")
    run("hook", "install", "pre-push", cwd=queued.path)
    queued.commit(_BAD)
    done = _git(queued, "push", "there", "master")
    assert (done.returncode, "'Backport: soon'" in done.stderr) == (1, True)
    queued.git("commit", "-q", "--amend", "--allow-empty", "-m", _GOOD)
    assert _git(queued, "push", "there", "master").returncode == 0
    assert _git(queued, "push", "there", ":stable-1.0").returncode == 0


def test_hook_of_a_server_refuses_a_push_it_has_not_taken_yet(queued: TestRepo, tmp_path: Path) -> None:
    server = TestRepo.create(tmp_path / "server", bare=True)
    queued.git("push", "-q", str(server.path), "master", "stable-1.0", "backportq")
    assert "pre-receive: installed" in run("hook", "install", cwd=server.path).out
    queued.commit(_BAD)
    done = _git(queued, "push", str(server.path), "master")
    assert (done.returncode, "error: 'Backport: soon'" in done.stderr, "nothing was taken" in done.stderr) == (
        1,
        True,
        True,
    )
    assert server.id("master") != queued.id("master")
    queued.git("commit", "-q", "--amend", "--allow-empty", "-m", _GOOD)
    done = _git(queued, "push", str(server.path), "master")
    assert (done.returncode, server.id("master")) == (0, queued.id("master")), done.stderr


def test_hook_of_no_such_name_is_wrong_usage(queued: TestRepo) -> None:
    assert run("hook", "install", "post-merge", cwd=queued.path).status == 2
    assert run("hook", "uninstall", cwd=queued.path).status == 2


def test_hook_in_a_repository_without_a_queue_finds_the_habits(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}")
    assert run("hook", "install", cwd=repo.path).status == 0
    assert _commit(repo, "first\n\nFixes: soon (\n").returncode == 1
    assert _commit(repo, "first").returncode == 0


def test_hook_of_the_pre_commit_framework_runs_what_its_file_says(queued: TestRepo) -> None:
    manifest = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-manifest", str(manifest)], check=True)
    # The program is installed already: the framework's own way of installing it needs the network.
    hooks = [{**hook, "language": "system"} for hook in yaml.safe_load(manifest.read_text())]
    config = {"repos": [{"repo": "local", "hooks": hooks}]}
    queued.commit("use the framework", {".pre-commit-config.yaml": yaml.safe_dump(config)})
    (queued.path / "MSG").write_text(_BAD)
    arguments = ["run", "--hook-stage", "commit-msg", "--commit-msg-filename", "MSG"]
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments], cwd=queued.path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "error: 'Backport: soon'" in done.stdout) == (1, True), done.stdout
