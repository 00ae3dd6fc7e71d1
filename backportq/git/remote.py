"""Fetching and pushing with the user's own git: ssh, credentials, proxies, `insteadOf` and hooks all work.

Apart from `Git.run`, which seals all of that away for reading. What a remote answers becomes a value here, so that no
caller reads git's words. This module must not know what the branches hold, and it moves no local branch.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum, auto

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.process import OF_ANOTHER_REPOSITORY
from backportq.git.refs import DEFAULT_REMOTE
from backportq.git.repository import Repository
from backportq.git.user import run_as_user
from backportq.model.ids import BranchName, Oid, RefName
from backportq.model.words import typed

_ABSENT = re.compile(r"couldn't find remote ref ", re.IGNORECASE)
# What git answers when another push was first: before the pack is sent, or when the other side takes its lock.
_BEATEN = re.compile(
    r"stale info|fetch first|non-fast-forward|already exists|cannot lock ref|failed to update ref|failed to lock"
    r"|incorrect old value|is at [0-9a-f]+ but expected|reference already exists",
    re.IGNORECASE,
)
_SAID = 2_000


class PushOutcome(Enum):
    """What became of a push: the remote has it, or another push was first and it has something else."""

    DONE = auto()
    BEATEN = auto()


@dataclass(frozen=True, slots=True)
class RefusedPushError(Exception):
    """The remote could be reached and will not have it: no permission, a hook, a branch that is checked out there."""

    said: str


def choose_remote(repository: Repository, *preferred: str | None) -> str:
    """Return the first of `preferred` that is given; else `origin`, or the only remote there is.

    Raise `RepositoryError` where there is no remote of that name.
    """
    known = repository.git.text("remote").splitlines()
    wanted = next((name for name in preferred if name), None)
    if wanted is None:
        wanted = known[0] if len(known) == 1 else DEFAULT_REMOTE
    if wanted not in known:
        there = f"the remotes are {', '.join(known)}" if known else "there are no remotes"
        raise RepositoryError(
            f"cannot exchange with '{wanted}': {there}",
            hints=(f"git -C {typed(repository.git.directory)} remote add NAME URL",),
        )
    return wanted


def shown_push_url(repository: Repository, remote: str) -> str:
    """Return where a push to `remote` goes, for a person to read: several addresses with commas, and without the name
    and the password or token that may stand before the host, as git itself shows addresses."""
    done = _run(repository, "remote", "get-url", "--push", "--all", "--", remote)
    addresses = done.stdout.decode("utf-8", "replace").splitlines() or [remote]
    return ", ".join(re.sub(r"(?<=://)[^/]*@", "", address) for address in addresses)


def fetch(repository: Repository, remote: str | None = None) -> None:
    """Run `git fetch REMOTE`; git's progress goes to standard error when that is a terminal.

    Without `remote` it is `origin`, or the only one there is. Raise `RepositoryError` where there is no such remote,
    `GitFailedError` with git's words where fetching fails.
    """
    remote = _resolve_fetched(repository, remote)
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


def fetch_branch(repository: Repository, remote: str, ref: RefName, into: RefName) -> Oid | None:
    """Fetch `ref` of the remote into the ref `into`, wherever that pointed before; return its commit, None where the
    remote has no such branch (`into` is left alone then).

    Raise `GitFailedError` with git's words where the remote cannot be reached.
    """
    done = _run(
        repository,
        # What the user's refspecs say of other refs is none of our business: a mirror's would overwrite local branches.
        "fetch", "--refmap=", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-prune",
        "--no-progress",
        "--", remote, f"+{ref}:{into}",
        config=("fetch.fsckObjects=true",),
    )  # fmt: skip
    if done.returncode == 0:
        return _tip(repository, into)
    said = _words(done.stderr)
    if _ABSENT.search(said):
        return None
    raise GitFailedError(
        f"cannot fetch from '{remote}'" + (f": {said}" if said else ""),
        hints=("backportq works without the remote; repeat 'backportq sync' when it can be reached",),
    )


def push_branch(repository: Repository, remote: str, commit: Oid, ref: RefName, expected: Oid | None) -> PushOutcome:
    """Make `ref` of the remote point to `commit` if it is at `expected` (None: absent) there.

    Raise `RefusedPushError` where the remote refuses, `GitFailedError` where it cannot be reached.
    """
    done = _run(
        repository,
        "push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", "--no-force-if-includes", "--no-progress",
        f"--force-with-lease={ref}:{expected or ''}",
        "--", remote, f"{commit}:{ref}",
    )  # fmt: skip
    if done.returncode == 0:
        return PushOutcome.DONE
    report = done.stdout.decode("utf-8", "replace")
    status = next((line for line in report.split("\n") if line.startswith("!\t")), None)
    said = _words(done.stderr)
    if status is None:
        raise GitFailedError(
            f"cannot push to '{remote}'" + (f": {said}" if said else ""),
            hints=("what was fetched is merged here; repeat 'backportq sync' when the remote can be reached",),
        )
    why = status.split("\t")[-1]
    if _BEATEN.search(why):
        return PushOutcome.BEATEN
    hook = "\n".join(line for line in said.split("\n") if line.startswith("remote: "))
    raise RefusedPushError(f"{why}\n{hook}".strip())


def check_remote(repository: Repository, remote: str) -> None:
    """Raise `RepositoryError` unless there is such a remote."""
    known = repository.git.text("remote").splitlines()
    if remote not in known:
        there = f"the remotes are {', '.join(known)}" if known else "there are no remotes"
        raise RepositoryError(f"cannot push to '{remote}': {there}", hints=("git remote add NAME URL",))


def push_topic(repository: Repository, remote: str, branch: BranchName, name: str) -> str:
    """Push the local `branch` to `name` on `remote` and return that name; raise `GitFailedError` with git's words."""
    refspec = f"refs/heads/{branch}:refs/heads/{name.removeprefix('refs/heads/')}"
    try:
        run_as_user(repository, "push", "--quiet", "--", remote, refspec)
    except GitFailedError as error:
        raise GitFailedError(
            f"branch '{branch}' was made, and pushing it to '{remote}' failed: {error.message}",
            hints=(f"git push {typed(remote)} {typed(branch)}",),
        ) from error
    return name


