"""`unassign`: take items from their person."""

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
    """Take items from their person.

    Without a branch on every branch where somebody has them.
    """
    from backportq.services.decisions.verbs import unassign

    run_decision(asked_for(items, branch, query), unassign(project()), _words, DecisionMode(yes, dry_run, as_json))


def _words(decision: ItemDecision) -> str:
    return f"taken from {decision.before.assignee if decision.before is not None else 'nobody'}"
