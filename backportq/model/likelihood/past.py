"""The past of a project as it went: what upstream got when, and what each stable branch took when.

Ranking, suggestions and the backtest replay these values up to a moment, so everything carries the second at which it
became known. This module must not read a repository; `backportq.services.suggest.past` makes the values.

- A change's `place` is its index in `Past.changes`: the order in which upstream got the changes. Changes that came with
  one merge stand before it and share its `entered`.
- A branch has every change up to `base` by itself, and the later ones that it took.
- All moments are committer dates in seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from backportq.model.commit import Commit
from backportq.model.ids import BranchName, Oid

DAY = 86_400
SESSION_GAP = DAY
"""Commits on stable branches with shorter gaps than this belong to one push session."""


@dataclass(frozen=True, slots=True)
class PastChange:
    """One upstream commit. `targets` are the places of what it fixes, `is_older_fix` says that it fixes what lies
    before everything that was read, so that every branch has it. `original` is the place of what it repeats, `reverts`
    of what it takes back."""

    place: int
    commit: Commit
    entered: int
    targets: tuple[int, ...] = ()
    is_older_fix: bool = False
    original: int | None = None
    reverts: int | None = None
    is_merge: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """A branch took the change at `place`; `undone` is when it took the pick back, None if it holds."""

    place: int
    moment: int
    undone: int | None = None


@dataclass(frozen=True, slots=True)
class PastBranch:
    """A stable branch: it parted from upstream after the change at `base`, at the moment `parted`. `takings` are in
    the order in which they happened; `moments` are those of all its own commits, in order. `asked` are the places of
    the changes whose message asks for this version."""

    name: BranchName
    base: int
    parted: int
    takings: tuple[Taking, ...] = ()
    moments: tuple[int, ...] = ()
    asked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Past:
    """`branches` are in release order, oldest first; `next_newer` names the branch of the next release, within the same
    component, of those that have one. `reverted` tells when upstream took changes back."""

    changes: tuple[PastChange, ...]
    branches: tuple[PastBranch, ...]
    next_newer: Mapping[BranchName, BranchName]
    _places: Mapping[Oid, int] = field(init=False, repr=False, compare=False)
    reverted: Mapping[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the changes by id."""
        places = {change.commit.oid: change.place for change in self.changes}
        object.__setattr__(self, "_places", MappingProxyType(places))
        reverted = {each.reverts: each.entered for each in self.changes if each.reverts is not None}
        object.__setattr__(self, "reverted", MappingProxyType(reverted))

    def place_of(self, oid: Oid) -> int | None:
        """Return the place of an upstream commit, of what it repeats if it is a repetition; None if it was not read."""
        place = self._places.get(oid)
        if place is None:
            return None
        original = self.changes[place].original
        return place if original is None else original

    def places(self) -> Iterator[tuple[Oid, int]]:
        """Yield every upstream commit that was read with its place, or with that of what it repeats."""
        for change in self.changes:
            yield change.commit.oid, change.place if change.original is None else change.original

    def takes_merges(self) -> bool:
        """Tell whether most of what the branches took are merges: then these are what a branch could take, and not the
        commits that they brought."""
        taken = [self.changes[taking.place].is_merge for branch in self.branches for taking in branch.takings]
        return sum(taken) * 2 > len(taken)

    def newer(self, branch: PastBranch) -> PastBranch | None:
        """Return the branch of the next release, or None for the newest."""
        name = self.next_newer.get(branch.name)
        return next((each for each in self.branches if each.name == name), None)

    def sessions(self) -> tuple[tuple[int, int], ...]:
        """Return begin and end of each push session of the project, in order."""
        return sessions_of(sorted(moment for branch in self.branches for moment in branch.moments))


def sessions_of(moments: list[int]) -> tuple[tuple[int, int], ...]:
    """Return begin and end of the sessions that sorted `moments` make."""
    return tuple(_sessions(moments))


def _sessions(moments: list[int]) -> Iterator[tuple[int, int]]:
    begin = end = None
    for moment in moments:
        if begin is None or end is None or moment - end >= SESSION_GAP:
            if begin is not None and end is not None:
                yield begin, end
            begin = moment
        end = moment
    if begin is not None and end is not None:
        yield begin, end
