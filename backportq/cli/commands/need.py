"""`need`: record what an item needs first."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import BranchOption, CommitArgument, DryRunOption, JsonOption, branches_among
from backportq.cli.deciding import DecisionMode, asked_for, run_decision
from backportq.cli.invocation import project
from backportq.cli.terminal import output
from backportq.errors import DecisionError, UsageError
from backportq.model.ids import short
from backportq.model.trials.verdict import Verdict
from backportq.model.words import typed


def run(
    commit: CommitArgument,
    needs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NEEDED|BRANCH]...",
            help="the commits it needs, in pick order; stable branches as with --branch",
        ),
    ] = None,
    branch: BranchOption = None,
    remove: Annotated[bool, typer.Option("--remove", help="forget these instead")] = False,
    from_explain: Annotated[
        bool, typer.Option("--from-explain", help="those that 'backportq explain' finds on the one --branch")
    ] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Record that COMMIT needs other commits to be picked first.

    Those that neither the branch nor its queue has are named by 'backportq pending' until they are tagged or picked.

    With --from-explain the prerequisites are searched for by trial, as 'backportq explain' does it.
    """
    from backportq.services.decisions.verbs import need

    needs, branch = branches_among(needs or (), branch)
    if from_explain:
        needs = _found(commit, needs, branch, remove=remove, quiet=as_json)
    elif not needs:
        raise UsageError("no commit that it needs", hints=("backportq need COMMIT NEEDED", "or --from-explain"))
    run_decision(
        asked_for([commit], branch, None),
        need(project(), commit, needs, remove=remove),
        lambda decision: "needs " + (", ".join(short(oid) for oid in decision.item.needs) or "nothing any more"),
        DecisionMode(dry_run=dry_run, as_json=as_json),
    )


def _found(commit: str, needs: list[str], branch: list[str], *, remove: bool, quiet: bool) -> list[str]:
    """Return the prerequisites that a search finds."""
    from backportq.services.trials.explain import Bounds, explain

    if needs or remove or len(branch) != 1:
        raise UsageError(
            "--from-explain takes one commit and one branch",
            hints=("backportq need COMMIT --branch BRANCH --from-explain",),
        )
    found = explain(project(), commit, branch[0], bounds=Bounds())
    if found.verdict is not Verdict.CONFLICT:
        raise DecisionError(f"'{short(found.commit.oid)}' does not conflict on '{found.branch}', so it needs nothing")
    if not found.applies_after_all:
        why = f": {found.bound}" if found.bound is not None else ""
        raise DecisionError(
            f"no commits were found after which '{short(found.commit.oid)}' applies to '{found.branch}'{why}",
            hints=(f"backportq explain {short(found.commit.oid)} {typed(found.branch)} --limit 500 --seconds 120",),
        )
    for each in () if quiet else found.prerequisites:
        output.say(f"{short(each.commit)} comes first: {each.subject}")
    return [each.commit for each in found.prerequisites]
