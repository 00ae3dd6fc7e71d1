"""A linear model of tokens: each token has a weight, and their sum says how likely something is.

Small enough to be trained wherever it is used, in plain Python, the same on every machine: samples are taken in the
order given, in a fixed number of rounds. This module must not know what tokens mean.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

_ROUNDS = 4
_STEP = 0.25
_DECAY = 1e-4
_RARE = 3  # a token seen less often says nothing of the next commit
_STEEP = 30.0  # beyond this a likelihood is 0 or 1 as far as a float can tell


@dataclass(frozen=True, slots=True)
class Sample:
    """`words` count together as much as one of `states` does; `weight` is for how many alike it stands."""

    words: tuple[str, ...]
    states: tuple[str, ...]
    is_taken: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class LinearModel:
    """The weights by token; a token without one says nothing."""

    weights: Mapping[str, float]
    bias: float

    def likely(self, words: Sequence[str], states: Sequence[str]) -> float:
        """Return the chance, 0 to 1."""
        return _chance(self.bias + sum(part for _, part in self.parts(words, states)))

    def parts(self, words: Sequence[str], states: Sequence[str]) -> Iterable[tuple[str, float]]:
        """Yield what each token adds."""
        share = 1 / sqrt(len(words) or 1)
        yield from ((word, self.weights.get(word, 0.0) * share) for word in words)
        yield from ((state, self.weights.get(state, 0.0)) for state in states)


def train(samples: Sequence[Sample]) -> LinearModel:
    """Return the model that fits `samples`, by stochastic gradient descent with a step of its own for each token."""
    seen = Counter(token for sample in samples for token in (*sample.words, *sample.states))
    places = {token: place for place, token in enumerate(token for token, times in seen.items() if times >= _RARE)}
    total = sum(sample.weight for sample in samples) or 1.0
    taken = sum(sample.weight for sample in samples if sample.is_taken)
    share = min(max(taken / total, 1e-4), 1 - 1e-4)
    weights, squares = [0.0] * len(places), [1e-6] * len(places)
    rows = [
        (
            [places[token] for token in sample.words if token in places],
            [places[token] for token in sample.states if token in places],
            1 / sqrt(len(sample.words) or 1),
            float(sample.is_taken),
            sample.weight,
        )
        for sample in samples
    ]
    bias = _log_odds(share)
    for _ in range(_ROUNDS):
        for words, states, scale, truth, weight in rows:
            total_score = bias + scale * sum([weights[at] for at in words]) + sum([weights[at] for at in states])
            error = (_chance(total_score) - truth) * weight
            for at, size in (*((at, scale) for at in words), *((at, 1.0) for at in states)):
                slope = error * size + _DECAY * weights[at]
                squares[at] += slope * slope
                weights[at] -= _STEP * slope / sqrt(squares[at])
    return LinearModel({token: round(weights[at], 5) for token, at in places.items()}, bias)


def _chance(score: float) -> float:
    return 1 / (1 + exp(-min(max(score, -_STEEP), _STEEP)))


def _log_odds(share: float) -> float:
    return log(share / (1 - share))
