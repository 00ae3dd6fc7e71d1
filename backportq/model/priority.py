"""How urgent an item is: a word that tags, rules and people give, and that every list of items is ordered by."""

from __future__ import annotations

from enum import StrEnum


class Priority(StrEnum):
    """How urgent an item is, most urgent first; the word stored in TOML and shown in JSON."""

    SECURITY = "security"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the most urgent; for sorting and comparing."""
        return _RANKS[self]

    @property
    def is_urgent(self) -> bool:
        """Whether people are to see it before what is only likely."""
        return self in {Priority.SECURITY, Priority.HIGH}

    @property
    def mark(self) -> str:
        """Marks of urgent items in lists: one exclamation mark, or two."""
        return {Priority.SECURITY: "!!", Priority.HIGH: "!"}.get(self, "")


_RANKS = {priority: rank for rank, priority in enumerate(Priority)}
