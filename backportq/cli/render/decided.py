"""Telling what a decision did: one line for each item, or one JSON document; the same for every deciding command.

This module must not decide anything: it shows what a service returned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from backportq.cli.render.json_documents import item_document
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Column, Style
from backportq.model.ids import short
from backportq.model.items.changes import changed_fields
from backportq.model.words import counted, short_names

if TYPE_CHECKING:  # services start slowly, and `-h` needs none
    from backportq.model.items.changes import ItemChange
    from backportq.queue.log import LogEntry
    from backportq.services.decisions.decide import DecisionResult, ItemDecision, Planned

_NAMED_ITEMS = 20
_PREVIEWED_COMMITS = 15


def tell(
    result: DecisionResult,
    words: Callable[[ItemDecision], str],
    *,
    as_json: bool,
    dry_run: bool,
    is_bulk: bool = False,
) -> None:
    """Print what happened to each item, in `words`, then what was left out and why. Of many items that a query admitted
    (`is_bulk`) the first are named."""
    if as_json:
        output.emit_json(
            {
                "changes": [_document(decision) for decision in result.decided],
                "notes": list(result.notes),
                "queue": result.commit,
                "dry_run": dry_run,
            }
        )
        return
    shown = result.decided[:_NAMED_ITEMS] if is_bulk and not dry_run else result.decided
    for decision in shown:
        what = words(decision) if decision.is_change else "nothing to change"
        output.say(f"{short(decision.commit)} {decision.branch}: {what} ({decision.item.subject})")
    if len(shown) < len(result.decided):
        output.say(f"and {len(result.decided) - len(shown)} more")
    if is_bulk and not result.decided:
        output.say("no item is what the query asks for")
    for text in result.notes:
        output.note(text)
    if is_bulk and result.commit is not None:
        changed = sum(decision.is_change for decision in result.decided)
        output.note(f"{counted(changed, 'item')} in one change; 'backportq undo' takes it back")
    if dry_run:
        output.note("nothing was written (--dry-run)")


def preview(planned: Planned, words: Callable[[ItemDecision], str]) -> None:
    """Print what a decision is about to do, a row for each commit, so that somebody can say yes or no."""
    changes = [decision for decision in planned.decided if decision.is_change]
    by_commit: dict[str, list[ItemDecision]] = {}
    for decision in changes:
        by_commit.setdefault(decision.commit, []).append(decision)
    names = short_names(dict.fromkeys(decision.branch for decision in changes))
    rows = [
        (short(same[0].commit), " ".join(names[each.branch] for each in same), same[0].item.subject)
        for same in list(by_commit.values())[:_PREVIEWED_COMMITS]
    ]
    output.table((Column("commit", style=Style.ID), Column("branches"), Column("subject", flexible=True)), rows)
    if len(by_commit) > len(rows):
        output.say(f"and {counted(len(by_commit) - len(rows), 'more commit')}; --dry-run lists all")
    for text in planned.notes:
        output.note(text)
    ways = dict.fromkeys(words(decision) for decision in changes)
    if len(ways) == 1:
        output.say(f"each: {next(iter(ways))}")


def told(entry: LogEntry) -> str:
    """Return what an entry of the log says was done."""
    if entry.command is None:
        return f"by hand: {entry.summary}"
    word = entry.command.split(" ")[0]
    return entry.summary if word == "undo" else f"{word}: {entry.summary}"


def nominated(decision: ItemDecision) -> str:
    """Return what nominating did to an item."""
    return "nominated" if decision.before is None else "nominated too"


def tell_changed(items: Sequence[ItemChange]) -> None:
    """Print which items the last change of the queue changed, the first of them if they are many."""
    for item in items[:_NAMED_ITEMS]:
        what = f" ({', '.join(item.fields)})" if item.fields else ""
        output.say(f"{short(item.commit)} {item.branch}: {item.kind}{what}")
    if len(items) > _NAMED_ITEMS:
        output.next_step("backportq log -n 1 --json", f"lists {len(items) - _NAMED_ITEMS} more")


def _document(decision: ItemDecision) -> dict[str, object]:
    none: tuple[str, ...] = ()
    if decision.before is None:
        change, fields = "added", none
    elif decision.after is None:
        change, fields = "removed", none
    else:
        fields = changed_fields(decision.before, decision.after)
        change = "changed" if fields else "unchanged"
    return {"change": change, "fields": list(fields), **item_document(decision.item, decision.branch)}
