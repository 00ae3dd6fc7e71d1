"""The picks of one branch in order, and which of them were taken back on it since.

The evidence for all branches is found at once; here it becomes the history of one of them. This module must not look
for evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from backportq.model.history.landed import Evidence, LandedPick
from backportq.model.ids import Oid
from backportq.model.trailers.values import CommitTrailers, RevertMark
from backportq.services.history.evidence import BranchCommits, Found
from backportq.services.history.pick_lines import PickLines
from backportq.services.history.reverts import RevertChain
from backportq.services.history.upstream import NamedCommits, Upstream


@dataclass(slots=True)
class BranchPicks:
    """What one branch took, given its `commits` in order, from those below its merge base to its own.

    - `trailers`: what commits say of reverts.
    - `repeats`: the upstream commits that repeat an older one, which a pick of them picks as well.
    """

    commits: BranchCommits
    upstream: Upstream
    names: NamedCommits
    lines: PickLines
    trailers: Mapping[Oid, CommitTrailers]
    repeats: Mapping[Oid, Oid]
    _picks: list[LandedPick] = field(default_factory=list)
    _by_original: dict[Oid, list[Oid]] = field(default_factory=dict)
    _reverts: RevertChain = field(default_factory=RevertChain)

    def add_below(self, oid: Oid, found: Found) -> None:
        """Take a commit that upstream shares: a pick of what the branch lacks, as it says or as is `found`, or a
        revert."""
        self._revert(oid)
        for original, evidence in (self.lines.find(oid) or found).items():
            if not self.commits.reaches(original):
                self.add(LandedPick(original, oid, evidence))

    def add(self, pick: LandedPick) -> None:
        """Take a pick as it is."""
        self._picks.append(pick)
        self._by_original.setdefault(pick.upstream, []).append(pick.commit)

    def add_own(self, oid: Oid, found: Found, *, is_staged: bool) -> None:
        """Take a commit of the branch with the evidence for what it is a pick of."""
        self._revert(oid)
        evidence_of: dict[Oid, tuple[Evidence, ...]] = dict(found)
        for original, evidence in found.items():
            older = self.repeats.get(original)
            if older is not None and not self.commits.reaches(older):
                evidence_of.setdefault(older, evidence)
        for original in sorted(evidence_of, key=lambda original: self.upstream.order.get(original, -1)):
            self.add(LandedPick(original, oid, evidence_of[original], is_staged))

    def in_order(self) -> tuple[LandedPick, ...]:
        """Return all picks, each with the commit that took it back if one did."""
        reverted = self._reverts.in_force()
        return tuple(
            replace(pick, reverted_by=reverted[pick.commit]) if pick.commit in reverted else pick
            for pick in self._picks
        )

    def _revert(self, oid: Oid) -> None:
        if oid in self.trailers:
            apply_reverts(self._reverts, oid, self.trailers[oid], self._meant)

    def _meant(self, mark: RevertMark) -> Iterator[Oid]:
        """Yield the commits of the branch that a revert on it means: named themselves, or by what they are picks of."""
        for named in self.names.find(mark.hex):
            if named in self._by_original:
                yield self._by_original[named][-1]
            elif self.commits.reaches(named):
                yield named
            elif not self.upstream.contains(named):
                originals = self.lines.originals(named)
                yield from (self._by_original[original][-1] for original in originals if original in self._by_original)


def apply_reverts(
    reverts: RevertChain, oid: Oid, trailers: CommitTrailers, meant: Callable[[RevertMark], Iterable[Oid]]
) -> None:
    """Record what the commit `oid` takes back or applies again; `meant` gives the commits that a line means."""
    if trailers.reverts:
        reverts.add(oid, [target for mark in trailers.reverts for target in meant(mark)])
    if trailers.reapplies:
        reverts.reapply([target for mark in trailers.reapplies for target in meant(mark)], by=oid)
