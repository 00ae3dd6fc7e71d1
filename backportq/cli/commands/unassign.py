"""`unassign`: take items from their person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backportq.cli.deciding import WordedVerb, deciding
from backportq.cli.invocation import project

if TYPE_CHECKING:
    from backportq.services.decisions.decide import ItemDecision


@deciding
def run() -> WordedVerb:
    """Take items from their person.

    Without a branch on every branch where somebody has them.
    """
    from backportq.services.decisions.verbs import unassign

    return unassign(project()), _words


def _words(decision: ItemDecision) -> str:
    return f"taken from {decision.before.assignee if decision.before is not None else 'nobody'}"
