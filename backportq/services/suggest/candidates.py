"""Which changes the rules named on which branch at a past moment, and what the project did with them.

The rules are those of `backportq.services.scan.nominate` as far as the history alone makes them: requests, `Fixes:`,
follow-ups, the next newer branch, reverts. What people or a project's own rules named is not part of the past. This
module must not look beyond the moment it is asked about.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

from backportq.model.likelihood.counts import Counts, Kind, Tally
from backportq.model.likelihood.past import DAY, Past, PastBranch, PastChange, Taking

OLDEST = 300 * DAY
"""Changes that upstream has had for longer are no candidates of a past moment any more."""

YOUNG = 548 * DAY
"""A branch that parted less than 18 months ago."""

_COUNTED_YEARS = 4 * 365 * DAY
_EVERY = 14 * DAY
_OUTCOME_KNOWN = 120 * DAY


class BranchWatch:
    """One branch at a moment that only moves forward: what it has, and what it was asked to pass over."""

    def __init__(self, past: Past, branch: PastBranch) -> None:
        """Start before the branch took anything."""
        self.branch = branch
        self._newer_base: int | None = None
        newer = past.newer(branch)
        if newer is not None:
            self._newer_base = newer.base
        self._past = past
        self._newer = _Replay(newer.takings) if newer is not None else None
        self._own = _Replay(branch.takings)
        entered = sorted((change.entered, change.place) for change in past.changes if change.place > branch.base)
        self._entered = entered

    @property
    def has(self) -> dict[int, int]:
        """What the branch has taken by now: place → moment."""
        return self._own.has

    def advance(self, moment: int) -> None:
        """Take in everything that happened before `moment`."""
        self._own.advance(moment)
        if self._newer is not None:
            self._newer.advance(moment)

    def passed_over(self, place: int) -> int:
        """Return how many later changes the branch has taken."""
        return len(self._own.places) - bisect_right(self._own.places, place)

    def kind(self, change: PastChange) -> Kind | None:
        """Return why the rules name the change now, None if they do not."""
        branch = self.branch
        if change.place in branch.asked:
            return Kind.ASKED
        if change.reverts is not None:
            return Kind.REVERT if self._holds(change.reverts) else None
        if change.is_merge:
            return None
        if any(target in self.has for target in change.targets):
            return Kind.FOLLOW_UP
        if change.is_older_fix or any(target <= branch.base for target in change.targets):
            return Kind.FIXES
        if change.targets or self._newer is None or self._newer_base is None:
            return None
        return Kind.NEWER_BRANCH if change.place > self._newer_base and change.place in self._newer.has else None

    def named(self, moment: int) -> Iterator[tuple[PastChange, Kind]]:
        """Yield what the rules name at `moment`, which was advanced to, in the order in which upstream got it."""
        for change in self.open(moment):
            kind = self.kind(change)
            if kind is not None:
                yield change, kind

    def open(self, moment: int) -> Iterator[PastChange]:
        """Yield what the branch could take at `moment`, named or not, in the order in which upstream got it."""
        low = bisect_left(self._entered, (moment - OLDEST, -1))
        high = bisect_left(self._entered, (moment, -1))
        for _, place in self._entered[low:high]:
            change = self._past.changes[place]
            if place in self.has or change.original is not None or self._is_taken_back(change, moment):
                continue
            yield change

    def _holds(self, place: int) -> bool:
        return place <= self.branch.base or place in self.has

    def _is_taken_back(self, change: PastChange, moment: int) -> bool:
        revert = self._past.reverted.get(change.place)
        return revert is not None and revert < moment


class _Replay:
    """The takings of one branch up to a moment."""

    def __init__(self, takings: tuple[Taking, ...]) -> None:
        self._events = sorted(
            [(taking.moment, 0, taking.place) for taking in takings]
            + [(taking.undone, 1, taking.place) for taking in takings if taking.undone is not None]
        )
        self._next = 0
        self.has: dict[int, int] = {}
        self.places: list[int] = []

    def advance(self, moment: int) -> None:
        while self._next < len(self._events) and self._events[self._next][0] < moment:
            when, is_undone, place = self._events[self._next]
            self._next += 1
            if is_undone:
                self.has.pop(place, None)
            else:
                self.has[place] = when
                insort(self.places, place)


def count_past(past: Past, until: int, *, old: bool = False) -> Counts:
    """Count what became of the candidates of the last four years before `until`, with nothing that happened later.

    Only moments whose outcome is known by then count, and only the first 18 months of each branch, or with `old` only
    what came after these: a branch takes less then.
    """
    tally = Tally()
    for branch in past.branches:
        begin, end = (branch.parted + YOUNG, until) if old else (branch.parted, branch.parted + YOUNG)
        moment = max(begin, until - _COUNTED_YEARS)
        end = min(end, until - _OUTCOME_KNOWN)
        if moment >= end:
            continue
        outcome = {taking.place: taking.moment for taking in branch.takings}
        watch = BranchWatch(past, branch)
        while moment < end:
            watch.advance(moment)
            for change, kind in watch.named(moment):
                taken = outcome.get(change.place)
                tally.add(kind, watch.passed_over(change.place), is_taken=taken is not None and taken < until)
            moment += _EVERY
    return tally.finish()


def last_moment(past: Past) -> int:
    """Return when something last happened upstream or on a branch; 0 for an empty past."""
    ends = [branch.moments[-1] for branch in past.branches if branch.moments]
    return max([*(change.entered for change in past.changes), *ends], default=0)


def is_old(branch: PastBranch, moment: int) -> bool:
    """Tell whether `branch` parted more than 18 months before `moment`."""
    return moment - branch.parted >= YOUNG
