"""Commits that upstream and a branch share and that may all the same be picks of what the branch lacks.

Where a release is merged back into upstream, the merge base moves to the release, and the picks that were made for it
lie below. They are younger than the oldest commit that the branch lacks; in a project that does not merge back, hardly
any is. This module must not look at what the commits say.
"""

from __future__ import annotations

from collections.abc import Sequence

from backportq.git.background import Background
from backportq.git.history import commits_of, start_walk
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.services.history_range import HistoryRange

_MOST = 5_000
"""So many of the commits below the range are looked at; what is picked for a release is a hundredth of that."""


class SharedCommits:
    """Answers for the branches of one range; `upstream_bit` is upstream's in its masks.

    Reading what lies below the range starts with the object and is waited for by the first question.
    """

    def __init__(self, repository: Repository, history: HistoryRange, upstream_bit: int) -> None:
        self._repository = repository
        self._history = history
        self._upstream = 1 << upstream_bit
        # Thousands of commits have a dozen masks: what holds for a branch is asked of these.
        self._oldest: dict[int, int] = {}
        self._youngest: dict[int, int] = {}
        masks = history.masks
        for oid, commit in history.commits.items():
            mask = masks[oid]
            if mask & self._upstream:
                date = commit.seconds
                if date < self._oldest.setdefault(mask, date):
                    self._oldest[mask] = date
                if date > self._youngest.setdefault(mask, date):
                    self._youngest[mask] = date
        self._below = Background(self._read_below)

    def since(self, bits: Sequence[int]) -> list[Commit]:
        """Return the commits that upstream shares with a tip of `bits`, oldest first.

        Left out are those that are older than all that upstream has and these tips lack.
        """
        here = sum(1 << bit for bit in set(bits))
        oldest = min((date for mask, date in self._oldest.items() if not mask & here), default=None)
        if oldest is None:
            return []
        shared = {mask for mask, date in self._youngest.items() if mask & here and date >= oldest}
        masks, commits = self._history.masks, self._history.commits
        above = [commit for oid, commit in commits.items() if masks[oid] in shared] if shared else []
        return [commit for commit in (*above, *self._below.result()) if commit.seconds >= oldest][::-1]

    def _read_below(self) -> list[Commit]:
        """Return the commits at and below the floor, newest first, as far as they are young enough."""
        floor = self._history.floor
        if floor is None or not self._oldest:
            return []
        limits = ("--header", f"--max-age={min(self._oldest.values())}", f"--max-count={_MOST}")
        return list(commits_of(start_walk(self._repository, (floor,), (), *limits)))
