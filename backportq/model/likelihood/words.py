"""How much the words of a change say for its being taken: a weight for each word, learned elsewhere.

This module must not know where words come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class WordWeights:
    """The weights by word; a word without one says nothing. A score is the log odds that a change with these words is
    taken anywhere, as far as its words tell."""

    weights: Mapping[str, float]
    bias: float = 0.0

    def score(self, words: Sequence[str]) -> float:
        """Return the score of these words."""
        weights = self.weights
        if not weights:
            return 0.0
        return self.bias + sum([weights[word] for word in words if word in weights]) / sqrt(len(words) or 1)

    def strongest(self, words: Sequence[str], *, for_it: bool) -> list[str]:
        """Return the words that say most for a change, or against it, the strongest first."""
        weights = {word: weight for word in words if (weight := self.weights.get(word, 0.0))}
        sign = 1 if for_it else -1
        return sorted((word for word in weights if weights[word] * sign > 0), key=lambda word: -weights[word] * sign)


NO_WORDS = WordWeights(MappingProxyType({}))
"""Weights that nothing was learned for."""
