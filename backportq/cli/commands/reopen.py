"""`reopen`: make a closed or deferred item pending again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backportq.cli.deciding import WordedVerb, deciding
from backportq.cli.invocation import project

if TYPE_CHECKING:
    from backportq.services.decisions.decide import ItemDecision


@deciding
def run() -> WordedVerb:
    """Make declined and deferred items pending again.

    Without a branch on every branch where they are. A query finds closed items, too: 'state:declined'.
    """
    from backportq.services.decisions.verbs import reopen

    return reopen(project()), _words


def _words(decision: ItemDecision) -> str:
    return f"pending again, was {decision.before.state if decision.before is not None else 'absent'}"
