"""`defer`: put an item off until a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from backportq.cli.arguments import (
    BranchOption,
    DryRunOption,
    ItemsArgument,
    JsonOption,
    QueryOption,
    YesOption,
    parse_day,
)
from backportq.cli.deciding import DecisionMode, asked_for, run_decision
from backportq.cli.invocation import project

if TYPE_CHECKING:
    from backportq.services.decisions.decide import ItemDecision


def run(
    items: ItemsArgument = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="the day it is due again: 2026-07-01, 2w, 10d")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", "--note", "-m", metavar="TEXT", help="what it waits for")
    ] = None,
    branch: BranchOption = None,
    query: QueryOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Put items off until a day, when they are due again by themselves, or for a reason."""
    from backportq.services.decisions.verbs import defer

    asked = asked_for(items, branch, query)
    day = parse_day(until, project().clock().date()) if until is not None else None
    run_decision(asked, defer(project(), until=day, reason=reason), _words, DecisionMode(yes, dry_run, as_json))


def _words(decision: ItemDecision) -> str:
    until = f" until {decision.item.until.isoformat()}" if decision.item.until is not None else ""
    return f"deferred{until}" + (f": {decision.item.reason}" if decision.item.reason else "")
