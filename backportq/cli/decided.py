"""Telling what a decision did: one line for each item, or one JSON document; the same for every deciding command.

This module must not decide anything: it shows what a service returned.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backportq.cli import output
from backportq.cli.documents import item_document
from backportq.model.changes import changed_fields
from backportq.model.ids import short

if TYPE_CHECKING:  # services start slowly, and `-h` needs none
    from backportq.services.decisions import Decided, Outcome


def tell(outcome: Outcome, what: Callable[[Decided], str], *, as_json: bool, dry_run: bool) -> None:
    """Print what happened to each item, in the words of `what`, then what was left out and why."""
    if as_json:
        output.emit_json(
            {
                "changes": [_document(one) for one in outcome.decided],
                "notes": list(outcome.notes),
                "queue": outcome.commit,
                "dry_run": dry_run,
            }
        )
        return
    for one in outcome.decided:
        words = what(one) if one.is_change else "nothing to change"
        output.say(f"{short(one.commit)} {one.branch}: {words} ({one.item.subject})")
    for text in outcome.notes:
        output.note(text)
    if dry_run:
        output.note("nothing was written (--dry-run)")


def _document(one: Decided) -> dict[str, object]:
    none: tuple[str, ...] = ()
    if one.before is None:
        change, fields = "added", none
    elif one.after is None:
        change, fields = "removed", none
    else:
        fields = changed_fields(one.before, one.after)
        change = "changed" if fields else "unchanged"
    return {"change": change, "fields": list(fields), **item_document(one.item, one.branch)}
