"""What was learned from a project's past, with what it was learned from and how it did in its own backtest.

This module must not learn or judge; it holds what a file of the queue says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backportq.model.ids import BranchName, Oid
from backportq.model.likelihood.trees import BoostedTrees
from backportq.model.likelihood.words import WordWeights


@dataclass(frozen=True, slots=True)
class Score:
    """How one list did: shares from 0 to 1."""

    average_precision: float
    recall_at_precision: float
    weekly_top: float
    before_session: float


@dataclass(frozen=True, slots=True)
class Proof:
    """The backtest of what was learned, on a past that it had not seen: `model` beside the plain `rules`."""

    begin: date
    end: date
    landed: int
    ceiling: float
    model: Score
    rules: Score

    @property
    def is_passed(self) -> bool:
        """Whether the model beats the rules."""
        return self.model.average_precision > self.rules.average_precision


@dataclass(frozen=True, slots=True)
class LearnedModel:
    """`version` and `features` are those of the program that learned; `upstream` was the tip of upstream then, and
    `learned` the day of the last thing that happened. `proof` is None where the past is too short for a backtest."""

    version: int
    features: tuple[str, ...]
    upstream: Oid
    learned: date
    branches: tuple[BranchName, ...]
    samples: int
    words: WordWeights
    trees: BoostedTrees
    proof: Proof | None = None
