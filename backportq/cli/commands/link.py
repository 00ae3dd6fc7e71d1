"""`link`: say that one commit is the pick of another."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import CommitArgument, DryRunOption, JsonOption
from backportq.cli.deciding import DecisionMode, run_plan
from backportq.cli.invocation import project
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
    from backportq.services.decisions.link import link_plan

    run_plan(
        link_plan(project(), commit, pick, branch),
        lambda decision: f"landed as {short(decision.item.linked) if decision.item.linked is not None else ''}",
        DecisionMode(dry_run=dry_run, as_json=as_json),
    )
