"""Changes that upstream has twice: as they were made, and as the pick for a release that was merged back.

Who wants the change wants it once, so the pick is a copy and the original stands for both. This module must not judge
who wants what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backportq.model.commit import Commit
from backportq.model.ids import Oid
from backportq.model.trailers.dialects import Grammar
from backportq.model.trailers.pick_lines import read_picks


class Copies:
    """The upstream commits that say what they are picks of; `order` holds upstream's among `commits`."""

    def __init__(self, commits: Mapping[Oid, Commit], order: Mapping[Oid, int], grammar: Grammar) -> None:
        self._commits = commits
        self._order = order
        hint = grammar.pick_hint.search
        telling = (commit for commit in map(commits.__getitem__, order) if hint(commit.raw))
        self._named = {commit.oid: [mark.hex for mark in read_picks(commit.message, grammar)] for commit in telling}

    @property
    def digits(self) -> set[str]:
        """Every id and abbreviation that they name."""
        return {digits for named in self._named.values() for digits in named}

    def find(self, meant: Callable[[str], tuple[Oid, ...]], reverted_by: Mapping[Oid, Oid]) -> dict[Oid, Oid]:
        """Return for each copy the upstream commit that it leads to in the end.

        `meant` gives the commits that an id or abbreviation may mean, `reverted_by` the upstream commits that took
        others back: what was made after that applies the change again and is no mere copy.
        """
        found: dict[Oid, Oid] = {}
        for oid, named in self._named.items():
            older = [
                one for digits in named for one in meant(digits) if one in self._order and self._is_older(one, oid)
            ]
            if older:
                found[oid] = min(older, key=lambda one: self._commits[one].seconds)
        ends = {oid: end_of(found, oid) for oid in found}
        return {
            copy: original
            for copy, original in ends.items()
            if original not in reverted_by or self._is_older(copy, reverted_by[original])
        }

    def _is_older(self, oid: Oid, other: Oid) -> bool:
        # Not by their order: the release may be the first parent of the merge.
        return (self._commits[oid].seconds, oid) < (self._commits[other].seconds, other)


def end_of(steps: Mapping[Oid, Oid], oid: Oid) -> Oid:
    """Return where `steps`, which lead to ever older commits, end."""
    while oid in steps:
        oid = steps[oid]
    return oid
