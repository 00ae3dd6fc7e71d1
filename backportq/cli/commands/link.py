"""`link`: say that one commit is the pick of another."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import DryRunOption, JsonOption
from backportq.cli.deciding import DecisionMode, run_plan
from backportq.cli.invocation import project
from backportq.errors import UsageError
from backportq.model.ids import short


def run(
    commit: Annotated[str | None, typer.Argument(metavar="COMMIT", help="an upstream commit")] = None,
    pick: Annotated[
        str | None, typer.Argument(metavar="PICK", help="the commit on the stable branch that carries it")
    ] = None,
    branch: Annotated[
        str | None, typer.Option("--branch", "-b", metavar="BRANCH", help="the branch, if several have PICK")
    ] = None,
    all_proposed: Annotated[
        bool, typer.Option("--all-proposed", help="take all picks that scan proposes, on all branches or on BRANCH")
    ] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say that PICK, on a stable branch, is the pick of COMMIT, where no message says so."""
    from backportq.services.decisions.link import link_plan, link_proposed_plan

    opened = project()
    if all_proposed:
        if commit is not None or pick is not None:
            raise UsageError("--all-proposed takes no COMMIT and no PICK", hints=("backportq link --all-proposed",))
        plan = link_proposed_plan(opened, (branch,) if branch is not None else ())
    elif commit is None or pick is None:
        raise UsageError("a COMMIT and its PICK are wanted", hints=("backportq link COMMIT PICK",))
    else:
        plan = link_plan(opened, commit, pick, branch)
    run_plan(
        plan,
        lambda decision: f"landed as {short(decision.item.linked) if decision.item.linked is not None else ''}",
        DecisionMode(dry_run=dry_run, as_json=as_json),
    )
