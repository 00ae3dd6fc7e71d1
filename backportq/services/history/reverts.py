"""Which commits are still taken back: reverts, reverts of reverts, and applying again.

A revert switches its target off, a revert of that revert switches it on again, to any depth. This module is apart
because upstream and every branch follow the same rule. What a revert that names no commit means is found by what it
quotes. This module must not decide what follows from a revert.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from backportq.model.commit import Commit
from backportq.model.history.subjects import normal_subject
from backportq.model.ids import Oid
from backportq.model.trailers.identity_keys import KeyReader
from backportq.model.trailers.unnamed_reverts import UnnamedRevert, read_unnamed_revert
from backportq.model.trailers.values import CommitTrailers, RevertMark
from backportq.services.history.changes import Changes
from backportq.services.history.upstream import Upstream


class RevertChain:
    """Reverts in the order in which they were made; ask it at any point what is taken back."""

    def __init__(self) -> None:
        """Start with nothing reverted."""
        self._targets: dict[Oid, tuple[Oid, ...]] = {}
        self._reverted_by: dict[Oid, Oid] = {}

    def add(self, revert: Oid, targets: Sequence[Oid]) -> None:
        """Record that `revert` takes back `targets`, each an earlier commit or an earlier revert."""
        self._targets[revert] = tuple(target for target in dict.fromkeys(targets) if target != revert)
        self._switch(((target, False) for target in self._targets[revert]), revert)

    def reapply(self, targets: Sequence[Oid], *, by: Oid) -> None:
        """Record that the commit `by` applies `targets` again without reverting their revert by name."""
        self._switch(((target, True) for target in targets if target != by), by)

    def in_force(self) -> dict[Oid, Oid]:
        """Return what is taken back, each with the commit that did it; reverts that were undone are among the keys."""
        return dict(self._reverted_by)

    def _switch(self, changes: Iterable[tuple[Oid, bool]], by: Oid) -> None:
        pending = list(changes)
        seen: set[Oid] = set()
        while pending:
            commit, is_on = pending.pop()
            if commit in seen:  # messages can claim anything, also circles
                continue
            seen.add(commit)
            if is_on:
                self._reverted_by.pop(commit, None)
            else:
                self._reverted_by[commit] = by
            pending += [(target, not is_on) for target in self._targets.get(commit, ())]


def sounds_reverting(commit: Commit) -> bool:
    """Tell whether a commit may be a revert or a re-application; where the answer is false it is certainly none."""
    # What the message of each of them contains; plain searches, because branches are long.
    raw = commit.raw
    return b"evert" in raw or b"EVERT" in raw or b"eapp" in raw or b"acked out" in raw


class UnnamedReverts:
    """Finds what reverts without an id take back, among the commits before them that are in force."""

    def __init__(self, upstream: Upstream, changes: Changes) -> None:
        self._upstream = upstream
        self._changes = changes
        self._taken_back: set[Oid] = set()

    def on_upstream(self, commit: Commit, trailers: CommitTrailers) -> CommitTrailers:
        """Return the trailers of an upstream commit with what it reverts; ask in upstream's order."""
        said = self._said(commit, trailers)
        if said is None:
            return trailers
        place = self._upstream.order[commit.oid]
        quoted = self._upstream.with_subject(said.subject) if said.subject else ()
        numbered = self._by_number.get(said.number.value, ()) if said.number is not None else ()
        for found in (quoted, numbered):
            before = [oid for oid in found if self._upstream.order[oid] < place and oid not in self._taken_back]
            if len(before) == 1:
                self._taken_back.add(before[0])
                return _with_reverts(trailers, said, (before[0], *self._changes.members.get(before[0], ())))
        older = self._upstream.newest_with_subject(said.subject) if said.subject and not quoted else ()
        return _with_reverts(trailers, said, older) if len(older) == 1 else trailers

    def on_branch(self, commit: Commit, trailers: CommitTrailers, before: Mapping[str, Oid]) -> CommitTrailers:
        """Return the same for a commit of a branch; `before` has its older commits by subject, the newest of each."""
        said = self._said(commit, trailers)
        if said is None or not said.subject:
            return trailers
        target = before.get(normal_subject(said.subject))
        targets = (target,) if target is not None else tuple(self._upstream.newest_with_subject(said.subject))
        return _with_reverts(trailers, said, targets) if len(targets) == 1 else trailers

    def _said(self, commit: Commit, trailers: CommitTrailers) -> UnnamedRevert | None:
        if trailers.reverts or trailers.reapplies:
            return None
        said = read_unnamed_revert(commit.message)
        return None if said is None or said.is_reapplied else said

    @cached_property
    def _by_number(self) -> Mapping[str, Sequence[Oid]]:
        """The changes of upstream by the number of their pull request."""
        reader = KeyReader()
        found: dict[str, list[Oid]] = {}
        for oid in self._upstream.order:
            commit = self._upstream.commits[oid]
            for key in reader.read(commit.message) if reader.may_hold_keys(commit.raw) else ():
                if key.kind in "#!" and not key.is_of_original:
                    found.setdefault(key.value, []).append(oid)
        return found


def _with_reverts(trailers: CommitTrailers, said: UnnamedRevert, targets: Iterable[Oid]) -> CommitTrailers:
    return replace(trailers, reverts=tuple(RevertMark(said.text, target) for target in targets))
