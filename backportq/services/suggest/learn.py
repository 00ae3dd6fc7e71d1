"""Learning from the past, as time goes by: what was open on which branch, and whether it was taken soon after.

A `Teacher` goes through the past once. It collects samples on its way, and at any moment it can judge what is open and
learn from the samples whose outcome is known by then; nothing of what came later is used. This module must not keep
anything.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from backportq.model.likelihood.past import DAY, Past, PastChange
from backportq.model.likelihood.traits import CommitProfile, Traits
from backportq.model.likelihood.words import NO_WORDS, WordWeights
from backportq.services.suggest.boosting import Booster, Lesson, boost, weigh_words
from backportq.services.suggest.features import FEATURES, Features
from backportq.services.suggest.replay import BranchReplay, Replay

WEEK = 7 * DAY
A_MONDAY = 345_600  # 1970-01-05T00:00:00Z
_OUTCOMES_KNOWN = (60 * DAY, 180 * DAY)
"""What is not taken by then counts as left. The short term teaches what is next and knows the last months; the long one
is truer of each, and teaches what is taken at all. Trees of both are averaged: on Xen from 2018 to 2020, both terms
together had an average precision of 0.48, each alone 0.43 to 0.44; with a year for the long one, 0.47."""

_WORDS_KNOWN = 40 * DAY
"""What is not taken anywhere by then counts as left, as far as its words go. What is in work changes quickly, so that
the newest changes teach most: on Xen from 2018 to 2022 words alone had an average precision of 0.572 with 120 days,
0.588 with 60, 0.602 with 40, and 0.604 with 40 where what is older fades as slowly as for rows; learned every quarter,
0.611 with 40 and 0.601 with 25."""

_NEVER = 1 << 60
_YEAR = 365 * DAY
_LEARNED_YEARS = 8 * _YEAR
_WORDS_ANEW = 182 * DAY
_SAMPLED_YOUNG = 2 * _YEAR
_WORD_YOUNG = 3 * _YEAR
_FADE = 4 * _YEAR
_REFUSED_WEIGHT = 10.0


@dataclass(slots=True)
class _Samples:
    """Rows one after the other, with moment and weight of each, and when it was taken. `settled` is when people
    refused it, or what is never."""

    numbers: array[float] = field(default_factory=lambda: array("f"))
    moments: list[int] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, row: list[float], moment: int, taken: int, settled: int, weight: float) -> None:
        self.numbers.extend(row)
        self.moments.append(moment)
        self.taken.append(taken)
        self.settled.append(settled)
        self.weights.append(weight)


class Teacher:
    """Goes through the past; see the module's description."""

    def __init__(
        self,
        past: Past,
        traits: Mapping[int, Traits],
        descriptions: Callable[[int], CommitProfile],
        *,
        until: int,
        since: int | None = None,
        refused: AbstractSet[tuple[int, int]] = frozenset(),
        threads: int = 1,
    ) -> None:
        """Start eight years before `since`, the first moment at which whoever asks will learn (by default `until`, at
        which they will stop).

        `refused` are pairs of a branch's index and the place of a change that people declined: what is known of these
        at `until` needs no waiting, and it counts more than what was just never taken.
        """
        self._past, self._until, self._refused, self._threads = past, until, refused, threads
        self.replay = Replay(past, traits)
        self.features = Features(self.replay, descriptions)
        self._describe = descriptions
        self._outcome = [{taking.place: taking.moment for taking in branch.takings} for branch in past.branches]
        self._first: dict[int, int] = {}
        for outcome in self._outcome:
            for place, moment in outcome.items():
                self._first[place] = min(moment, self._first.get(place, moment))
        self._samples = _Samples()
        self._words: dict[int, WordWeights] = {}
        begin = max(
            (until if since is None else since) - _LEARNED_YEARS,
            min((branch.parted for branch in past.branches), default=until),
        )
        monday = begin + (A_MONDAY - begin) % (2 * WEEK)
        sessions = [start for start, _ in past.sessions() if begin <= start < until]
        self._grid = sorted({*range(monday, until, 2 * WEEK), *sessions})
        self._next = 0

    def go_on(self, moment: int) -> None:
        """Go on to `moment`, and collect samples on the way."""
        while self._next < len(self._grid) and self._grid[self._next] <= moment:
            stop = self._grid[self._next]
            self._next += 1
            self._stop_at(stop)
            self._collect(stop)
        self._stop_at(moment)

    def rows(self, branch: BranchReplay) -> list[tuple[PastChange, list[float]]]:
        """Return what is open on a branch now, each as a row of features."""
        return [(change, self.features.row(change, branch)) for change in self.replay.open(branch)]

    @property
    def sample_count(self) -> int:
        """How many samples were collected by now."""
        return len(self._samples.moments)

    def learn(self, moment: int) -> Booster | None:
        """Return what the samples teach whose outcome is known at `moment`; None where these are too few."""
        import numpy as np

        samples = self._samples
        moments, taken = np.asarray(samples.moments), np.asarray(samples.taken)
        rows: Any = np.frombuffer(samples.numbers, dtype=np.float32).reshape(-1, len(FEATURES))
        weights = np.asarray(samples.weights) * 0.5 ** ((moment - moments) / _FADE)
        lessons = []
        for term in _OUTCOMES_KNOWN:
            known = np.minimum(np.asarray(samples.settled), moments + term) <= moment
            lessons.append(Lesson(rows[known], (taken <= moments + term)[known], weights[known]))
        return boost(lessons, threads=self._threads)

    def words_at(self, moment: int) -> WordWeights:
        """Return the weights of words by what was known at `moment`."""
        horizon = _WORDS_KNOWN
        parted = [branch.parted for branch in self._past.branches]
        changes = [
            change
            for change in self._past.changes
            if moment - _LEARNED_YEARS <= change.entered <= moment - horizon
            and change.place in self.replay.traits
            and change.original is None
            and any(start < change.entered < start + _WORD_YOUNG for start in parted)
        ]
        taken = [float(self._first.get(change.place, moment) <= change.entered + horizon) for change in changes]
        weights = [0.5 ** ((moment - change.entered) / _FADE) for change in changes]
        return weigh_words([self._describe(change.place).words for change in changes], taken, weights)

    def _stop_at(self, moment: int) -> None:
        self.replay.advance(moment)
        turn = moment // _WORDS_ANEW * _WORDS_ANEW
        if turn not in self._words:
            self._words[turn] = self.words_at(turn) if self.replay.first_taken else NO_WORDS
        self.features.weigh(self._words[turn])

    def _collect(self, moment: int) -> None:
        for branch in self.replay.live:
            if moment - branch.parted > _SAMPLED_YOUNG:
                continue
            outcome = self._outcome[branch.index]
            for change in self.replay.open(branch):
                age = (moment - change.entered) / DAY
                taken = outcome.get(change.place, _NEVER)
                is_taken = taken <= moment + _OUTCOMES_KNOWN[0]  # the first thing that is known of it
                is_refused = (branch.index, change.place) in self._refused and not is_taken
                kept = 1.0 if is_refused else _kept_share(age, is_taken=is_taken)
                # By chance, but by the same chance in every run.
                lot = zlib.crc32(change.commit.oid.encode("ascii"), (moment + branch.index) & 0xFFFF_FFFF) / 2**32
                if lot <= kept:
                    weight = _REFUSED_WEIGHT if is_refused else 1 / kept
                    settled = self._until if is_refused else _NEVER
                    self._samples.add(self.features.row(change, branch), moment, taken, settled, weight)


def _kept_share(age: float, *, is_taken: bool) -> float:
    """Return which part of such samples is enough: there are many old ones that nobody takes."""
    if is_taken:
        return 1.0 if age < 60 else 0.5
    if age < 10:
        return 0.5
    return 0.15 if age < 60 else 0.05
