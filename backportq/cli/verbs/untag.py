"""`untag`: withdraw nominations that people made."""

from __future__ import annotations

from backportq.cli.decided import tell
from backportq.cli.invocation import project
from backportq.cli.options import BranchOption, CommitsArgument, DryRunOption, JsonOption


def run(
    commits: CommitsArgument, branch: BranchOption = None, dry_run: DryRunOption = False, as_json: JsonOption = False
) -> None:
    """Withdraw nominations that people made.

    An item that the history nominates too stays in the queue; against that there is decline.
    """
    from backportq.services.tagging import untag

    outcome = untag(project(), commits, branch or (), dry_run=dry_run)
    tell(
        outcome,
        lambda one: "taken out of the queue" if one.after is None else "withdrawn, but others nominate it",
        as_json=as_json,
        dry_run=dry_run,
    )
