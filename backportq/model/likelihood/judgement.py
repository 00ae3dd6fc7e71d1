"""What a judge of a person's own says of a candidate: advice, marked as the judge's words wherever it is shown.

This module must not ask; `backportq.services.suggest.judge` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

_LEAST = 0.001


@dataclass(frozen=True, slots=True)
class Judgement:
    """`likely`: 0 to 1. `reason`: one line."""

    likely: float
    reason: str


def weighed(likely: float, judgement: Judgement | None) -> float:
    """Return what to order by: the mean of the log odds of both, so that neither decides alone."""
    if judgement is None:
        return likely
    return 1 / (1 + exp(-(_log_odds(likely) + _log_odds(judgement.likely)) / 2))


def _log_odds(share: float) -> float:
    bounded = min(max(share, _LEAST), 1 - _LEAST)
    return log(bounded / (1 - bounded))
