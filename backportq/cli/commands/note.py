"""`note`: write a note on an item."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import BranchOption, DryRunOption, ItemsArgument, JsonOption, QueryOption, YesOption
from backportq.cli.deciding import DecisionMode, asked_for, run_decision
from backportq.cli.invocation import project


def run(
    text: Annotated[str, typer.Option("--note", "--reason", "-m", metavar="TEXT", help="the note; empty removes it")],
    items: ItemsArgument = None,
    append: Annotated[bool, typer.Option("--append", help="add to the note instead of replacing it")] = False,
    branch: BranchOption = None,
    query: QueryOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write a note on items, open or closed.

    Without a branch on every branch that has them.
    """
    from backportq.services.decisions.verbs import note

    run_decision(
        asked_for(items, branch, query),
        note(project(), text, append=append),
        lambda decision: f"note: {decision.item.note}" if decision.item.note else "note removed",
        DecisionMode(yes, dry_run, as_json),
    )
