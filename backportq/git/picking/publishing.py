"""Making picks last: their objects move from the quarantine into the repository, then one ref moves.

Objects come first and are synced to disk, so that a crash, a full disk or Ctrl-C leaves every ref where it was. This
module must not make commits, and moves only the branch that it is given.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from backportq.errors import GitFailedError, RefError, RepositoryError
from backportq.git.process import failure
from backportq.git.repository import Repository
from backportq.git.trials.quarantine import Quarantine
from backportq.git.user import run_as_user
from backportq.git.write.branch_commits import REF_MOVED, find_checkout, find_lock
from backportq.model.ids import BranchName, Oid, RefName
from backportq.model.words import typed

_DURABLE = "core.fsync=objects,reference"
_AS_PACK = 100  # as many commits make a pack instead of loose objects, as `transfer.unpackLimit` has it


def branch_ref(name: str) -> RefName:
    """Return the full ref of a local branch."""
    return RefName(f"refs/heads/{name}")


def check_name(repository: Repository, name: str) -> BranchName:
    """Return `name` as that of a branch; raise `RefError` for what git would not let be one."""
    plain = name.removeprefix("refs/heads/")
    answer = repository.git.run("check-ref-format", branch_ref(plain), ok=(0, 1))
    if answer.status != 0 or plain.startswith("-") or plain == "HEAD":
        raise RefError(f"'{name}' is not a name for a branch", hints=("git help check-ref-format has the rules",))
    return BranchName(plain)


def find_branch(repository: Repository, name: BranchName) -> Oid | None:
    """Return the commit that a local branch is at, None if there is no such branch."""
    answer = repository.git.run("rev-parse", "--verify", "--quiet", f"{branch_ref(name)}^{{commit}}", ok=(0, 1, 128))
    return Oid(answer.out.decode("ascii").strip()) if answer.status == 0 else None


def refuse_checked_out(repository: Repository, name: BranchName) -> None:
    """Raise `RefError` if the branch is checked out, or being rebased or bisected, in any worktree: moving it would
    change what stands there."""
    place = find_checkout(repository, branch_ref(name)) or _find_unfinished(repository, name)
    if place is not None:
        raise RefError(
            f"branch '{name}' is checked out in '{place}'",
            hints=("--onto NAME picks to another branch", f"git -C {typed(place)} checkout --detach frees it"),
        )


def _find_unfinished(repository: Repository, name: BranchName) -> Path | None:
    """Return the git directory of a worktree that will come back to the branch, as git's `branch_checked_out` looks."""
    wanted = {str(branch_ref(name)), str(name)}
    for directory in (repository.common_dir, *(repository.common_dir / "worktrees").glob("*")):
        for file in ("rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START"):
            try:
                said = (directory / file).read_text("utf-8", "surrogateescape").strip()
            except OSError:
                continue
            if said in wanted:
                return directory
    return None


def store(repository: Repository, quarantine: Quarantine, new: Oid, old: Oid, count: int) -> None:
    """Copy what `new` has and `old` has not, made of `count` commits, from `quarantine` into the repository."""
    packing = subprocess.Popen(
        quarantine.command(
            quarantine.plain_worktree, ("pack-objects", "--revs", "--local", "--stdout", "-q", "--no-reuse-object")
        ),
        cwd=quarantine.directory,
        env=quarantine.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    pack, err = packing.communicate(f"{new}\n^{old}\n".encode("ascii"))
    if packing.returncode != 0:
        raise failure(("pack-objects",), packing.returncode, err)
    command = ["index-pack", "--stdin"] if count >= _AS_PACK else ["unpack-objects", "-q"]
    try:
        repository.git.run(*command, stdin=pack, config=(_DURABLE,))
    except GitFailedError as error:
        raise _not_written(error) from error


def move_branch(repository: Repository, name: BranchName, new: Oid, old: Oid | None, reason: str) -> None:
    """Move the branch from `old` (None: there must be none) to `new`, with `reason` in its reflog.

    The user's `reference-transaction` hook runs, as for every ref that git moves. Raise `RefError` if another process
    moved or made the branch meanwhile.
    """
    refuse_checked_out(repository, name)
    expected = old if old is not None else "0" * len(new)
    try:
        run_as_user(
            repository,
            "update-ref",
            "--create-reflog",
            "-m",
            reason,
            branch_ref(name),
            new,
            expected,
            env={"LC_ALL": "C"},
            config=(_DURABLE,),
        )
    except GitFailedError as error:
        if REF_MOVED.search(error.message):
            raise RefError(
                f"branch '{name}' was moved by another process meanwhile, and stays as that left it",
                hints=("repeat the command", f"the pick is commit {new}"),
            ) from error
        lock = find_lock(repository, branch_ref(name))
        if lock is not None:
            raise RepositoryError(
                f"'{lock}' is in the way, and no branch was moved: another git process is at work, or one died",
                hints=(f"rm {typed(lock)}, if no git and no backportq is running there",),
            ) from error
        raise _not_written(error) from error


def _not_written(error: GitFailedError) -> RepositoryError:
    hints: tuple[str, ...] = ()
    if re.search(r"No space left|quota", error.message):
        hints = ("free some space on the disk of the repository, then repeat the command",)
    elif re.search(r"Permission denied|insufficient permission|Read-only", error.message):
        hints = ("picks are written to the repository: get write access, or use a clone of your own",)
    return RepositoryError(f"the pick could not be written, and no branch was moved: {error.message}", hints=hints)
