"""`note`: write a note on an item."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.deciding import WordedVerb, deciding
from backportq.cli.invocation import project


@deciding
def run(
    text: Annotated[str, typer.Option("--note", "--reason", "-m", metavar="TEXT", help="the note; empty removes it")],
    append: Annotated[bool, typer.Option("--append", help="add to the note instead of replacing it")] = False,
) -> WordedVerb:
    """Write a note on items, open or closed.

    Without a branch on every branch that has them.
    """
    from backportq.services.decisions.verbs import note

    return (
        note(project(), text, append=append),
        lambda decision: f"note: {decision.item.note}" if decision.item.note else "note removed",
    )
