"""`take`: assign items to yourself and start on them."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import BranchOption, DryRunOption, ItemsArgument, JsonOption, QueryOption, YesOption
from backportq.cli.deciding import DecisionMode, asked_for, run_decision
from backportq.cli.invocation import project


def run(
    items: ItemsArgument = None,
    force: Annotated[bool, typer.Option("--force", help="also what is assigned to somebody else")] = False,
    branch: BranchOption = None,
    query: QueryOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Assign items to yourself and start on them.

    Who you are is what git says (user.name and user.email); you are added to the people if need be.
    """
    from backportq.services.decisions.verbs import take

    run_decision(
        asked_for(items, branch, query),
        take(project(), force=force),
        lambda decision: f"in progress by {decision.item.assignee}",
        DecisionMode(yes, dry_run, as_json),
    )
