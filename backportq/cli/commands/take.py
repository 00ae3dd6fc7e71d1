"""`take`: assign items to yourself and start on them."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.deciding import WordedVerb, deciding
from backportq.cli.invocation import project


@deciding
def run(
    force: Annotated[bool, typer.Option("--force", help="also what is assigned to somebody else")] = False,
) -> WordedVerb:
    """Assign items to yourself and start on them.

    Who you are is what git says (user.name and user.email); you are added to the people if need be.
    """
    from backportq.services.decisions.verbs import take

    return take(project(), force=force), lambda decision: f"in progress by {decision.item.assignee}"
