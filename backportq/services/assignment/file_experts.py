"""Who knows some files: a score from the upstream history since the oldest stable branch left it.

- One reading of the touched paths serves every item, so a thousand proposals cost as much as one.
- Older work counts less (by half each year).
- A commit that the branch lacks counts more: the conflict is likely to be about it.
- Having last written the very lines counts most, where that was looked up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backportq.git.read.blame import blame_lines, changed_lines
from backportq.git.read.touched_paths import touched_paths
from backportq.git.repository import Repository
from backportq.model.commit import Identity
from backportq.model.ids import Oid
from backportq.services.history.facts import BranchFacts, Facts

_HALF_LIFE_DAYS = 365.0
_LACKED = 3.0  # how much more a commit counts that the branch lacks and the fix was written on top of
_ALL_LINES = 10.0  # what having written all lines in question counts, in recent commits to the file
_MOST_PATHS = 3
_MOST_TOUCHED = 200  # a commit over more files (a mass rename, a new header) shows no knowledge of any of them


@dataclass(frozen=True, slots=True)
class Expert:
    """One author, and what speaks for them.

    `commits` is how many commits it comes from, `lacked` how many of these the branch lacks, `lines` how many of the
    lines that the fix changes they wrote last.
    """

    identity: Identity
    commits: int
    lacked: int
    lines: int = 0


@dataclass(slots=True)
class FileKnowledge:
    """The commits of the upstream range by the paths that they touch, read when first asked.

    `blamed` maps an item's commit to the commits that last wrote its lines, each with a count.
    """

    repository: Repository
    facts: Facts
    blamed: dict[Oid, Counter[Oid]] = field(default_factory=dict)
    _by_path: dict[str, list[Oid]] | None = field(default=None)

    def experts(self, paths: Iterable[str], fix: Oid, entry: BranchFacts) -> tuple[Expert, ...]:
        """Return who knows `paths`, the best first, at the moment of the commit `fix` that is to go to the branch of
        `entry`."""
        by_path = self._index()
        place = self.facts.order.get(fix)
        touching = {oid for path in paths for oid in by_path.get(path, ()) if oid != fix}
        if place is not None:
            # What came after the fix tells nothing about the state that it was written for.
            touching = {oid for oid in touching if self.facts.order[oid] < place}
        now = self.facts.commits[fix].committed if fix in self.facts.commits else None
        written = self.blamed.get(fix, Counter())
        touching |= {oid for oid in written if oid in self.facts.order and oid != fix}
        lacked = {oid for oid in touching if not entry.contains(oid)}
        scores: dict[Identity, float] = {}
        lines: Counter[Identity] = Counter()
        counts: dict[Identity, list[int]] = {}
        for oid in sorted(touching, key=self.facts.order.__getitem__):
            commit = self.facts.commits[oid]
            weight = _weight(commit.committed, now) * (_LACKED if oid in lacked else 1.0)
            author = commit.author
            if oid in written:
                weight += _ALL_LINES * written[oid] / written.total()
                lines[author] += written[oid]
            scores[author] = scores.get(author, 0.0) + weight
            count = counts.setdefault(author, [0, 0])
            count[0] += 1
            count[1] += oid in lacked
        # Rounded, so that the order does not depend on the order in which small numbers were added.
        ranked = sorted(scores, key=lambda person: (-round(scores[person], 6), person.mail, person.name))
        return tuple(Expert(person, counts[person][0], counts[person][1], lines[person]) for person in ranked)

    def look_at_lines(self, fix: Oid, paths: Sequence[str]) -> None:
        """Find out who last wrote the lines of `paths` that `fix` changes; a few git processes, cached."""
        commit = self.facts.commits.get(fix)
        base = self.facts.branches[0].base if self.facts.branches else None
        if fix in self.blamed or commit is None or not commit.parents or base is None:
            return
        changed = changed_lines(self.repository, fix, commit.parents[0], paths[:_MOST_PATHS])
        found: Counter[Oid] = Counter()
        for counts in blame_lines(self.repository, changed, base).values():
            found.update(counts)
        self.blamed[fix] = found

    def paths_of(self, commits: Iterable[Oid]) -> Mapping[Oid, tuple[str, ...]]:
        """Return the paths that each commit touches."""
        return touched_paths(self.repository, commits)

    def _index(self) -> dict[str, list[Oid]]:
        if self._by_path is None:
            found: dict[str, list[Oid]] = {}
            for oid, paths in touched_paths(self.repository, self.facts.order).items():
                if len(paths) <= _MOST_TOUCHED and not self.facts.commits[oid].is_merge:
                    for path in paths:
                        found.setdefault(path, []).append(oid)
            self._by_path = found
        return self._by_path


def _weight(written: datetime, now: datetime | None) -> float:
    if now is None:
        return 1.0
    days: float = max((now - written).total_seconds() / 86_400, 0.0)
    return float(0.5 ** (days / _HALF_LIFE_DAYS))
