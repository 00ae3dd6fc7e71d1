"""`approve`: vote for a backport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backportq.cli.deciding import WordedVerb, deciding
from backportq.cli.invocation import project

if TYPE_CHECKING:
    from backportq.services.decisions.decide import ItemDecision


@deciding
def run() -> WordedVerb:
    """Approve a backport.

    Where config.toml says [policy] approvals = N, 'apply' takes only what N people approve and nobody objects to.
    Approving takes back an objection of your own.
    """
    from backportq.model.items.votes import tally
    from backportq.services.decisions.verbs import approve

    opened = project()

    def words(decision: ItemDecision) -> str:
        votes = tally(decision.item, opened.store.snapshot().state.config.policy)
        return f"approved, {votes.why_not}" if votes.why_not is not None else "approved"

    return approve(opened), words
