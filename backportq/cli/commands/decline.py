"""`decline`: refuse a backport, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from backportq.cli.arguments import (
    BranchOption,
    DryRunOption,
    ItemsArgument,
    JsonOption,
    QueryOption,
    ReasonOption,
    YesOption,
)
from backportq.cli.deciding import DecisionMode, asked_for, run_decision
from backportq.cli.invocation import project
from backportq.cli.terminal import output
from backportq.model.ids import short
from backportq.model.words import typed

if TYPE_CHECKING:
    from backportq.services.decisions.decide import DecisionResult


def run(
    reason: ReasonOption,
    items: ItemsArgument = None,
    older: Annotated[bool, typer.Option("--older", help="also on all older branches that have it")] = False,
    branch: BranchOption = None,
    query: QueryOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Refuse a backport, with a reason; the refusal lasts until it is reopened.

    Without a branch on every branch that has the commit open.
    """
    from backportq.services.decisions.verbs import decline

    asked = asked_for(items, branch, query, older=older)
    result = run_decision(
        asked,
        decline(project(), reason),
        lambda decision: f"declined: {decision.item.reason}",
        DecisionMode(yes, dry_run, as_json),
    )
    if result is not None and asked.query is None and not as_json and not older:
        _offer_older(result, reason)


def _offer_older(result: DecisionResult, reason: str) -> None:
    """Say on which older branches the same commits are still open: what one doesn't want, they hardly do."""
    from backportq.services.decisions.select import older_with

    selection = result.planned.selection
    older = older_with(result.state, selection) if selection is not None else ()
    if older:
        output.note(f"still open on older branches: {', '.join(older)}")
        ids = " ".join(dict.fromkeys(short(decision.commit) for decision in result.decided))
        names = " ".join(f"--branch {typed(name)}" for name in older)
        output.next_step(f"backportq decline {ids} {names} -m {typed(reason)}")
