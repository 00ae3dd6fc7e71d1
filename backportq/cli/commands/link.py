"""`link`: say that one commit is the pick of another."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import CommitArgument, DryRunOption, JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell
from backportq.model.ids import short


def run(
    commit: CommitArgument,
    pick: Annotated[str, typer.Argument(metavar="PICK", help="the commit on the stable branch that carries it")],
    branch: Annotated[
        str | None, typer.Option("--branch", "-b", metavar="BRANCH", help="the branch, if several have PICK")
    ] = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say that PICK, on a stable branch, is the pick of COMMIT, where no message says so."""
    from backportq.services.decisions.annotate import link_item

    outcome = link_item(project(), commit, pick, branch, dry_run=dry_run)
    tell(
        outcome,
        lambda one: f"landed as {short(one.item.linked) if one.item.linked is not None else ''}",
        as_json=as_json,
        dry_run=dry_run,
    )
