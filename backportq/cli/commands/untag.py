"""`untag`: withdraw nominations that people made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backportq.cli.arguments import BranchOption, DryRunOption, ItemsArgument, JsonOption, QueryOption, YesOption
from backportq.cli.deciding import DecisionMode, asked_for, run_decision
from backportq.cli.invocation import project

if TYPE_CHECKING:
    from backportq.services.decisions.decide import ItemDecision


def run(
    items: ItemsArgument = None,
    branch: BranchOption = None,
    query: QueryOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Withdraw nominations that people made.

    An item that the history nominates too stays in the queue; against that there is decline.
    """
    from backportq.services.decisions.verbs import untag

    run_decision(asked_for(items, branch, query), untag(project()), _words, DecisionMode(yes, dry_run, as_json))


def _words(decision: ItemDecision) -> str:
    if decision.after is None:
        return "taken out of the queue"
    if decision.after.nominations:
        return "withdrawn, but the history nominates it"
    return "withdrawn, kept for what people decided about it"
