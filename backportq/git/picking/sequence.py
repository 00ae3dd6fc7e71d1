"""Picking one commit after the other, in memory: each onto the result of the one before, nothing lasting until `keep`.

The one way in which clean picks are made, for a single commit and for a whole queue, so that both give the same bytes.
This module must not choose commits, word messages, or move a branch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from backportq.git.picking.commit_bytes import encode, read_original
from backportq.git.picking.committing import Committer, find_committer, write_commit
from backportq.git.picking.hooks import HookRoom, find_hooks
from backportq.git.picking.places import picks_directory
from backportq.git.picking.publishing import store
from backportq.git.repository import Repository
from backportq.git.trials import Application, TrialSession
from backportq.model.commit import Commit
from backportq.model.ids import Oid
from backportq.model.provenance import stripspace
from backportq.model.verdict import PathConflict, Verdict

Words = Callable[[str], str]
"""The message of the pick, made from that of the commit that is picked."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A clean pick: `made` is the new commit on top of what was there before."""

    made: Oid


@dataclass(frozen=True, slots=True)
class Conflicting:
    """The commit conflicts there; nothing was made."""

    conflicts: tuple[PathConflict, ...]


@dataclass(frozen=True, slots=True)
class Emptied:
    """Nothing of the commit is left to change there; nothing was made."""


@dataclass(frozen=True, slots=True)
class Impossible:
    """The pick could not be tried; `why` is in git's grammar."""

    why: str


StepOutcome = Picked | Conflicting | Emptied | Impossible


class PickSequence:
    """A branch that grows in memory from `start`; use it as a context manager.

    `tip` is the newest commit, `made` all that were made, oldest first. They exist only here until `keep`.
    """

    def __init__(self, repository: Repository, start: Oid, *, session: TrialSession | None = None) -> None:
        self.start = start
        self.tip = start
        self.made: list[Oid] = []
        self.committer: Committer = find_committer(repository)
        self._repository = repository
        self._own_session = session is None
        self._session = session if session is not None else TrialSession(repository)
        self._tree: Oid | None = None
        self._kept = start
        self._hooks = find_hooks(repository)
        self._room = HookRoom(repository, self._hooks, picks_directory(repository))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._room.__exit__()
        if self._own_session:
            self._session.close()

    def pick(self, commit: Commit, words: Words, *, mainline: int | None = None) -> StepOutcome:
        """Pick `commit` onto the tip and return what came of it.

        Raise `GitFailedError` where a hook refuses or signing fails.
        """
        applied = self._session.apply([Application(commit.oid, self._tree or self.tip)], mainline=mainline, keep=True)[
            0
        ]
        if isinstance(applied, str):
            return Impossible(applied)
        if applied.verdict is Verdict.CONFLICT:
            return Conflicting(applied.conflicts)
        if applied.verdict is Verdict.EMPTY or applied.tree is None:
            return Emptied()
        self._commit(commit, applied.tree, words)
        return Picked(self.tip)

    def drop_last(self) -> None:
        """Take back the newest pick."""
        self.made.pop()
        self.tip = self.made[-1] if self.made else self.start
        self._tree = None

    def keep(self) -> None:
        """Write what was made to the repository; no ref is moved."""
        if self._kept != self.tip:
            quarantine = self._session.written(self._tree or self.tip)
            store(self._repository, quarantine, self.tip, self.start, len(self.made))
            self._kept = self.tip

    def _commit(self, commit: Commit, tree: Oid, words: Words) -> None:
        original = read_original(commit, self.committer.encoding)
        quarantine = self._session.written(tree)
        parent = self.tip

        def write(message: str) -> Oid:
            return write_commit(
                self._repository, quarantine, self.committer, original, tree=tree, parent=parent, message=message
            )

        message = words(original.message)
        made = write(message)
        if self._hooks:
            store(self._repository, quarantine, made, self.start, 1)
            raw = encode(message, self.committer.encoding)
            prepared = self._room.prepare(raw, picked=commit.oid, parent=parent, provisional=made)
            if prepared != raw:
                made = write(stripspace(prepared.decode(self.committer.encoding or "utf-8", "surrogateescape")))
                store(self._repository, quarantine, made, self.start, 1)
            self._room.committed(made, picked=commit.oid, parent=parent)
        self.tip, self._tree = made, tree
        self.made.append(made)
