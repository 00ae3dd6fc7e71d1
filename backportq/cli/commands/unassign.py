"""`unassign`: take items from their person."""

from __future__ import annotations

from backportq.cli.arguments import BranchOption, CommitsArgument, DryRunOption, JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell


def run(
    commits: CommitsArgument, branch: BranchOption = None, dry_run: DryRunOption = False, as_json: JsonOption = False
) -> None:
    """Take items from their person."""
    from backportq.services.decisions.tasks import unassign_items

    outcome = unassign_items(project(), commits, branch or (), dry_run=dry_run)
    tell(
        outcome,
        lambda one: f"taken from {one.before.assignee if one.before is not None else 'nobody'}",
        as_json=as_json,
        dry_run=dry_run,
    )
