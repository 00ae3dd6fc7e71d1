"""How good a list would have been: measures over many past moments, the same for every list.

A list gives each pair (branch, change) a score at each moment; what it does not name comes after what it names.
This module must not know how scores are made, nor the past beyond what it is told.

- A pair counts with its highest score at any moment before the push session in which it lands, so that what came up
  within that session helped nobody.
- Landed later: within 24 months of the last moment at which the pair was open.
- What a list never saw counts as missed, never as absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from backportq.model.likelihood.past import DAY

PRECISION = 0.56
"""The precision at which recall is compared: about one wrong for each right row."""

TOPS = (5, 10, 20)
FIRST_ROWS = 10
DEPTHS = (10, 25, 50)

_LANDED_LATER = 730 * DAY
_FORTNIGHT = 14 * DAY
_STEPS = 20
_STOCK_EVERY = 8  # of the weekly moments: about every two months

Pair = tuple[int, int]
"""A branch by its index, and the place of a change."""


@dataclass(frozen=True, slots=True)
class Landing:
    """When a pair landed, and when the push session began in which it did."""

    moment: int
    session: int


@dataclass(frozen=True, slots=True)
class Measures:
    """What one list was worth. All are shares, 0 to 1; see the module of each key's meaning.

    `lead_days` is the median of the days by which the weekly top ten was earlier than the pick. `curve` is the best
    precision that goes with each twentieth of recall, as far as the list comes.
    """

    average_precision: float
    recall_at_precision: float
    weekly_top: Mapping[int, float]
    late_in_14_days: float
    before_session: Mapping[int, float]
    first_ten_rows: float
    hidden_by_folding: float | None = None
    lead_days: float = 0.0
    curve: tuple[float, ...] = ()


@dataclass(slots=True)
class ListJudge:
    """Judges one list. `landings` are all landings of the window; `see` is told every moment in order."""

    landings: Mapping[Pair, Landing]
    _best: dict[Pair, float] = field(default_factory=dict)
    _last: dict[Pair, int] = field(default_factory=dict)
    _first: dict[Pair, int] = field(default_factory=dict)
    _shown: dict[int, dict[Pair, int]] = field(default_factory=lambda: {top: {} for top in TOPS})
    _hits: dict[int, int] = field(default_factory=lambda: dict.fromkeys(DEPTHS, 0))
    _knowable: int = 0
    _rows: list[float] = field(default_factory=list)
    _weeks: dict[int, int] = field(default_factory=dict)
    _folded: list[int] = field(default_factory=lambda: [0, 0])

    def see(self, moment: int, branch: int, scored: Sequence[tuple[float, int]]) -> None:
        """Take in all that is open at a moment, ranked: what the list names, then the rest."""
        for score, place in scored:
            pair = (branch, place)
            landing = self.landings.get(pair)
            if landing is not None and moment > landing.session:
                continue
            if score > self._best.get(pair, float("-inf")):
                self._best[pair] = score
            self._last[pair] = max(moment, self._last.get(pair, 0))

    def see_open(self, moment: int, branch: int, places: Sequence[int]) -> None:
        """Take in which changes were open on a branch at a weekly moment, listed or not."""
        for place in places:
            self._first.setdefault((branch, place), moment)
            self._last[branch, place] = moment

    def see_week(
        self,
        moment: int,
        branch: int,
        scored: Sequence[tuple[float, int]],
        *,
        screen: Sequence[tuple[float, int]],
        line: float,
        folded: Sequence[int],
    ) -> None:
        """Take in the list of a Monday, and what of it the first screen has: rows of `line` or better stand above its
        line, `folded` ones are left out."""
        ranked = [place for _, place in sorted(scored, key=lambda each: (-each[0], -each[1]))]
        for top, shown in self._shown.items():
            fresh = [place for place in ranked if (branch, place) not in shown][:top]
            shown.update(((branch, place), moment) for place in fresh)
        week = self._weeks[branch] = self._weeks.get(branch, -1) + 1
        if week % _STOCK_EVERY == 0:
            self._see_rows(moment, branch, screen, line, set(folded))

    def see_session(self, scored: Sequence[tuple[float, int]], knowable: set[int]) -> None:
        """Take in all that is open, ranked, as a push session begins in which a branch takes `knowable` of it."""
        self._knowable += len(knowable)
        ranked = [place for _, place in sorted(scored, key=lambda each: (-each[0], -each[1]))]
        for depth in DEPTHS:
            self._hits[depth] += len(knowable.intersection(ranked[:depth]))

    def finish(self, *, folds: bool) -> Measures:
        """Return what the list was worth."""
        precision_and_recall = self._curve()
        average = sum(gain * precision for precision, _, gain in precision_and_recall)
        curve = [
            max(precision for precision, recall, _ in precision_and_recall if recall >= step / _STEPS)
            for step in range(1, _STEPS + 1)
            if precision_and_recall and precision_and_recall[-1][1] >= step / _STEPS
        ]
        recalls = [recall for precision, recall, _ in precision_and_recall if precision >= PRECISION]
        late, late_caught = self._late()
        hidden, taken = self._folded
        return Measures(
            average,
            max(recalls, default=0.0),
            {top: self._caught(top) for top in TOPS},
            late_caught / late if late else 0.0,
            {depth: hits / self._knowable if self._knowable else 0.0 for depth, hits in self._hits.items()},
            sum(self._rows) / len(self._rows) if self._rows else 0.0,
            (hidden / taken if taken else 0.0) if folds else None,
            self._lead(),
            tuple(curve),
        )

    def named_on(self, branch: int) -> int:
        """Return how many changes the list ever named on a branch before they landed; what it only lists behind those
        has a score below 0."""
        return sum(score > 0 for pair, score in self._best.items() if pair[0] == branch)

    def right_on(self, branch: int, rows: int) -> int:
        """Return how many of the best so many rows of a branch landed, each change with its highest score."""
        scores = [(score, pair) for pair, score in self._best.items() if pair[0] == branch]
        positive = self._positive()
        return sum(pair in positive for _, pair in sorted(scores, reverse=True)[:rows])

    def _lead(self) -> float:
        """Return the median of the days between the first look at what was caught and its pick."""
        shown = self._shown[FIRST_ROWS]
        leads = [(self.landings[pair].moment - when) / DAY for pair, when in shown.items() if pair in self.landings]
        return median([lead for lead in leads if lead > 0] or [0.0])

    def _see_rows(
        self, moment: int, branch: int, screen: Sequence[tuple[float, int]], line: float, folded: set[int]
    ) -> None:
        is_right = {place: self._lands_later((branch, place), moment) for _, place in screen}
        self._folded[0] += sum(is_right[place] for place in folded if place in is_right)
        self._folded[1] += sum(is_right.values())
        rows = sorted((each for each in screen if each[1] not in folded), key=lambda each: (-each[0], -each[1]))
        above = [place for score, place in rows if score >= line] or [place for _, place in rows]
        first = above[:FIRST_ROWS]
        if first:
            self._rows.append(sum(is_right[place] for place in first) / len(first))

    def _lands_later(self, pair: Pair, moment: int) -> bool:
        landing = self.landings.get(pair)
        return landing is not None and moment < landing.moment <= moment + _LANDED_LATER

    def _positive(self) -> set[Pair]:
        return {
            pair
            for pair, landing in self.landings.items()
            if pair not in self._last or landing.moment <= self._last[pair] + _LANDED_LATER
        }

    def _curve(self) -> list[tuple[float, float, float]]:
        """Return precision, recall and what each further right row adds to recall, from the best score down."""
        positive = self._positive()
        ranked = sorted(self._best.items(), key=lambda each: -each[1])
        found: list[tuple[float, float, float]] = []
        right = 0
        for row, (pair, _) in enumerate(ranked, 1):
            if pair in positive:
                right += 1
                found.append((right / row, right / len(positive), 1 / len(positive)))
        return found

    def _caught(self, top: int) -> float:
        """Return the share of what was open on some Monday and landed that was among the `top` rows before."""
        open_and_landed = [pair for pair in self._first if pair in self.landings]
        shown = self._shown[top]
        caught = sum(1 for pair in open_and_landed if pair in shown and shown[pair] < self.landings[pair].moment)
        return caught / len(open_and_landed) if open_and_landed else 0.0

    def _late(self) -> tuple[int, int]:
        """Return how many landings took more than a fortnight, and how many of them ten rows a week showed in it."""
        shown = self._shown[10]
        late = [
            pair
            for pair, first in self._first.items()
            if pair in self.landings and self.landings[pair].moment - first > _FORTNIGHT
        ]
        caught = sum(1 for pair in late if pair in shown and shown[pair] - self._first[pair] <= _FORTNIGHT)
        return len(late), caught
