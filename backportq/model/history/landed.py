"""What landed on a branch, and how that is known.

The values that `backportq.services.history.facts` derives from the history and every other service reads. This module
must not look at messages or repositories.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backportq.model.ids import Oid


class EvidenceKind(StrEnum):
    """How it is known that a commit is a pick of another, strongest first."""

    ANCESTOR = "ancestor"
    LINK = "link"
    TRAILER = "trailer"
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
