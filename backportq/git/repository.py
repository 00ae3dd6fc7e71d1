"""A repository on disk: where its parts are, and what kind it is.

Discovery is git's own (`rev-parse`), so worktrees, bare repositories, `GIT_CEILING_DIRECTORIES`, symbolic links and
`safe.directory` behave as in git. This module must not read refs or objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from backportq.errors import RepositoryError
from backportq.git.background import Background
from backportq.git.process import Git, installed_version

_ALWAYS_ANSWERED = 5


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository. `git` runs git in it; `common_dir` is shared by all worktrees and holds backportq's cache;
    `work_tree` is None in a bare repository."""

    git: Git
    git_dir: Path
    common_dir: Path
    work_tree: Path | None
    is_shallow: bool

    @property
    def cache_dir(self) -> Path:
        """Where what is expensive to recompute is kept; safe to delete at any time."""
        return self.common_dir / "backportq"

    @property
    def objects_dir(self) -> Path:
        """The object directory; trials use it as an alternate and never write to it."""
        return self.common_dir / "objects"


def discover(start: Path) -> Repository:
    """Return the repository that `start` is in; raise `RepositoryError` where git finds none or refuses it."""
    # Everything is asked at once; what is wrong is still said in this order.
    version = Background(installed_version)
    try:
        if not start.is_dir():
            raise RepositoryError(f"cannot change to '{start}': no such directory")
        # Where there is no working tree git has answered all but the last when it ends.
        answer = Git(_resolved(start)).run(
            "rev-parse",
            "--path-format=absolute",
            "--is-bare-repository",
            "--is-shallow-repository",
            "--is-inside-work-tree",
            "--git-dir",
            "--git-common-dir",
            "--show-toplevel",
            ok=(0, 128),
        )
    finally:
        version.result()
    answers = answer.out.decode("utf-8", "surrogateescape").split("\n")
    if len(answers) <= _ALWAYS_ANSWERED:
        raise _refused(start, answer.err.decode("utf-8", "replace").strip())
    bare, shallow, inside, git_dir, common_dir, *shown = answers
    work_tree = None
    if bare == "false" and inside == "true":
        if answer.status != 0:
            raise _refused(start, answer.err.decode("utf-8", "replace").strip())
        work_tree = Path("\n".join(shown).removesuffix("\n"))
    git = Git(Path(git_dir) if work_tree is None else work_tree, Path(git_dir))
    return Repository(git, Path(git_dir), Path(common_dir), work_tree, shallow == "true")


def _resolved(start: Path) -> Path:
    try:
        return start.resolve()
    except OSError as error:  # the current directory was removed, or a folder above it may not be read
        raise RepositoryError(f"cannot tell where '{start}' is: {error.strerror}", hints=("cd to a clone",)) from error


def _refused(start: Path, said: str) -> RepositoryError:
    if "dubious ownership" in said:
        return RepositoryError(
            f"'{start}' belongs to another user, and git refuses to read it",
            hints=(f"git config --global --add safe.directory {start.resolve()}",),
        )
    if "not a git repository" in said:
        return RepositoryError(f"'{start}' is not in a git repository", hints=("cd to a clone, or use -C DIR",))
    return RepositoryError(f"git cannot read the repository at '{start}': {said.removeprefix('fatal: ')}")
