"""A repository on disk: where its parts are, and what kind it is.

Discovery is git's own (`rev-parse`), so worktrees, bare repositories, `GIT_DIR`, `GIT_CEILING_DIRECTORIES`, symbolic
links and `safe.directory` behave as in git. This module must not read refs or objects.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backportq.errors import RepositoryError
from backportq.git.objects import ObjectLookup
from backportq.git.process import Git, given_location, installed_version
from backportq.model.words import typed

_ALWAYS_ANSWERED = 6
_ASKED = r"^(backportq\.|branch\..*\.remote$|remote\..*\.|user\.|committer\.)"
_REMOTE = re.compile(r"remote\.(.+)\.[^.]+\Z", re.DOTALL)


class Settings:
    """The settings that nearly every command asks for, as they were at the first question.

    They are those that say where the queue is, with which remote it is exchanged, and who is at work. Others are read
    one by one (`user_setting`)."""

    def __init__(self, git: Git) -> None:
        self._git = git

    def find(self, key: str) -> str | None:
        """Return the value of a setting, the last if it has several; None where it is not set."""
        return self._values.get(key)

    def remotes(self) -> tuple[str, ...]:
        """Return the names of the configured remotes, sorted."""
        matches = map(_REMOTE.match, self._values)
        return tuple(sorted({match[1] for match in matches if match is not None}))

    @functools.cached_property
    def _values(self) -> Mapping[str, str]:
        listing = self._git.run("config", "-z", "--get-regexp", _ASKED, ok=(0, 1)).out
        records = listing.decode("utf-8", "surrogateescape").split("\0")
        pairs = (record.partition("\n") for record in records if record)
        return {key: value for key, _, value in pairs}


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository.

    - `git` runs git in it;
    - `common_dir` is shared by all worktrees and holds backportq's cache;
    - `objects_dir` is the object directory; trials use it as an alternate and never write to it;
    - `work_tree` is None in a bare repository;
    - `reader` reads objects by name, through one process that stays open;
    - `settings` are read once;
    - `may_download`: what a partial clone lacks may be fetched for trials, because the person said so.
    """

    git: Git
    git_dir: Path
    common_dir: Path
    objects_dir: Path
    work_tree: Path | None
    is_shallow: bool
    may_download: bool = False
    reader: ObjectLookup = field(init=False, repr=False, compare=False)
    settings: Settings = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reader", ObjectLookup(self.git))
        object.__setattr__(self, "settings", Settings(self.git))

    @property
    def cache_dir(self) -> Path:
        """Where what is expensive to recompute is kept; safe to delete at any time."""
        return self.common_dir / "backportq"


def discover(start: Path, *, obeys_environment: bool = False) -> Repository:
    """Return the repository that `start` is in; raise `RepositoryError` where git finds none or refuses it.

    With `obeys_environment` it is the one that `GIT_DIR` names, if somebody set that, as for every git command.
    """
    given = given_location() if obeys_environment else {}
    if not start.is_dir():
        raise RepositoryError(f"cannot change to '{start}': no such directory")
    # Where there is no working tree git has answered all but the last when it ends.
    answer = (
        Git(_resolved(start))
        .with_env(**given)
        .run(
            "rev-parse",
            "--path-format=absolute",
            "--is-bare-repository",
            "--is-shallow-repository",
            "--is-inside-work-tree",
            "--git-dir",
            "--git-common-dir",
            "--git-path",
            "objects",
            "--show-toplevel",
            ok=(0, 128),
        )
    )
    answers = answer.out.decode("utf-8", "surrogateescape").split("\n")
    if answers[0] not in ("true", "false"):
        installed_version()  # git before 2.31 repeats options that it does not know
    if len(answers) <= _ALWAYS_ANSWERED:
        raise _refused(start, answer.err.decode("utf-8", "replace").strip(), given)
    bare, shallow, inside, git_dir, common_dir, objects, *shown = answers
    work_tree = None
    if bare == "false" and inside == "true":
        if answer.status != 0:
            raise _refused(start, answer.err.decode("utf-8", "replace").strip(), given)
        work_tree = Path("\n".join(shown).removesuffix("\n"))
    git = Git(Path(git_dir) if work_tree is None else work_tree, Path(git_dir))
    if "GIT_COMMON_DIR" in given:  # nothing in the git directory itself says so
        git = git.with_env(GIT_COMMON_DIR=common_dir)
    return Repository(git, Path(git_dir), Path(common_dir), Path(objects), work_tree, shallow == "true")


def _resolved(start: Path) -> Path:
    try:
        return start.resolve()
    except OSError as error:  # the current directory was removed, or a folder above it may not be read
        raise RepositoryError(f"cannot tell where '{start}' is: {error.strerror}", hints=("cd to a clone",)) from error


def _refused(start: Path, said: str, given: Mapping[str, str]) -> RepositoryError:
    if "dubious ownership" in said:
        return RepositoryError(
            f"'{start}' belongs to another user, and git refuses to read it",
            hints=(f"git config --global --add safe.directory {typed(start.resolve())}",),
        )
    if "not a git repository" in said and "GIT_DIR" in given:
        return RepositoryError(
            f"GIT_DIR is '{given['GIT_DIR']}', which is not a git repository", hints=("unset GIT_DIR, or correct it",)
        )
    if "not a git repository" in said:
        return RepositoryError(f"'{start}' is not in a git repository", hints=("cd to a clone, or use -C DIR",))
    return RepositoryError(f"git cannot read the repository at '{start}': {said.removeprefix('fatal: ')}")
