"""Who knows some files: a score from the upstream history since the oldest stable branch parted from it.

One read of the touched paths of that range serves every item, so that a thousand proposals cost as much as one. Older
work counts less, and a commit that the branch lacks counts more, because it is what the conflict is likely to be about.
This module must not propose anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backportq.git.patches import touched_paths
from backportq.git.repository import Repository
from backportq.model.commit import Identity
from backportq.model.ids import Oid
from backportq.services.facts import BranchFacts, Facts

_HALF_LIFE_DAYS = 365.0
_LACKED = 3.0  # how much more a commit counts that the branch lacks and the fix was written on top of
_MOST_TOUCHED = 200  # a commit over more files (a mass rename, a new header) shows no knowledge of any of them


@dataclass(frozen=True, slots=True)
class Expert:
    """One author with the score, how many commits it comes from, and how many of these the branch lacks."""

    identity: Identity
    score: float
    commits: int
    lacked: int


@dataclass(slots=True)
class FileKnowledge:
    """The commits of the upstream range by the paths that they touch; read when first asked."""

    repository: Repository
    facts: Facts
    _by_path: dict[str, list[Oid]] | None = field(default=None)

    def experts(self, paths: Iterable[str], fix: Oid, entry: BranchFacts) -> tuple[Expert, ...]:
        """Return who knows `paths`, most first, as of the commit `fix` that is to go to the branch of `entry`."""
        by_path = self._index()
        place = self.facts.order.get(fix)
        touching = {oid for path in paths for oid in by_path.get(path, ()) if oid != fix}
        if place is not None:
            touching = {oid for oid in touching if self.facts.order[oid] < place}
        now = self.facts.commits[fix].committed if fix in self.facts.commits else None
        lacked = {oid for oid in touching if not entry.contains(oid)}
        scores: dict[Identity, float] = {}
        counts: dict[Identity, list[int]] = {}
        for oid in sorted(touching, key=self.facts.order.__getitem__):
            commit = self.facts.commits[oid]
            weight = _weight(commit.committed, now) * (_LACKED if oid in lacked else 1.0)
            author = commit.author
            scores[author] = scores.get(author, 0.0) + weight
            count = counts.setdefault(author, [0, 0])
            count[0] += 1
            count[1] += oid in lacked
        ranked = sorted(scores, key=lambda one: (-round(scores[one], 6), one.mail, one.name))
        return tuple(Expert(one, scores[one], *counts[one]) for one in ranked)

    def paths_of(self, commits: Iterable[Oid]) -> Mapping[Oid, tuple[str, ...]]:
        """Return the paths that each commit touches."""
        return touched_paths(self.repository, commits)

    def _index(self) -> dict[str, list[Oid]]:
        if self._by_path is None:
            found: dict[str, list[Oid]] = {}
            for oid, paths in touched_paths(self.repository, self.facts.order).items():
                if len(paths) <= _MOST_TOUCHED and len(self.facts.commits[oid].parents) <= 1:
                    for path in paths:
                        found.setdefault(path, []).append(oid)
            self._by_path = found
        return self._by_path


def _weight(written: datetime, now: datetime | None) -> float:
    if now is None:
        return 1.0
    days: float = max((now - written).total_seconds() / 86_400, 0.0)
    return float(0.5 ** (days / _HALF_LIFE_DAYS))
