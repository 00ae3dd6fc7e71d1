"""`untag`: withdraw nominations that people made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backportq.cli.arguments import BranchOption, CommitsArgument, DryRunOption, JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell

if TYPE_CHECKING:
    from backportq.services.decisions.decide import ItemDecision


def run(
    commits: CommitsArgument, branch: BranchOption = None, dry_run: DryRunOption = False, as_json: JsonOption = False
) -> None:
    """Withdraw nominations that people made.

    An item that the history nominates too stays in the queue; against that there is decline.
    """
    from backportq.services.decisions.nominate import untag

    outcome = untag(project(), commits, branch or (), dry_run=dry_run)
    tell(
        outcome,
        _told,
        as_json=as_json,
        dry_run=dry_run,
    )


def _told(one: ItemDecision) -> str:
    if one.after is None:
        return "taken out of the queue"
    if one.after.nominations:
        return "withdrawn, but the history nominates it"
    return "withdrawn, kept for what people decided about it"
