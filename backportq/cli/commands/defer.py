"""`defer`: put an item off until a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from backportq.cli.arguments import parse_day
from backportq.cli.deciding import WordedVerb, deciding
from backportq.cli.invocation import project

if TYPE_CHECKING:
    from backportq.services.decisions.decide import ItemDecision


@deciding
def run(
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="the day it is due again: 2026-07-01, 2w, 10d")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", "--note", "-m", metavar="TEXT", help="what it waits for")
    ] = None,
) -> WordedVerb:
    """Put items off until a day, when they are due again by themselves, or for a reason."""
    from backportq.services.decisions.verbs import defer

    day = parse_day(until, project().clock().date()) if until is not None else None
    return defer(project(), until=day, reason=reason), _words


def _words(decision: ItemDecision) -> str:
    until = f" until {decision.item.until.isoformat()}" if decision.item.until is not None else ""
    return f"deferred{until}" + (f": {decision.item.reason}" if decision.item.reason else "")
