"""What the history says, gathered once for each command: order, membership, landed picks, reverts, `Fixes:` targets.

Every other use case reads these values and asks git nothing of the kind itself, so that two commands cannot disagree.
This module must not know the queue; it takes the links that people made as an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from backportq.git.refs import BranchTip
from backportq.model.commit import Commit
from backportq.model.config import StableBranch
from backportq.model.history.landed import LandedPick, PicksElsewhere
from backportq.model.ids import BranchName, Oid
from backportq.services.history.changes import NO_CHANGES, NO_NAMES, Changes, NamedChanges
from backportq.services.history.fixes_targets import TargetResolution

if TYPE_CHECKING:  # what reads messages takes 30 ms to load, and most commands read none
    from backportq.model.trailers.values import CommitTrailers, FixesTag

__all__ = ["BranchFacts", "Facts", "Refusal", "TargetResolution"]

_NOTHING = TargetResolution(())


@dataclass(frozen=True, slots=True)
class Refusal:
    """A commit is not to be backported: the commit `by` says so in the line `text` (`Ignore-Backport: <id>`), or the
    file `path` of the branch lists it, with the reason `text`."""

    text: str
    by: Oid | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class BranchFacts:
    """One stable branch: where it stands and what it took.

    `tip` and `staging_tip` are commits, `onto` is where a pick goes: the staging tip where there is a staging branch
    that the tip hasn't gone past, else the tip. `base` is the merge base of `tip` with upstream, None for unrelated
    histories. `picks` are all picks after the base, and before it those of commits that the branch lacks (made for a
    release that was merged back), reverted ones too, oldest first. `own` are all commits that upstream does not
    contain, oldest first. `reaches` tells whether tip or staging reach a commit. `refused` are the upstream commits
    that a commit of the branch, or of upstream, says are not to be picked here. `copies` and `changes` are those of all
    `Facts`. `by_upstream` are the picks of each upstream commit, oldest first. `landed_count` counts the commits of the
    branch that are picks in force. `merged_into` names the newer branches, or upstream, into which this one is merged.
    `proposed` are commits that are probably picks of an upstream commit; `dangling` are
    those whose pick lines lead nowhere, with the reason in words.
    """

    branch: StableBranch
    tip: Oid
    onto: Oid
    base: Oid | None = None
    staging_tip: Oid | None = None
    picks: Sequence[LandedPick] = ()
    own: Sequence[Oid] = ()
    reaches: Callable[[Oid], bool] = field(default=lambda _: False, repr=False, compare=False)
    refused: Mapping[Oid, Refusal] = field(default_factory=lambda: MappingProxyType({}))
    copies: Mapping[Oid, Oid] = field(default_factory=lambda: MappingProxyType({}))
    landed_count: int = 0
    by_upstream: Mapping[Oid, Sequence[LandedPick]] = field(
        default_factory=lambda: MappingProxyType({}), repr=False, compare=False
    )
    changes: Changes = field(default=NO_CHANGES, repr=False, compare=False)
    proposed: Mapping[Oid, Oid] = field(default_factory=lambda: MappingProxyType({}))
    dangling: Mapping[Oid, str] = field(default_factory=lambda: MappingProxyType({}))
    merged_into: tuple[str, ...] = ()

    def has_ancestor(self, oid: Oid) -> bool:
        """Tell whether tip or staging reach the commit itself."""
        return self.reaches(oid)

    def landed(self, upstream: Oid) -> LandedPick | None:
        """Return the pick that holds of this upstream commit, staged ones included; None if there is none.

        It may be a pick of what the commit is a copy of, of the merge that brought it, or of a merge's last member.
        """
        found = self._landed_itself(upstream)
        change = self.changes.of(upstream) if found is None else upstream
        if change != upstream:
            found = self._landed_itself(change)
        members = self.changes.members.get(upstream, ()) if found is None else ()
        if members and self.contains(upstream):
            found = next(filter(None, map(self._landed_itself, reversed(members))), None)
        return found

    def _landed_itself(self, upstream: Oid) -> LandedPick | None:
        found = self.in_force(upstream)
        return self._landed_itself(self.copies[upstream]) if found is None and upstream in self.copies else found

    def in_force(self, upstream: Oid) -> LandedPick | None:
        """Return the pick that holds of this very commit; of several the last."""
        return next((pick for pick in reversed(self.by_upstream.get(upstream, ())) if pick.reverted_by is None), None)

    def contains(self, oid: Oid) -> bool:
        """Tell whether the branch has this upstream commit, as itself or as a pick that holds: of it, of what it is a
        copy of, of the merge that brought it, or of all that it brought itself."""
        if self._contains_itself(oid):
            return True
        merge = self.changes.merge_of.get(oid)
        if merge is not None and self._contains_itself(merge):
            return True
        return self.changes.is_whole(oid, self._contains_itself)

    def _contains_itself(self, oid: Oid) -> bool:
        if self.reaches(oid) or self.in_force(oid) is not None:
            return True
        return oid in self.copies and self._contains_itself(self.copies[oid])


@dataclass(frozen=True, slots=True)
class Facts:
    """What the history says about upstream and the configured stable branches.

    `order` holds the upstream commits after the oldest merge base, oldest smallest. `commits` holds these and all
    commits of the branches since. `branches` are in release order, oldest first. `reverted_by` maps upstream commits
    to the upstream commit that took them back, unless they were applied again. `copies` maps upstream commits that
    repeat an older one to this: picked for a release that was merged back, or the same patch merged from two trees.
    `tags` are those of the upstream commits in `order` whose message has any, of one that was repeated all of both.
    `resolver` answers for `Fixes:` lines, `named` for numbers and titles. `is_upstream` tells whether upstream reaches
    a commit, however old.
    `warnings` say what could not be found out.
    """

    upstream: BranchTip
    order: Mapping[Oid, int]
    commits: Mapping[Oid, Commit]
    branches: tuple[BranchFacts, ...] = ()
    reverted_by: Mapping[Oid, Oid] = field(default_factory=lambda: MappingProxyType({}))
    copies: Mapping[Oid, Oid] = field(default_factory=lambda: MappingProxyType({}))
    changes: Changes = field(default=NO_CHANGES, repr=False, compare=False)
    tags: Mapping[Oid, CommitTrailers] = field(default_factory=lambda: MappingProxyType({}))
    resolver: Callable[[FixesTag, Oid | None], TargetResolution] = field(
        default=lambda *_: _NOTHING, repr=False, compare=False
    )
    named: NamedChanges = field(default=NO_NAMES, repr=False, compare=False)
    is_upstream: Callable[[Oid], bool] = field(default=lambda _: False, repr=False, compare=False)
    warnings: tuple[str, ...] = ()
    loader: Callable[[Iterable[Oid]], None] = field(default=lambda _: None, repr=False, compare=False)
    preparer: Callable[[Iterable[Oid]], None] = field(default=lambda _: None, repr=False, compare=False)
    name_preparer: Callable[[Iterable[str]], None] = field(default=lambda _: None, repr=False, compare=False)

    def load(self, oids: Iterable[Oid]) -> None:
        """Read these commits at once, where each would be read when it is asked for."""
        self.loader(oids)

    def prepare(self, oids: Iterable[Oid]) -> None:
        """Look up at once where these upstream commits landed and what became of them, where each would be looked up
        when it is asked for."""
        self.preparer(oids)

    def prepare_names(self, digits: Iterable[str]) -> None:
        """Look up at once what these ids and abbreviations name, where each would be looked up when it is resolved."""
        self.name_preparer(digits)

    def resolve(self, fixes: FixesTag, said_by: Oid | None = None) -> TargetResolution:
        """Return the upstream commits that a `Fixes:` line names, how they were found, and a warning if in doubt.

        A subject that it quotes never means `said_by`, the commit in whose message it stands.
        """
        return self.resolver(fixes, said_by)

    def reverts(self) -> dict[Oid, list[Oid]]:
        """Return what each upstream revert in force takes back, the original before its copies."""
        found: dict[Oid, list[Oid]] = {}
        for reverted, revert in self.reverted_by.items():
            found.setdefault(revert, []).append(reverted)
        return found

    def picks_elsewhere(self, commits: Iterable[Oid]) -> PicksElsewhere:
        """Return the picks of these upstream commits that hold on each branch."""
        found: dict[Oid, list[tuple[BranchName, Oid]]] = {}
        for oid in dict.fromkeys(commits):
            for entry in self.branches:
                pick = entry.landed(oid)
                if pick is not None:
                    found.setdefault(oid, []).append((entry.branch.name, pick.commit))
        return PicksElsewhere(found, [entry.branch.name for entry in self.branches])

    def original_of(self, oid: Oid) -> Oid:
        """Return the upstream commit that `oid` is a pick of on some branch, or `oid`."""
        if oid in self.order:
            return oid
        picks = (pick for entry in self.branches for pick in entry.picks if pick.commit == oid)
        return next((pick.upstream for pick in picks), oid)

    def branch(self, name: str) -> BranchFacts:
        """Return the facts of a configured branch."""
        return next(facts for facts in self.branches if facts.branch.name == name)

    def find_branch(self, name: str) -> BranchFacts | None:
        """Return the facts of the branch with this name, or None."""
        return next((facts for facts in self.branches if facts.branch.name == name), None)
