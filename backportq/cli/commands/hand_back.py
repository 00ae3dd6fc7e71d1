"""`hand-back`: give an item back, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backportq.cli.arguments import ReasonOption
from backportq.cli.deciding import WordedVerb, deciding
from backportq.cli.invocation import project

if TYPE_CHECKING:
    from backportq.services.decisions.decide import ItemDecision


@deciding
def run(reason: ReasonOption) -> WordedVerb:
    """Give items back to nobody, with the reason.

    Without a branch on every branch where somebody has them.
    """
    from backportq.services.decisions.verbs import hand_back

    return hand_back(project(), reason), _words


def _words(decision: ItemDecision) -> str:
    return f"handed back by {decision.before.assignee if decision.before is not None else 'nobody'}"
