"""`approve`: vote for a backport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backportq.cli.arguments import BranchOption, CommitsArgument, DryRunOption, JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell

if TYPE_CHECKING:
    from backportq.services.decisions.decide import ItemDecision


def run(
    commits: CommitsArgument,
    branch: BranchOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Approve a backport.

    Where config.toml says [policy] approvals = N, 'apply' takes only what N people approve and nobody objects to.
    Approving takes back an objection of your own.
    """
    from backportq.model.items.votes import tally
    from backportq.services.decisions.vote import approve_items

    opened = project()
    outcome = approve_items(opened, commits, branch or (), dry_run=dry_run)
    policy = opened.store.snapshot().state.config.policy

    def words(one: ItemDecision) -> str:
        votes = tally(one.item, policy)
        return f"approved, {votes.why_not}" if votes.why_not is not None else "approved"

    tell(outcome, words, as_json=as_json, dry_run=dry_run)
