"""What landed on a branch, and how that is known.

The values that `backportq.services.history.facts` derives from the history and every other service reads. This module
must not look at messages or repositories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backportq.model.ids import BranchName, Oid


class EvidenceKind(StrEnum):
    """How it is known that a commit is a pick of another, strongest first."""

    ANCESTOR = "ancestor"
    LINK = "link"
    TRAILER = "trailer"
    KEY = "key"
    PATCH_ID = "patch-id"
    SUBJECT = "subject"

    @property
    def rank(self) -> int:
        """0 for the strongest kind."""
        return list(EvidenceKind).index(self)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: its kind, and the line of the message or a sentence that a person can check."""

    kind: EvidenceKind
    text: str


@dataclass(frozen=True, slots=True)
class LandedPick:
    """`commit`, on the branch after its merge base with upstream, is a pick of `upstream`.

    `staged`: only the staging branch contains it. `reverted_by`: the commit on the branch that took it back, unless it
    was applied again; a reverted pick has not landed.
    """

    upstream: Oid
    commit: Oid
    evidence: tuple[Evidence, ...]
    staged: bool = False
    reverted_by: Oid | None = None


@dataclass(frozen=True, slots=True)
class PicksElsewhere:
    """The picks that hold on every stable branch: upstream commit → (branch, pick); `order` is the version order."""

    picks: Mapping[Oid, Sequence[tuple[BranchName, Oid]]]
    order: Sequence[BranchName]

    def near(self, commit: Oid, branch: BranchName) -> list[tuple[BranchName, Oid]]:
        """Return the picks of `commit` on branches other than `branch`, nearest version first, newer before older."""
        place = {name: at for at, name in enumerate(self.order)}
        here = place.get(branch, len(place))
        others = [(name, pick) for name, pick in self.picks.get(commit, ()) if name != branch]
        return sorted(others, key=lambda entry: (abs(place.get(entry[0], 0) - here), -place.get(entry[0], 0)))
