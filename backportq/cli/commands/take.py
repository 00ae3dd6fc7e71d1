"""`take`: assign items to yourself and start on them."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import BranchOption, CommitsArgument, DryRunOption, JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell


def run(
    commits: CommitsArgument,
    branch: BranchOption = None,
    force: Annotated[bool, typer.Option("--force", help="also what is assigned to somebody else")] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Assign items to yourself and start on them.

    Who you are is what git says (user.name and user.email); you are added to the people if need be.
    """
    from backportq.services.decisions.tasks import take_items

    outcome = take_items(project(), commits, branch or (), force=force, dry_run=dry_run)
    tell(outcome, lambda one: f"in progress by {one.item.assignee}", as_json=as_json, dry_run=dry_run)
