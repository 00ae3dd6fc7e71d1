"""`object`: vote against a backport, with a reason."""

from __future__ import annotations

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


def run(
    reason: ReasonOption,
    items: ItemsArgument = None,
    branch: BranchOption = None,
    query: QueryOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Object to a backport, with a reason.

    'apply' leaves it out until you approve it. To refuse it for good there is 'decline'.
    """
    from backportq.services.decisions.verbs import object_to

    run_decision(
        asked_for(items, branch, query),
        object_to(project(), reason),
        lambda _: f"objected to: {reason}",
        DecisionMode(yes, dry_run, as_json),
    )
