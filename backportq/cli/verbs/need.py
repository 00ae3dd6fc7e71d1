"""`need`: record what an item needs first."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.decided import tell
from backportq.cli.invocation import project
from backportq.cli.options import BranchOption, CommitArgument, DryRunOption, JsonOption
from backportq.model.ids import short


def run(
    commit: CommitArgument,
    needs: Annotated[list[str], typer.Argument(metavar="NEEDED...", help="the commits it needs, in pick order")],
    branch: BranchOption = None,
    remove: Annotated[bool, typer.Option("--remove", help="forget these instead")] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Record that COMMIT needs other commits to be picked first."""
    from backportq.services.remarks import need_items

    outcome = need_items(project(), commit, needs, branch or (), remove=remove, dry_run=dry_run)
    tell(
        outcome,
        lambda one: "needs " + (", ".join(short(oid) for oid in one.item.needs) or "nothing any more"),
        as_json=as_json,
        dry_run=dry_run,
    )
