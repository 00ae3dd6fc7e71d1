"""Pushing a topic branch with the user's own git, so that credentials, ssh, proxies and hooks work as they always do.

Never forced, and only the branch that is named. This module must not choose the branch.
"""

from __future__ import annotations

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.repository import Repository
from backportq.git.user import run_as_user
from backportq.model.ids import BranchName


def check_remote(repository: Repository, remote: str) -> None:
    """Raise `RepositoryError` unless there is such a remote."""
    known = repository.git.text("remote").splitlines()
    if remote not in known:
        there = f"the remotes are {', '.join(known)}" if known else "there are no remotes"
        raise RepositoryError(f"cannot push to '{remote}': {there}", hints=("git remote add NAME URL",))


def push_branch(repository: Repository, remote: str, branch: BranchName, name: str) -> str:
    """Push the local `branch` to `name` on `remote` and return that name; raise `GitFailedError` with git's words."""
    refspec = f"refs/heads/{branch}:refs/heads/{name.removeprefix('refs/heads/')}"
    try:
        run_as_user(repository, "push", "--quiet", "--", remote, refspec)
    except GitFailedError as error:
        raise GitFailedError(
            f"branch '{branch}' was made, and pushing it to '{remote}' failed: {error.message}",
            hints=(f"git push {remote} {branch}",),
        ) from error
    return name