def _run(repository: Repository, *args: str, config: tuple[str, ...] = ()) -> subprocess.CompletedProcess[bytes]:
    environment = {key: value for key, value in os.environ.items() if key not in OF_ANOTHER_REPOSITORY}
    environment.update(repository.git.extra_env)
    environment.update(LC_ALL="C", LANGUAGE="")  # the answers are read above
    settings = [part for setting in config for part in ("-c", setting)]
    # Progress cannot be shown, since git's words are read, but credentials are asked for on the terminal itself.
    asks = sys.stdin is not None and sys.stdin.isatty()
    if not asks:
        environment.setdefault("GIT_TERMINAL_PROMPT", "0")
    try:
        return subprocess.run(
            ["git", *settings, f"--git-dir={repository.git_dir}", *args],
            cwd=repository.git.directory,
            env=environment,
            stdin=None if asks else subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise GitFailedError(f"git could not be started: {error}") from error


def _tip(repository: Repository, ref: RefName) -> Oid:
    return Oid(repository.git.text("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}"))


def _words(err: bytes | None) -> str:
    text = (err or b"").decode("utf-8", "replace").strip()[:_SAID]
    return re.sub(r"^(fatal|error): ", "", text)


def _resolve_fetched(repository: Repository, wanted: str | None) -> str:
    known = repository.git.text("remote").splitlines()
    if wanted is None:
        wanted = known[0] if len(known) == 1 else DEFAULT_REMOTE
    if wanted not in known:
        there = f"the remotes are {', '.join(known)}" if known else "there are no remotes"
        raise RepositoryError(f"cannot fetch from '{wanted}': {there}", hints=("git remote add NAME URL",))
    return wanted
