"""`defer`: put an item off until a date."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import BranchOption, CommitsArgument, DryRunOption, JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell


def run(
    commits: CommitsArgument,
    branch: BranchOption = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="the day it is due again: 2026-07-01, 2w, 10d")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", "-m", metavar="TEXT", help="what it waits for")] = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Put items off until a day, when they are due again by themselves, or for a reason."""
    from backportq.cli.arguments import parse_day
    from backportq.services.decisions.refuse import defer_items

    opened = project()
    day = parse_day(until, opened.clock().date()) if until is not None else None
    outcome = defer_items(opened, commits, branch or (), until=day, reason=reason, dry_run=dry_run)
    tell(
        outcome,
        lambda one: (
            "deferred"
            + (f" until {one.item.until.isoformat()}" if one.item.until is not None else "")
            + (f": {one.item.reason}" if one.item.reason else "")
        ),
        as_json=as_json,
        dry_run=dry_run,
    )
