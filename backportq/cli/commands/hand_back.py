"""`hand-back`: give an item back, with a reason."""

from __future__ import annotations

from backportq.cli.arguments import BranchOption, CommitsArgument, DryRunOption, JsonOption, ReasonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell


def run(
    commits: CommitsArgument,
    reason: ReasonOption,
    branch: BranchOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give items back to nobody, with the reason.

    Without --branch on every branch where somebody has them.
    """
    from backportq.services.decisions.tasks import hand_back_items

    outcome = hand_back_items(project(), commits, branch or (), reason=reason, dry_run=dry_run)
    tell(
        outcome,
        lambda one: f"handed back by {one.before.assignee if one.before is not None else 'nobody'}",
        as_json=as_json,
        dry_run=dry_run,
    )
