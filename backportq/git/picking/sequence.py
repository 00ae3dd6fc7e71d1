"""Picking one commit after the other, in memory: each onto the result of the one before, nothing lasting until `keep`.

The one way in which clean picks are made, for a single commit and for a whole queue, so that both give the same bytes.
This module must not choose commits, word messages, or move a branch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from backportq.git.picking.commit_bytes import encode, read_original
from backportq.git.picking.committing import CommitDraft, Committer, assemble, find_committer, lending, sign_commit
from backportq.git.picking.hooks import HookRoom, find_hooks
from backportq.git.picking.publishing import store
from backportq.git.picking.records import picks_directory
from backportq.git.repository import Repository
from backportq.git.trials import Application, TrialSession
from backportq.model.commit import Commit
from backportq.model.ids import Oid
from backportq.model.picks.provenance import MessageCleanup, cleaned
from backportq.model.trials.verdict import PathConflict, Verdict

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
        self.made: list[Oid] = []
        self.committer: Committer = find_committer(repository)
        self._repository = repository
        self._own_session = session is None
        self._session = session if session is not None else TrialSession(repository)
        self._trees: list[Oid] = []
        self._unwritten: dict[Oid, bytes] = {}
        self._hooks = find_hooks(repository)
        self._room = HookRoom(repository, self._hooks, picks_directory(repository))

    @property
    def tip(self) -> Oid:
        """The newest commit."""
        return self.made[-1] if self.made else self.start

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
        onto = self._trees[-1] if self._trees else self.start
        applied = self._session.apply([Application(commit.oid, onto, mainline)], keep=True)[0]
        if isinstance(applied, str):
            return Impossible(applied)
        if applied.verdict is Verdict.CONFLICT:
            return Conflicting(applied.conflicts)
        if applied.verdict is Verdict.EMPTY or applied.tree is None:
            return Emptied()
        made = self._commit(commit, applied.tree, words)
        self.made.append(made)
        self._trees.append(applied.tree)
        return Picked(made)

    def drop_last(self) -> None:
        """Take back the newest pick."""
        self._unwritten.pop(self.made.pop(), None)
        self._trees.pop()

    def keep(self) -> None:
        """Write what was made to the repository; no ref is moved."""
        if self._unwritten:
            # Only now, for all picks together: writing tree by tree takes several times as long.
            quarantine = self._session.written(self._trees)
            for raw in self._unwritten.values():
                quarantine.write_object(b"commit", raw)
            store(self._repository, quarantine, self.tip, self.start, len(self.made))
            self._unwritten.clear()

    def lent(self) -> Mapping[str, str]:
        """Return the environment in which git finds what was made before `keep`; it holds until the sequence ends."""
        if not self._unwritten:
            return {}
        quarantine = self._session.written(self._trees)
        for raw in self._unwritten.values():
            quarantine.write_object(b"commit", raw)
        return lending(quarantine)

    def _commit(self, commit: Commit, tree: Oid, words: Words) -> Oid:
        original = read_original(commit, self.committer.encoding)
        message = encode(words(original.message), self.committer.encoding)
        draft = CommitDraft(tree, self.tip, original.author, message)
        if self._hooks.names:
            return self._hooked(commit, draft)
        if self.committer.signs:
            return self._signed(draft)
        made, raw = assemble(self.committer, draft)
        self._unwritten[made] = raw
        return made

    def _signed(self, draft: CommitDraft) -> Oid:
        """Sign: git does, and needs the tree and the parent to be there."""
        quarantine = self._session.written([draft.tree])
        made = sign_commit(self._repository, quarantine, self.committer, draft)
        store(self._repository, quarantine, made, self.start, 1)
        return made

    def _hooked(self, commit: Commit, draft: CommitDraft) -> Oid:
        """Let the hooks see the pick, and the first of them change its message."""
        quarantine = self._session.written([draft.tree])

        def make(draft: CommitDraft) -> Oid:
            if self.committer.signs:
                return self._signed(draft)
            made, raw = assemble(self.committer, draft)
            quarantine.write_object(b"commit", raw)
            store(self._repository, quarantine, made, self.start, 1)
            return made

        made = make(draft)
        prepared = self._room.prepare(draft.message, picked=commit.oid, parent=draft.parent, provisional=made)
        if prepared != draft.message:
            made = make(replace(draft, message=_cleaned(prepared, self.committer.cleanup)))
        self._room.committed(made, picked=commit.oid, parent=draft.parent)
        return made


def _cleaned(raw: bytes, cleanup: MessageCleanup | None) -> bytes:
    return cleaned(raw.decode("latin-1"), cleanup).encode("latin-1")  # of lines and spaces, whatever the encoding
