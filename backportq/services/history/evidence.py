"""What shows that a commit on a branch is a pick of an upstream commit: a list of sources, strongest first.

- A source is given the commits of the branches that the stronger ones left unexplained.
- It says of which upstream commits they are picks, and why, in words that a person can check.

What a person linked and what a message says go together: a commit may carry several upstream commits. This module must
not know any kind of evidence; `backportq.services.history.gather` lists the sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.ids import BranchName, Oid

Found = Mapping[Oid, tuple[Evidence, ...]]
"""The upstream commits of which a commit is a pick, each with its evidence."""

Explained = Mapping[BranchName, Mapping[Oid, Found]]
"""For each branch what is known of its commits."""


@dataclass(frozen=True, slots=True)
class BranchCommits:
    """Commits that one branch has and upstream lacks, oldest first; `reaches` tells what else the branch has."""

    name: BranchName
    oids: tuple[Oid, ...]
    reaches: Callable[[Oid], bool]

    def without(self, explained: Mapping[Oid, Found]) -> BranchCommits:
        """Return those that are not explained."""
        return replace(self, oids=tuple(oid for oid in self.oids if not explained.get(oid)))


class EvidenceSource(Protocol):
    """One kind of evidence."""

    @property
    def kind(self) -> EvidenceKind:
        """The kind of the evidence it gives."""

    @property
    def is_explicit(self) -> bool:
        """Whether somebody says so for this very commit. Such sources are asked of every commit, for one commit may be
        the pick of several; all others only of what is unexplained."""

    def explain(self, branches: Sequence[BranchCommits]) -> Explained:
        """Return what it can tell of these commits."""


def find_evidence(
    sources: Sequence[EvidenceSource], branches: Sequence[BranchCommits]
) -> dict[BranchName, dict[Oid, Found]]:
    """Ask each source about what the stronger ones left unexplained; return what is known of each commit."""
    found: dict[BranchName, dict[Oid, Found]] = {branch.name: {} for branch in branches}
    for source in sources:
        asked = branches if source.is_explicit else [branch.without(found[branch.name]) for branch in branches]
        for name, explained in source.explain(asked).items():
            for oid, by_upstream in explained.items():
                known = found[name].get(oid, {})
                more = {upstream: (*known.get(upstream, ()), *evidence) for upstream, evidence in by_upstream.items()}
                found[name][oid] = {**known, **more}
    return found


def on_each(branches: Sequence[BranchCommits], found: Mapping[Oid, Found]) -> Explained:
    """Return what is `found` of commits whatever branch they are on, as it is for each of the branches."""
    return {branch.name: {oid: found[oid] for oid in branch.oids if found.get(oid)} for branch in branches}
