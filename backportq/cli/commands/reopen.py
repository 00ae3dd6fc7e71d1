"""`reopen`: make a closed or deferred item pending again."""

from __future__ import annotations

from backportq.cli.arguments import BranchOption, CommitsArgument, DryRunOption, JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell


def run(
    commits: CommitsArgument, branch: BranchOption = None, dry_run: DryRunOption = False, as_json: JsonOption = False
) -> None:
    """Make declined and deferred items pending again."""
    from backportq.services.decisions.refuse import reopen_items

    outcome = reopen_items(project(), commits, branch or (), dry_run=dry_run)
    tell(
        outcome,
        lambda one: f"pending again, was {one.before.state if one.before is not None else 'absent'}",
        as_json=as_json,
        dry_run=dry_run,
    )
