"""Running git as the user would: their configuration, hooks, filters, signing, credentials and language apply.

Everything that reads a repository runs sealed (`backportq.git.process`); making a real commit, checking out a worktree
and pushing must not be. Only variables that point git at another repository are taken away. This module must not know
what any git command means.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from backportq.errors import GitFailedError
from backportq.git.process import OF_ANOTHER_REPOSITORY, ProcessResult, failure
from backportq.git.repository import Repository


def run_as_user(
    repository: Repository,
    *args: str,
    worktree: Path | None = None,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    config: Sequence[str] = (),
    ok: Sequence[int] = (0,),
) -> ProcessResult:
    """Run `git ARGS` in the repository, or in `worktree` if one is given, and return what it said.

    Raise `GitFailedError` unless the exit status is one of `ok`. No editor is opened, and git asks nothing on its own;
    a signing program or ssh may ask at the terminal.
    """
    vector = ["git", "--no-pager"]
    for setting in config:
        vector += ["-c", setting]
    if worktree is None:
        vector.append(f"--git-dir={repository.git_dir}")
    try:
        done = subprocess.run(
            [*vector, *args],
            cwd=worktree if worktree is not None else repository.git.directory,
            env=user_environment({**dict(repository.git.extra_env), **(env or {})}),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise GitFailedError(f"git could not be started: {error}") from error
    if done.returncode not in ok:
        raise failure(args, done.returncode, done.stderr or done.stdout)
    return ProcessResult(done.returncode, done.stdout, done.stderr)


def user_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the user's environment without what points git at another repository or opens an editor."""
    env = {key: value for key, value in os.environ.items() if key not in OF_ANOTHER_REPOSITORY}
    env.update(GIT_TERMINAL_PROMPT="0", GIT_EDITOR=":", GIT_MERGE_AUTOEDIT="no", GIT_ADVICE="0")
    env.update(extra)
    return env


def user_setting(repository: Repository, name: str, *, kind: str = "") -> str | None:
    """Return the value of a setting as the user's git sees it, None where it is not set; `kind` is `bool` or `path`."""
    args = ["config", *([f"--type={kind}"] if kind else []), "--get", name]
    answer = run_as_user(repository, *args, ok=(0, 1))
    return answer.out.decode("utf-8", "surrogateescape").removesuffix("\n") if answer.status == 0 else None


def edit_file(repository: Repository, path: Path) -> None:
    """Open `path` in the editor that git would use (`git var GIT_EDITOR`) and wait; raise `GitFailedError` if it is
    missing or says that it failed."""
    editor = repository.git.text("var", "GIT_EDITOR")
    try:
        # As git does (editor.c): the setting is a shell command, the file its last argument.
        done = subprocess.run(["sh", "-c", f'{editor} "$@"', editor, str(path)], check=False, env=dict(os.environ))
    except OSError as error:
        raise GitFailedError(f"the editor '{editor}' could not be started: {error.strerror}") from error
    if done.returncode != 0:
        raise GitFailedError(
            f"the editor '{editor}' failed with status {done.returncode}", hints=("git config core.editor EDITOR",)
        )
