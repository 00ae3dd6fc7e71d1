"""`hand-back`: give an item back, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from backportq.services.decisions.decide import ItemDecision


def run(
    reason: ReasonOption,
    items: ItemsArgument = None,
    branch: BranchOption = None,
    query: QueryOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give items back to nobody, with the reason.

    Without a branch on every branch where somebody has them.
    """
    from backportq.services.decisions.verbs import hand_back

    run_decision(
        asked_for(items, branch, query), hand_back(project(), reason), _words, DecisionMode(yes, dry_run, as_json)
    )


def _words(decision: ItemDecision) -> str:
    return f"handed back by {decision.before.assignee if decision.before is not None else 'nobody'}"
