"""`untag`: withdraw nominations that people made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backportq.cli.deciding import WordedVerb, deciding
from backportq.cli.invocation import project

if TYPE_CHECKING:
    from backportq.services.decisions.decide import ItemDecision


@deciding
def run() -> WordedVerb:
    """Withdraw nominations that people made.

    An item that the history nominates too stays in the queue; against that there is decline.
    """
    from backportq.services.decisions.verbs import untag

    return untag(project()), _words


def _words(decision: ItemDecision) -> str:
    if decision.after is None:
        return "taken out of the queue"
    if decision.after.nominations:
        return "withdrawn, but the history nominates it"
    return "withdrawn, kept for what people decided about it"
