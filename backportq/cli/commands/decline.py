"""`decline`: refuse a backport, with a reason."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import BranchOption, CommitsArgument, DryRunOption, JsonOption, ReasonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell
from backportq.cli.terminal import output
from backportq.model.words import typed


def run(
    commits: CommitsArgument,
    reason: ReasonOption,
    branch: BranchOption = None,
    older: Annotated[bool, typer.Option("--older", help="also on all older branches that have it")] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Refuse a backport, with a reason; the refusal lasts until it is reopened.

    Without --branch on every branch that has the commit open.
    """
    from backportq.model.ids import short
    from backportq.services.decisions.refuse import decline_items

    declined = decline_items(project(), commits, branch or (), reason=reason, older=older, dry_run=dry_run)
    tell(declined.outcome, lambda one: f"declined: {one.item.reason}", as_json=as_json, dry_run=dry_run)
    if declined.older and not as_json:
        output.note(f"still open on older branches: {', '.join(declined.older)}")
        ids = " ".join(dict.fromkeys(short(one.commit) for one in declined.outcome.decided))
        names = " ".join(f"--branch {typed(name)}" for name in declined.older)
        output.next_step(f"backportq decline {ids} {names} -m {typed(reason)}")
