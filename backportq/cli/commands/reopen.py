"""`reopen`: make a closed or deferred item pending again."""

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
    """Make declined and deferred items pending again.

    Without a branch on every branch where they are. A query finds closed items, too: 'state:declined'.
    """
    from backportq.services.decisions.verbs import reopen

    run_decision(asked_for(items, branch, query), reopen(project()), _words, DecisionMode(yes, dry_run, as_json))


def _words(decision: ItemDecision) -> str:
    return f"pending again, was {decision.before.state if decision.before is not None else 'absent'}"
