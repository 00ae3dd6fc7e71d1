"""Fetching before a scan, with the user's own git: credentials, ssh, proxies and hooks work as they always do.

Apart from `Git.run`, which seals all of that away for reading. This module must not touch the queue's own ref.
"""

from __future__ import annotations

import os
import subprocess
import sys

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.process import OF_ANOTHER_REPOSITORY
from backportq.git.refs import DEFAULT_REMOTE
from backportq.git.repository import Repository


def fetch(repository: Repository, remote: str | None = None) -> None:
    """Run `git fetch REMOTE`; git's progress goes to standard error when that is a terminal.

    Without `remote` it is `origin`, or the only one there is. Raise `RepositoryError` where there is no such remote,
    `GitFailedError` with git's words where fetching fails.
    """
    remote = _resolve_remote(repository, remote)
    shows = sys.stderr is not None and sys.stderr.isatty()
    environment = {key: value for key, value in os.environ.items() if key not in OF_ANOTHER_REPOSITORY}
    command = ["git", f"--git-dir={repository.git_dir}", "fetch", "--progress" if shows else "--quiet", "--", remote]
    try:
        done = subprocess.run(
            command,
            cwd=repository.git.directory,
            env=environment,
            stdin=None if shows else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None if shows else subprocess.PIPE,
            check=False,
        )
    except OSError as error:
        raise GitFailedError(f"git could not be started: {error}") from error
    if done.returncode != 0:
        said = (done.stderr or b"").decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise GitFailedError(
            f"fetching from '{remote}' failed" + (f": {said}" if said else ""),
            hints=("backportq scan, without --fetch, works with what is here",),
        )


def _resolve_remote(repository: Repository, wanted: str | None) -> str:
    known = repository.git.text("remote").splitlines()
    if wanted is None:
        wanted = known[0] if len(known) == 1 else DEFAULT_REMOTE
    if wanted not in known:
        there = f"the remotes are {', '.join(known)}" if known else "there are no remotes"
        raise RepositoryError(f"cannot fetch from '{wanted}': {there}", hints=("git remote add NAME URL",))
    return wanted
