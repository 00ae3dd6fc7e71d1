"""Fetching and pushing with the user's own git: ssh, credentials, proxies, `insteadOf` and hooks all work.

Apart from `Git.run`, which seals all of that away for reading. What a remote answers becomes a value here, so that no
caller reads git's words. This module must not know what the branches hold, and it moves no local branch.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.process import OF_ANOTHER_REPOSITORY, ProcessResult, failure
from backportq.git.refs import DEFAULT_REMOTE
from backportq.git.repository import Repository
from backportq.git.transfer_progress import watch_transfer
from backportq.model.ids import BranchName, Oid, RefName
from backportq.model.progress import is_heard
from backportq.model.words import typed

_ABSENT = re.compile(r"couldn't find remote ref ", re.IGNORECASE)
# What git answers when another push was first: before the pack is sent, or when the other side takes its lock.
_BEATEN = re.compile(
    r"stale info|fetch first|non-fast-forward|already exists|cannot lock ref|failed to update ref|failed to lock"
    r"|incorrect old value|is at [0-9a-f]+ but expected|reference already exists",
    re.IGNORECASE,
)
_SAID = 2_000
_FILE_BLOCK = 512  # bytes, the unit of the shell's `ulimit -f` (POSIX)
_SAID_LINES = 20
_TRANSFERS = ("fetch", "push")


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
    known = repository.settings.remotes()
    wanted = next((name for name in preferred if name), None) or _only(known)
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
    addresses = done.out.decode("utf-8", "replace").splitlines() or [remote]
    return ", ".join(re.sub(r"(?<=://)[^/]*@", "", address) for address in addresses)


def fetch(repository: Repository, remote: str | None = None) -> None:
    """Run `git fetch REMOTE`; without `remote` it is `origin`, or the only one there is.

    Raise `RepositoryError` where there is no such remote, `GitFailedError` with git's words where fetching fails.
    """
    remote = _resolve_fetched(repository, remote)
    done = _run(repository, "fetch", "--", remote)
    if done.status != 0:
        said = _words(done.err)
        raise GitFailedError(
            f"fetching from '{remote}' failed" + (f": {said}" if said else ""),
            hints=("backportq scan, without --fetch, works with what is here",),
        )


def fetch_branch(
    repository: Repository, remote: str, ref: RefName, into: RefName, *, largest: int | None = None
) -> Oid | None:
    """Fetch `ref` of the remote into the ref `into`, wherever that pointed before; return its commit, None where the
    remote has no such branch (`into` is left alone then). A remote that sends more than `largest` bytes is cut off.

    Raise `GitFailedError` with git's words where the remote cannot be reached.
    """
    done = _run(
        repository,
        # What the user's refspecs say of other refs is none of our business: a mirror's would overwrite local branches.
        "fetch", "--refmap=", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-prune",
        "--", remote, f"+{ref}:{into}",
        config=("fetch.fsckObjects=true",),
        largest=largest,
    )  # fmt: skip
    if done.status == 0:
        return _tip(repository, into)
    said = _words(done.err)
    if _ABSENT.search(said):
        return None
    raise GitFailedError(
        f"cannot fetch from '{remote}'" + (f": {said}" if said else ""),
        hints=("backportq works without the remote; repeat 'backportq sync' when it can be reached",),
    )


def has_ref(repository: Repository, remote: str, ref: RefName) -> bool:
    """Ask the remote whether it has `ref`; one that cannot be reached has not."""
    return _run(repository, "ls-remote", "--exit-code", "--", remote, ref).status == 0


def push_branch(repository: Repository, remote: str, commit: Oid, ref: RefName, expected: Oid | None) -> PushOutcome:
    """Make `ref` of the remote point to `commit` if it is at `expected` (None: absent) there.

    Raise `RefusedPushError` where the remote refuses, `GitFailedError` where it cannot be reached.
    """
    done = _run(
        repository,
        "push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no", "--no-force-if-includes",
        f"--force-with-lease={ref}:{expected or ''}",
        "--", remote, f"{commit}:{ref}",
    )  # fmt: skip
    if done.status == 0:
        return PushOutcome.DONE
    report = done.out.decode("utf-8", "replace")
    status = next((line for line in report.split("\n") if line.startswith("!\t")), None)
    said = _words(done.err)
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
    known = repository.settings.remotes()
    if remote not in known:
        there = f"the remotes are {', '.join(known)}" if known else "there are no remotes"
        raise RepositoryError(f"cannot push to '{remote}': {there}", hints=("git remote add NAME URL",))


def push_topic(
    repository: Repository, remote: str, branch: BranchName, ref: RefName, options: Sequence[str] = ()
) -> tuple[str, ...]:
    """Push the local `branch` to the full ref `ref` of `remote`, with push options for the server; return what the
    server said, such as where a review can be opened. Raise `GitFailedError` with git's words."""
    given = [f"--push-option={option}" for option in options]
    done = _run(repository, "push", *given, "--", remote, f"refs/heads/{branch}:{ref}")
    if done.status != 0:
        said = failure(("push",), done.status, done.err).message
        hints = [f"git push {typed(remote)} {typed(branch)} pushes it without more"]
        if options and "does not support push options" in said:
            hints.insert(0, 'that server reads no push options: [publish] how = "push" (backportq edit config)')
        raise GitFailedError(
            f"branch '{branch}' was made, and pushing it to '{remote}' failed: {said}", hints=tuple(hints)
        )
    lines = done.err.decode("utf-8", "replace").splitlines()
    words = (line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:"))
    return tuple(word for word in words if word)[:_SAID_LINES]


def push_address(repository: Repository, remote: str) -> str | None:
    """Return the first address that a push to `remote` goes to, as it is configured; None where there is none."""
    done = _run(repository, "remote", "get-url", "--push", "--", remote)
    return done.out.decode("utf-8", "replace").strip() or None if done.status == 0 else None


def _run(
    repository: Repository, command: str, *args: str, config: tuple[str, ...] = (), largest: int | None = None
) -> ProcessResult:
    """Run one of git's commands that talk to a remote and return what it said, without its progress: that is passed on
    to whoever listens (`backportq.model.progress`)."""
    environment = {key: value for key, value in os.environ.items() if key not in OF_ANOTHER_REPOSITORY}
    environment.update(repository.git.extra_env)
    environment.update(LC_ALL="C", LANGUAGE="")  # the answers are read above
    settings = [part for setting in config for part in ("-c", setting)]
    # Credentials are asked for on the terminal itself.
    asks = sys.stdin is not None and sys.stdin.isatty()
    if not asks:
        environment.setdefault("GIT_TERMINAL_PROMPT", "0")
    watched = is_heard() and command in _TRANSFERS
    options = [f"--{'' if watched else 'no-'}progress"] if command in _TRANSFERS else []
    try:
        process = subprocess.Popen(
            [*_bounded(largest), "git", *settings, f"--git-dir={repository.git_dir}", command, *options, *args],
            cwd=repository.git.directory,
            env=environment,
            stdin=None if asks else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise GitFailedError(f"git could not be started: {error}") from error
    with process:
        try:
            if not watched or process.stderr is None or process.stdout is None:
                out, err = process.communicate()
            else:
                # What a push prints for programs is a line for each ref: it waits in the pipe until the end.
                err = watch_transfer(process.stderr)
                out = process.stdout.read()
        except BaseException:
            process.kill()
            raise
    return ProcessResult(process.returncode, out, err)


def _bounded(largest: int | None) -> list[str]:
    """Return what to put before a command so that no file it writes gets larger: git cannot bound what it fetches."""
    if largest is None:
        return []
    return ["sh", "-c", 'ulimit -f "$1" && shift && exec "$@"', "sh", str(largest // _FILE_BLOCK)]


def _tip(repository: Repository, ref: RefName) -> Oid:
    return Oid(repository.git.text("rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}"))


def _words(err: bytes | None) -> str:
    text = (err or b"").decode("utf-8", "replace").strip()[:_SAID]
    return re.sub(r"^(fatal|error): ", "", text)


def _only(known: Sequence[str]) -> str:
    return known[0] if len(known) == 1 else DEFAULT_REMOTE


def _resolve_fetched(repository: Repository, wanted: str | None) -> str:
    known = repository.settings.remotes()
    wanted = wanted or _only(known)
    if wanted not in known:
        there = f"the remotes are {', '.join(known)}" if known else "there are no remotes"
        raise RepositoryError(f"cannot fetch from '{wanted}': {there}", hints=("git remote add NAME URL",))
    return wanted


def fetch_address(repository: Repository, remote: str | None) -> str | None:
    """Return the address that a remote is fetched from, of `origin` or the only one where none is named; None where
    there is no remote. Nothing is asked over the network."""
    known = repository.git.text("remote").splitlines()
    wanted = remote or _only(known)
    done = repository.git.run("config", "--get", f"remote.{wanted}.url", ok=(0, 1))
    return done.out.decode("utf-8", "replace").strip() or None
