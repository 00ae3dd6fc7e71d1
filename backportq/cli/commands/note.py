"""`note`: write a note on an item."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import BranchOption, CommitsArgument, DryRunOption, JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell


def run(
    commits: CommitsArgument,
    text: Annotated[str, typer.Option("--note", "-m", metavar="TEXT", help="the note; empty removes it")],
    branch: BranchOption = None,
    append: Annotated[bool, typer.Option("--append", help="add to the note instead of replacing it")] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a note on items, open or closed.

    Without --branch on every branch that has them.
    """
    from backportq.services.decisions.annotate import note_items

    outcome = note_items(project(), commits, branch or (), text=text, append=append, dry_run=dry_run)
    tell(
        outcome,
        lambda one: f"note: {one.item.note}" if one.item.note else "note removed",
        as_json=as_json,
        dry_run=dry_run,
    )
