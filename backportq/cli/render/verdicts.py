"""Verdicts in a word or two and in colour, as every list shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from backportq.cli.terminal.table import Cell, Style
from backportq.model.trials.verdict import Prospect, Trial, Verdict

if TYPE_CHECKING:  # a trial alone needs no items
    from backportq.services.items.tried_items import TriedItem

STYLES = {
    Prospect.APPLIES: Style.GOOD,
    Prospect.AFTER: Style.GOOD,
    Prospect.OTHER_PICK: Style.WAITING,
    Prospect.CONFLICTS: Style.BAD,
    Prospect.EMPTY: Style.DIM,
    Prospect.UNTRIED: Style.WAITING,
}
_COUNTED = {
    "apply": Prospect.APPLIES,
    "after others": Prospect.AFTER,
    "with another pick": Prospect.OTHER_PICK,
    "conflict": Prospect.CONFLICTS,
    "empty": Prospect.EMPTY,
    "untried": Prospect.UNTRIED,
}


def item_cell(tried: TriedItem) -> Cell:
    """Return what comes of picking an item."""
    return Cell(tried.words, STYLES[tried.prospect])


def item_counts(tried: Sequence[TriedItem]) -> str:
    """Return how many items there are and how many of each kind."""
    found = Counter(each.prospect for each in tried)
    parts = [f"{found[prospect]} {word}" for word, prospect in _COUNTED.items() if found[prospect]]
    return f"{len(tried)} pending" + (f" ({', '.join(parts)})" if parts else "")


def trial_cell(trial: Trial) -> Cell:
    """Return the verdict of a trial, with the conflicted paths."""
    match trial.verdict:
        case Verdict.CLEAN:
            return Cell("applies", Style.GOOD)
        case Verdict.EMPTY:
            return Cell("changes nothing", Style.DIM)
        case Verdict.CONFLICT:
            paths = ", ".join(
                conflict.path if conflict.kind == "content" else f"{conflict.path} ({conflict.kind})"
                for conflict in trial.conflicts
            )
            return Cell(f"conflicts in {paths}" if paths else "conflicts", Style.BAD)
