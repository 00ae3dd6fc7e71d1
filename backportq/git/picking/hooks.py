"""The hooks that `git cherry-pick` runs for a clean pick, in a worktree of their own.

Git 2.39 runs `prepare-commit-msg` (with the argument `message`) and `post-commit`, and neither `pre-commit` nor
`commit-msg`. They expect a worktree with an index and a `HEAD`; they get a temporary one, so that they see the pick and
cannot touch what the user has checked out. This module must not decide what is picked.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from backportq.errors import GitFailedError
from backportq.git.picking.worktrees import NO_HOOKS
from backportq.git.repository import Repository
from backportq.git.user import run_as_user
from backportq.model.ids import Oid
from backportq.model.notices import tell

_PREPARE = "prepare-commit-msg"
_POST = "post-commit"
_PREFIX = "hooks-"
_STALE_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Hooks:
    """Which of the two hooks the user has, in which folder: a relative `core.hooksPath` means another one elsewhere."""

    folder: Path
    names: frozenset[str]


def find_hooks(repository: Repository) -> Hooks:
    """Return the user's hooks; git takes only executable ones."""
    said = run_as_user(repository, "rev-parse", "--path-format=absolute", "--git-path", "hooks").out
    folder = Path(os.fsdecode(said.rstrip(b"\n")))
    return Hooks(folder, frozenset(name for name in (_PREPARE, _POST) if os.access(folder / name, os.X_OK)))


class HookRoom:
    """The worktree for hooks, made when first needed; use it as a context manager."""

    def __init__(self, repository: Repository, hooks: Hooks, place: Path) -> None:
        self._repository = repository
        self._hooks = hooks
        self._place = place
        self._directory: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._directory is not None:
            remove_worktree(self._repository, self._directory)

    def prepare(self, message: bytes, *, picked: Oid, parent: Oid, provisional: Oid) -> bytes:
        """Return the message as `prepare-commit-msg` leaves it; raise `GitFailedError` if it refuses.

        `provisional` is a commit of the pick with `message`, in the repository: its tree is what the hook sees staged.
        """
        if _PREPARE not in self._hooks.names:
            return message
        room = self._room(parent)
        git_dir = Path(os.fsdecode(self._git(room, "rev-parse", "--absolute-git-dir").rstrip(b"\n")))
        try:
            # With the files, as after `git cherry-pick`: there are hooks that read their own settings from the tree.
            self._git(room, "read-tree", "--reset", "-u", f"{provisional}^{{tree}}")
        except GitFailedError as error:
            tell(f"the '{_PREPARE}' hook was not run: its worktree could not be filled: {error.message}")
            return message
        self._git(room, "update-ref", "CHERRY_PICK_HEAD", picked)
        file = git_dir / "COMMIT_EDITMSG"
        file.write_bytes(message)
        answer = run_as_user(
            self._repository,
            *("hook", "run", "--ignore-missing", _PREPARE, "--", str(file), "message"),
            worktree=room,
            env={"GIT_INDEX_FILE": str(git_dir / "index")},
            config=(f"core.hooksPath={self._hooks.folder}",),
            ok=range(256),
        )
        if answer.status != 0:
            said = (answer.err or answer.out).decode("utf-8", "replace").strip()[:500]
            raise GitFailedError(f"the '{_PREPARE}' hook refused the pick" + (f": {said}" if said else ""))
        return file.read_bytes()

    def committed(self, made: Oid, *, picked: Oid, parent: Oid) -> None:
        """Run `post-commit` with `HEAD` at `made`, which is in the repository; what it says or returns does not
        matter, as in git."""
        if _POST not in self._hooks.names:
            return
        room = self._room(parent)
        self._git(room, "update-ref", "CHERRY_PICK_HEAD", picked)  # git removes it only after the hook
        self._git(room, "update-ref", "--no-deref", "-m", "cherry-pick", "HEAD", made)
        self._git(room, "read-tree", made)
        run_as_user(
            self._repository,
            *("hook", "run", "--ignore-missing", _POST),
            worktree=room,
            config=(f"core.hooksPath={self._hooks.folder}",),
            ok=range(256),
        )

    def _room(self, parent: Oid) -> Path:
        if self._directory is None:
            self._place.mkdir(parents=True, exist_ok=True)
            _remove_stale(self._repository, self._place)
            self._directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._place))
            self._git(None, "worktree", "add", "-q", "--no-checkout", "--detach", str(self._directory), parent)
        self._git(self._directory, "update-ref", "--no-deref", "HEAD", parent)
        return self._directory

    def _git(self, worktree: Path | None, *args: str) -> bytes:
        return run_as_user(self._repository, *args, worktree=worktree, config=NO_HOOKS).out


def remove_worktree(repository: Repository, directory: Path) -> None:
    """Remove a temporary worktree with git's record of it, whatever state it is in."""
    with contextlib.suppress(GitFailedError):
        run_as_user(repository, "worktree", "remove", "--force", "--force", str(directory))
    if directory.exists():
        shutil.rmtree(directory, ignore_errors=True)
        # One that git was killed in the making of stays locked: it would not be pruned, nor made again.
        for words in (("unlock", str(directory)), ("prune", "--expire=now")):
            with contextlib.suppress(GitFailedError):
                run_as_user(repository, "worktree", *words)


def _remove_stale(repository: Repository, place: Path) -> None:
    """Remove what a killed process left; a living one is done within a day."""
    for directory in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - directory.stat().st_mtime > _STALE_SECONDS:
                remove_worktree(repository, directory)
