"""`link`: say that one commit is the pick of another."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import DryRunOption, JsonOption, branches_among
from backportq.cli.deciding import DecisionMode, run_plan
from backportq.cli.invocation import project
from backportq.errors import UsageError
from backportq.model.ids import short


def run(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="COMMIT PICK [BRANCH]",
            help="an upstream commit, the commit on a stable branch that carries it, and the branch if several have it",
        ),
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
    # The first two are revisions, whatever they are called: the tip of a branch is named like the branch.
    revisions = [] if all_proposed else list(words or ())[:2]
    commits, branches = branches_among((words or ())[len(revisions) :], None if branch is None else [branch])
    commits = [*revisions, *commits]
    if len(branches) > 1:
        raise UsageError(f"one branch at a time, found '{branches[0]}' and '{branches[1]}'")
    if all_proposed:
        if commits:
            raise UsageError("--all-proposed takes no COMMIT and no PICK", hints=("backportq link --all-proposed",))
        plan = link_proposed_plan(opened, branches)
    elif len(commits) != 2:
        raise UsageError("a COMMIT and its PICK are wanted", hints=("backportq link COMMIT PICK",))
    else:
        plan = link_plan(opened, commits[0], commits[1], branches[0] if branches else None)
    run_plan(
        plan,
        lambda decision: f"landed as {short(decision.item.linked) if decision.item.linked is not None else ''}",
        DecisionMode(dry_run=dry_run, as_json=as_json),
    )
