"""`object`: vote against a backport, with a reason."""

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
    """Object to a backport, with a reason.

    'apply' leaves it out until you approve it. To refuse it for good there is 'decline'.
    """
    from backportq.services.decisions.vote import object_to_items

    outcome = object_to_items(project(), commits, branch or (), reason=reason, dry_run=dry_run)
    tell(outcome, lambda _one: f"objected to: {reason}", as_json=as_json, dry_run=dry_run)
