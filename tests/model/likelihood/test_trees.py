"""Trees add up, and say which numbers weighed most; words have weights."""

from __future__ import annotations

from math import exp

import pytest

from backportq.model.likelihood.trees import BoostedTrees
from backportq.model.likelihood.words import NO_WORDS, WordWeights

TREES = BoostedTrees(((0, 1.5, -1.0, (1, 0.0, 0.5, 2.0, 1.25), 0.1), (1, 3.0, 0.25, -0.25, 0.0), 0.5))


@pytest.mark.parametrize(
    ("row", "total"),
    [((1.5, 9.0), -1.0 - 0.25 + 0.5), ((2.0, 0.0), 0.5 + 0.25 + 0.5), ((2.0, 1.0), 2.0 + 0.25 + 0.5)],
)
def test_likely_is_the_sum_of_the_leaves(row: tuple[float, float], total: float) -> None:
    assert TREES.likely(row) == pytest.approx(1 / (1 + exp(-total)))


def test_parts_lead_from_the_means_to_the_leaves() -> None:
    assert TREES.parts((2.0, 1.0)) == pytest.approx({0: 1.25 - 0.1, 1: (2.0 - 1.25) + (0.25 - 0.0)})


def test_extreme_sums_stay_within_zero_and_one() -> None:
    assert BoostedTrees((1e6,)).likely(()) <= 1.0
    assert BoostedTrees((-1e6,)).likely(()) >= 0.0


def test_words_without_weight_say_nothing() -> None:
    weights = WordWeights({"text leak": 2.0, "text paint": -1.0}, -0.5)

    assert weights.score(("text leak", "text paint", "text new", "text other")) == pytest.approx(-0.5 + 1.0 / 2)
    assert weights.strongest(("text paint", "text leak"), for_it=True) == ["text leak"]
    assert weights.strongest(("text paint", "text leak"), for_it=False) == ["text paint"]
    assert NO_WORDS.score(("text leak",)) == 0.0
