"""Commits that upstream and a branch share and that may all the same be picks of what the branch lacks.

Where a release is merged back into upstream, the merge base moves to the release, and the picks that were made for it
lie below. They are younger than the oldest commit that the branch lacks; in a project that does not merge back, hardly
any is. This module must not look at what the commits say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from backportq.git.background import Background
from backportq.git.read.history import commits_of, start_walk
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.ids import Oid
from backportq.services.history.history_range import UPSTREAM_BIT, HistoryRange

_MOST = 5_000
"""So many of the commits below the range are looked at; what is picked for a release is a hundredth of that."""


class SharedCommits:
    """Answers for the branches of one range.

    `notes` are those that people attached.

    Reading what lies below the range starts with the object and is waited for by the first question.
    """

    def __init__(
        self,
        repository: Repository,
        history: HistoryRange,
        *,
        notes: Mapping[Oid, bytes],
    ) -> None:
        self._repository = repository
        self._notes = notes
        self._history = history
        self._upstream = 1 << UPSTREAM_BIT
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

    def since(self, bits: Sequence[int], says_much: Callable[[Commit], bool]) -> list[Commit]:
        """Return the commits that upstream shares with a tip of `bits` and that `says_much` finds worth keeping, oldest
        first; there may be a million.

        Left out are those that are older than all that upstream has and these tips lack.
        """
        here = sum(1 << bit for bit in set(bits))
        oldest = self._oldest_lacking(bits)
        if oldest is None:
            return []
        shared = {mask for mask, date in self._youngest.items() if mask & here and date >= oldest}
        young = (commit for commit in (*self._above(shared), *self._below.result()) if commit.seconds >= oldest)
        found = list(filter(says_much, young))
        return found[::-1]

    def newest_moment(self, branches: Iterable[Sequence[int]]) -> int:
        """Return the moment since when an upstream commit has to be made to have no say in what is found for any of
        these tips."""
        below = max((commit.seconds for commit in self._below.result()), default=-1) + 1
        return max((below, *(self._oldest_lacking(bits) or 0 for bits in branches)))  # there may be no branch

    def _oldest_lacking(self, bits: Sequence[int]) -> int | None:
        here = sum(1 << bit for bit in set(bits))
        return min((date for mask, date in self._oldest.items() if not mask & here), default=None)

    def _above(self, wanted: Collection[int]) -> Iterator[Commit]:
        """Yield the commits of the range with these masks, newest first."""
        if wanted:
            masks = self._history.masks
            yield from (commit for oid, commit in self._history.commits.items() if masks[oid] in wanted)

    def _read_below(self) -> list[Commit]:
        """Return the commits at and below the floor, newest first, as far as they are young enough."""
        floor = self._history.floor
        if floor is None or not self._oldest:
            return []
        limits = ("--header", f"--max-age={min(self._oldest.values())}", f"--max-count={_MOST}")
        listing = start_walk(self._repository, (floor,), (), *limits)
        return [commit.with_note_of(self._notes) for commit in commits_of(listing, is_told=False)]
