"""What a judge is told of a candidate: the commit itself, where the lines came from that it changes, and what the
project did with the most similar commits before.

Everything is bounded. This module must not ask the judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log

from backportq.git.read.blame import blame_lines, lines_of_commit
from backportq.git.read.code_changes import read_diff
from backportq.git.read.lookup import read_commits
from backportq.model.ids import Oid
from backportq.services.history.facts import Facts
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.suggest.code_changes import traits_of_past
from backportq.services.suggest.past import past_of
from backportq.services.suggest.suggest import Suggestion

_MAX_MESSAGE = 32 << 10
_MAX_DIFF = 64 << 10
_MAX_BLAMED = 20  # files
_MOST_ORIGINS = 5
_MOST_SIMILAR = 5
_LOOKED_AT = 4_000  # newest changes that similar ones are looked for among
_RARE_ENOUGH = 0.1  # of these changes; what more of them say tells nothing apart


class JudgeEvidence:
    """What can be told of these commits, gathered once."""

    def __init__(self, project: Project, commits: Sequence[Oid]) -> None:
        self._repository = project.repository
        history = HistoryOfQueue(project.repository, project.store.snapshot().state)
        self._facts: Facts = history.facts
        self._past = past_of(self._facts)
        self._traits, self._describe = traits_of_past(self._repository, history.index, self._past)
        self._commits = read_commits(self._repository, commits)
        self._words: dict[int, frozenset[str]] = {}

    def of(self, row: Suggestion) -> dict[str, object]:
        """Return the document of one candidate, without what names it."""
        commit = self._commits[row.commit]
        return {
            "message": commit.message[:_MAX_MESSAGE],
            "author": str(commit.author),
            "diff": read_diff(self._repository, row.commit, most=_MAX_DIFF),
            "likely": row.likely,
            "reasons": list(row.reasons),
            "lines_came_from": self._origins(row),
            "similar": self._similar(row),
        }

    def _origins(self, row: Suggestion) -> list[dict[str, object]]:
        """Return the commits that wrote the lines that this one changes, and whether the branch has them."""
        branch = self._facts.find_branch(row.branch)
        commit = self._commits[row.commit]
        since = self._facts.branches[0].base if self._facts.branches else None
        if branch is None or since is None or commit.first_parent is None:
            return []
        changed = lines_of_commit(self._repository, row.commit, commit.first_parent)[:_MAX_BLAMED]
        counts: Counter[Oid] = Counter()
        for found in blame_lines(self._repository, changed, since).values():
            counts.update(found)
        origins = read_commits(self._repository, counts)
        return [
            {"commit": oid, "subject": origins[oid].subject, "lines": lines, "in_branch": branch.contains(oid)}
            for oid, lines in counts.most_common(_MOST_ORIGINS)
            if oid in origins
        ]

    def _similar(self, row: Suggestion) -> list[dict[str, object]]:
        """Return the earlier commits that share most rare words with this one, and which branches took them."""
        place = self._past.place_of(row.commit)
        if place is None or place not in self._traits:
            return []
        earlier = [change for change in self._past.changes[:place][-_LOOKED_AT:] if change.place in self._traits]
        words = {change.place: self._words_of(change.place) for change in earlier}
        spread = Counter(word for each in words.values() for word in each)
        mine = {word for word in self._words_of(place) if 0 < spread[word] <= _RARE_ENOUGH * len(earlier)}
        weight = {word: log(len(earlier) / spread[word]) for word in mine}
        # Sorted, so that sums of the same words do not differ in their last digit.
        scores = {at: sum(sorted(weight[word] for word in each & mine)) for at, each in words.items() if each & mine}
        best = sorted(scores, key=lambda at: (-scores[at], -at))[:_MOST_SIMILAR]
        return [
            {
                "commit": self._past.changes[at].commit.oid,
                "subject": self._past.changes[at].commit.subject,
                "taken_on": [
                    branch.name for branch in self._past.branches if any(t.place == at for t in branch.takings)
                ],
            }
            for at in best
        ]

    def _words_of(self, place: int) -> frozenset[str]:
        words = self._words.get(place)
        if words is None:
            said = self._describe(place).words
            words = self._words[place] = frozenset(word for word in said if word.count(" ") == 1)
        return words
