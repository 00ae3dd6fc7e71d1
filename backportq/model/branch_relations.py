"""Which stable branch is newer than which: within one component, and leaving out what is cut for one release.

A repository may hold several components, each with release branches of its own; between these nobody upgrades. A point
release is cut from a stable branch and gets fixes by other ways, so nothing is lost by its lacking them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from backportq.model.branch_names import read_release_name
from backportq.model.config import StableBranch
from backportq.model.ids import BranchName
from backportq.model.versions import parse_version

_Family = tuple[str, ...]


def in_release_order(branches: Sequence[StableBranch]) -> tuple[StableBranch, ...]:
    """Return `branches` oldest release first: by version, or as they stand where a version is a name (`zed`).

    The branch of a line (`14`, `1.2`) comes after the point releases that were cut from it (`14.1`, `1.2.3`). Names
    have no order of their own, and between some of them and numbers there is none that could be told.
    """
    versions = {branch.name: parse_version(branch.version) for branch in branches}
    known = {
        name: ((*version.parts, math.inf), version.candidate, name) for name, version in versions.items() if version
    }
    if len(known) < len(versions):
        return tuple(branches)
    return tuple(sorted(branches, key=lambda branch: known[branch.name]))


class BranchRelations:
    """The relations among all configured branches."""

    def __init__(self, branches: Sequence[StableBranch]) -> None:
        self._families = _families_of(branches)
        self._ordered = in_release_order(branches)
        self._point_releases = {branch.name for branch in branches if self._line_of(branch) is not None}

    def newer(self, name: BranchName) -> tuple[BranchName, ...]:
        """Return the branches that users of this one upgrade to, the nearest first."""
        names = [branch.name for branch in self._ordered]
        if name not in names:
            return ()
        after = names[names.index(name) + 1 :]
        return tuple(
            each for each in after if each not in self._point_releases and self._families[each] == self._families[name]
        )

    def next_newer(self, name: BranchName) -> BranchName | None:
        """Return the branch whose picks are reasons for this one: the nearest newer one; none for a point release."""
        newer = self.newer(name)
        return newer[0] if newer and name not in self._point_releases else None

    def _line_of(self, branch: StableBranch) -> BranchName | None:
        """Return the branch that a point release is cut from (`1.2.x` for `1.2.3`, `stable/14` for `releng/14.1`)."""
        name = read_release_name(branch.name)
        if name is None or name.has_wildcard:
            return None
        for other in self._ordered:
            line = read_release_name(other.name)
            if line is None or self._families[other.name] != self._families[branch.name]:
                continue
            is_part = line.version.parts == name.version.parts[:-1]
            if is_part and line.shape != name.shape and (line.has_wildcard or name.is_errata):
                return other.name
        return None


def _families_of(branches: Sequence[StableBranch]) -> Mapping[BranchName, _Family]:
    """Return the component of each branch: by its paths, or by the words in its name that others don't have."""
    words: dict[BranchName, _Family] = {}
    for branch in branches:
        read = read_release_name(branch.name)
        words[branch.name] = branch.paths or (read.words if read is not None else ())
    counts = Counter(words.values())
    # One branch called otherwise is no component of its own, but another habit.
    has_plain = () in counts
    return {name: (() if has_plain and counts[family] < 2 else family) for name, family in words.items()}
