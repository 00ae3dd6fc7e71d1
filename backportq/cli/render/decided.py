"""Telling what a decision did: one line for each item, or one JSON document; the same for every deciding command.

This module must not decide anything: it shows what a service returned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from backportq.cli.render.json_documents import item_document
from backportq.cli.terminal import output
from backportq.model.ids import short
from backportq.model.items.changes import changed_fields

if TYPE_CHECKING:  # services start slowly, and `-h` needs none
    from backportq.model.items.changes import ItemChange
    from backportq.queue.log import LogEntry
    from backportq.services.decisions.decide import DecisionResult, ItemDecision

_NAMED_ITEMS = 20


def tell(outcome: DecisionResult, what: Callable[[ItemDecision], str], *, as_json: bool, dry_run: bool) -> None:
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


def told(entry: LogEntry) -> str:
    """Return what an entry of the log says was done."""
    if entry.command is None:
        return f"by hand: {entry.summary}"
    word = entry.command.split(" ")[0]
    return entry.summary if word == "undo" else f"{word}: {entry.summary}"


def tell_changed(items: Sequence[ItemChange]) -> None:
    """Print which items the last change of the queue changed, the first of them if they are many."""
    for item in items[:_NAMED_ITEMS]:
        what = f" ({', '.join(item.fields)})" if item.fields else ""
        output.say(f"{short(item.commit)} {item.branch}: {item.kind}{what}")
    if len(items) > _NAMED_ITEMS:
        output.next_step("backportq log -n 1 --json", f"lists {len(items) - _NAMED_ITEMS} more")


def _document(one: ItemDecision) -> dict[str, object]:
    none: tuple[str, ...] = ()
    if one.before is None:
        change, fields = "added", none
    elif one.after is None:
        change, fields = "removed", none
    else:
        fields = changed_fields(one.before, one.after)
        change = "changed" if fields else "unchanged"
    return {"change": change, "fields": list(fields), **item_document(one.item, one.branch)}
