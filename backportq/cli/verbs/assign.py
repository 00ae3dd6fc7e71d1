"""`assign`: give items to a person."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.decided import tell
from backportq.cli.invocation import project
from backportq.cli.options import BranchOption, CommitsArgument, DryRunOption, JsonOption


def run(
    commits: CommitsArgument,
    to: Annotated[str, typer.Option("--to", metavar="PERSON", help="a key, name or mail; 'me' is you")],
    branch: BranchOption = None,
    due: Annotated[str | None, typer.Option("--due", metavar="DATE", help="when it is wanted by")] = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give items to a person.

    Without --branch on every branch that has the commit open.
    """
    from backportq.cli.days import parse_day
    from backportq.services.tasks import assign_items

    opened = project()
    day = parse_day(due, opened.clock().date()) if due is not None else None
    outcome = assign_items(opened, commits, branch or (), to=to, due=day, dry_run=dry_run)
    tell(
        outcome,
        lambda one: (
            f"assigned to {one.item.assignee}"
            + (f", before {one.before.assignee}" if one.before is not None and one.before.assignee else "")
        ),
        as_json=as_json,
        dry_run=dry_run,
    )
