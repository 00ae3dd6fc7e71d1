"""What somebody may have meant who typed a word that is not known.

In one place so that every error suggests in the same way, and so that `difflib` is loaded only when something was
mistyped: it takes 3 ms, a thirtieth of a second scan. This module must not say anything to anybody.
"""

from __future__ import annotations

from collections.abc import Iterable


def near_words(word: str, known: Iterable[str], *, at_most: int = 3, likeness: float = 0.6) -> tuple[str, ...]:
    """Return those of `known` that are like `word`, the likeliest first; `likeness` is from 0 to 1, the same word."""
    import difflib

    return tuple(difflib.get_close_matches(word, list(known), n=at_most, cutoff=likeness))
