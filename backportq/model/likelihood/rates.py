"""How often something of a kind was taken, where what is long ago counts less and less.

This module must not know what kinds there are.
"""

from __future__ import annotations

from collections.abc import Hashable


class FadingRate:
    """Seen and taken by key; after `half_life` seconds each counts half."""

    __slots__ = ("_half_life", "_seen", "_taken")

    def __init__(self, half_life: float) -> None:
        self._half_life = half_life
        self._seen: dict[Hashable, tuple[float, int]] = {}
        self._taken: dict[Hashable, tuple[float, int]] = {}

    def see(self, key: Hashable, moment: int) -> None:
        """Count something that came up."""
        self._add(self._seen, key, moment)

    def take(self, key: Hashable, moment: int) -> None:
        """Count something that was taken."""
        self._add(self._taken, key, moment)

    def rate(self, key: Hashable, moment: int, expected: float, weight: float) -> tuple[float, float]:
        """Return the share that was taken, leaning with `weight` on what is `expected`, and how many were seen."""
        seen = self._at(self._seen, key, moment)
        return (self._at(self._taken, key, moment) + expected * weight) / (seen + weight), seen

    def _add(self, counts: dict[Hashable, tuple[float, int]], key: Hashable, moment: int) -> None:
        counts[key] = (self._at(counts, key, moment) + 1.0, moment)

    def _at(self, counts: dict[Hashable, tuple[float, int]], key: Hashable, moment: int) -> float:
        known = counts.get(key)
        if known is None:
            return 0.0
        return float(known[0] * 0.5 ** (max(0, moment - known[1]) / self._half_life))
