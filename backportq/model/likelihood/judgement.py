"""What a judge of a person's own says of a candidate: advice, marked as the judge's words wherever it is shown.

It is one more signal beside what was learned, and never decides alone: both are added up as log odds, and what the
judge was worth before says with which weight. This module must not ask; `backportq.services.suggest.judge` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log1p

_LEAST = 0.001
_HALF = 0.5
_STEPS = 20
_LEANING = 10.0
"""How strongly a record that is still short leans on half: so much loss more for a weight of 0 or 1."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`likely`: 0 to 1. `reason`: one line."""

    likely: float
    reason: str


@dataclass(frozen=True, slots=True)
class JudgedOutcome:
    """What was said of a candidate, `likely` by what was learned and `judged` by the judge, and what became of it."""

    likely: float
    judged: float
    is_taken: bool


def weighed(likely: float, judgement: Judgement | None, trust: float = _HALF) -> float:
    """Return what to order by: the mean of the log odds of both, with the weight `trust` on the judge's."""
    if judgement is None:
        return likely
    return 1 / (1 + exp(-_mixed(likely, judgement.likely, trust)))


def trust_in(outcomes: Sequence[JudgedOutcome]) -> float:
    """Return the weight, 0 to 1, with which the judge's word would have told these outcomes best."""
    weights = [step / _STEPS for step in range(_STEPS + 1)]
    return min(weights, key=lambda weight: (_loss(outcomes, weight), abs(weight - _HALF)))


def _loss(outcomes: Sequence[JudgedOutcome], weight: float) -> float:
    odds = [(_mixed(each.likely, each.judged, weight), each.is_taken) for each in outcomes]
    return sum(log1p(exp(-each if is_taken else each)) for each, is_taken in odds) + _LEANING * (2 * weight - 1) ** 2


def _mixed(likely: float, judged: float, trust: float) -> float:
    return _log_odds(likely) * (1 - trust) + _log_odds(judged) * trust


def _log_odds(share: float) -> float:
    bounded = min(max(share, _LEAST), 1 - _LEAST)
    return log(bounded / (1 - bounded))
