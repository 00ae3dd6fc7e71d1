"""Numbers in sentences, the same wherever one is said. This module must not know what is counted."""

from __future__ import annotations


def counted(number: int, word: str) -> str:
    """Return `1 commit` or `3 commits`; for words whose plural only takes an `s`."""
    return f"{number} {word}{'' if number == 1 else 's'}"
