"""How the fields of an item are merged: which of them are decided together, and which collect what both sides added.

Below the item, whose fields say one of these words each. This module must not know how merging is done.
"""

from __future__ import annotations

from enum import StrEnum


class Aspect(StrEnum):
    """What one decision is about. The fields of an aspect belong together and are taken from one side as a whole."""

    STATE = "state"
    ASSIGNEE = "assignee"
    PRIORITY = "priority"
    NOTE = "note"
    DUE = "due"
    LINKED = "linked"
    TOPIC = "topic"
    CHECK = "check"
    EXTRA = "extra"


class Collected(StrEnum):
    """How a field merges that nobody has to choose for: git tells it, additions of both sides are kept (in a fixed
    order, or in the order of each side), or the merge itself writes it."""

    FACT = "fact"
    UNION = "union"
    ORDERED = "ordered"
    HISTORY = "history"
