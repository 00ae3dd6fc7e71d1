"""What a project did with its candidates before: how many of each kind it took, by how often it had passed them over.

This is the likelihood that needs no learning. It is counted at many past moments, so that a share says what becomes of
an item that is open on some day. This module must not know items or branches by name.

- *Passed over* N times: N later upstream commits were taken on the branch while this one was not.
- Shares are smoothed: what was seen a few times leans on all kinds together, and that on what other projects do.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

STEPS = (0, 1, 3, 6, 12, 20, 40, 80, 160)
"""Where each step of *passed over* begins."""

_ELSEWHERE = (0.40, 0.25, 0.15, 0.10, 0.08, 0.05, 0.03, 0.02, 0.01)
"""Rough shares of each step, for a project without a past."""

_LEAN_ON_ALL = 30.0
_LEAN_ON_ELSEWHERE = 20.0
_MANY_ENOUGH = 30
_FOLD_ELSEWHERE = 80
_KEPT_SHARE = 0.95
"""The share of what was taken in the end that folding must not have hidden."""


class Kind(StrEnum):
    """Why something is a candidate, as far as it tells kinds apart; the strongest reason of several."""

    ASKED = "asked"
    FOLLOW_UP = "follow-up"
    FIXES = "fixes"
    NEWER_BRANCH = "newer-branch"
    REVERT = "revert"


KIND_WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.ASKED: "commits that were asked for",
        Kind.FOLLOW_UP: "fixes of earlier picks",
        Kind.FIXES: "fixes of what the branch has",
        Kind.NEWER_BRANCH: "picks of the newer branch",
        Kind.REVERT: "reverts",
    }
)


def step_of(passed_over: int) -> int:
    """Return the index of the step that holds this number."""
    return bisect_right(STEPS, passed_over) - 1


@dataclass(frozen=True, slots=True)
class Counts:
    """`seen` and `taken`: for each kind, how many candidates stood at each step on some day, and how many of these were
    taken later. `folds_after`: what was passed over more often than this was hardly ever taken."""

    seen: Mapping[Kind, Sequence[int]]
    taken: Mapping[Kind, Sequence[int]]
    folds_after: int = _FOLD_ELSEWHERE

    def chance(self, kind: Kind, passed_over: int) -> float:
        """Return the share, 0 to 1, of such candidates that the project takes later."""
        step = step_of(passed_over)
        seen = sum(row[step] for row in self.seen.values())
        taken = sum(row[step] for row in self.taken.values())
        of_all = (taken + _ELSEWHERE[step] * _LEAN_ON_ELSEWHERE) / (seen + _LEAN_ON_ELSEWHERE)
        seen_here, taken_here = self.row(kind, step)
        return (taken_here + of_all * _LEAN_ON_ALL) / (seen_here + _LEAN_ON_ALL)

    def row(self, kind: Kind, step: int) -> tuple[int, int]:
        """Return how many were seen and how many of them taken."""
        seen, taken = self.seen.get(kind), self.taken.get(kind)
        return (seen[step] if seen else 0, taken[step] if taken else 0)


NO_COUNTS = Counts(MappingProxyType({}), MappingProxyType({}))
"""The counts of a project without a past."""


class Tally:
    """Counts in the making."""

    def __init__(self) -> None:
        self._seen: dict[Kind, list[int]] = {}
        self._taken: dict[Kind, list[int]] = {}
        self._passed: list[int] = []

    def add(self, kind: Kind, passed_over: int, *, is_taken: bool) -> None:
        """Count one candidate that stood at this step on one day."""
        step = step_of(passed_over)
        self._seen.setdefault(kind, [0] * len(STEPS))[step] += 1
        if is_taken:
            self._taken.setdefault(kind, [0] * len(STEPS))[step] += 1
            self._passed.append(passed_over)

    def finish(self) -> Counts:
        """Return what was counted."""
        passed = sorted(self._passed)
        fold = passed[int(len(passed) * _KEPT_SHARE)] if len(passed) >= _MANY_ENOUGH else _FOLD_ELSEWHERE
        return Counts(
            MappingProxyType({kind: tuple(row) for kind, row in self._seen.items()}),
            MappingProxyType({kind: tuple(row) for kind, row in self._taken.items()}),
            max(fold, STEPS[3]),
        )
