"""Boosted trees: what they say of a row of numbers, and which numbers weighed most.

Evaluated in plain Python, so that whoever ranks needs nothing of what learned. A tree is a leaf, which is a number, or
a split; all together add up to log odds. This module must not know what the numbers of a row mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import TypeAlias

_STEEP = 30.0  # beyond this a likelihood is 0 or 1 as far as a float can tell

# Plain tuples: an attribute costs as much as the comparison, and a list of candidates takes millions of steps.
Split: TypeAlias = "tuple[int, float, Node, Node, float]"
Node: TypeAlias = "float | Split"
"""Of a split: the index of a number in the row, the limit up to which the third applies and beyond which the fourth,
and the mean of all leaves below."""


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """All trees of a model."""

    roots: tuple[Node, ...]

    def likely(self, row: Sequence[float]) -> float:
        """Return the chance, 0 to 1, for this row."""
        total = 0.0
        for root in self.roots:
            node = root
            while type(node) is tuple:
                node = node[2] if row[node[0]] <= node[1] else node[3]
            total += node  # type: ignore[operator]
        return 1 / (1 + exp(-min(max(total, -_STEEP), _STEEP)))

    def parts(self, row: Sequence[float]) -> dict[int, float]:
        """Return how much each number moves the log odds: by every split that it decides, from the mean of all leaves
        below to that of the side that was taken."""
        found: dict[int, float] = {}
        for root in self.roots:
            node = root
            while isinstance(node, tuple):
                index, limit, low, high, mean = node
                node = low if row[index] <= limit else high
                found[index] = found.get(index, 0.0) + (node[4] if isinstance(node, tuple) else node) - mean
        return found
