"""`priority`: say how urgent items are, against what the rules say."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import parse_words
from backportq.cli.deciding import WordedVerb, deciding
from backportq.cli.invocation import project
from backportq.model.priority import Priority

_RULES = "rules"


@deciding
def run(
    level: Annotated[
        str, typer.Argument(metavar="LEVEL", help="security, high, normal or low; 'rules' leaves it to the rules again")
    ],
) -> WordedVerb:
    """Say how urgent items are, against what the rules say.

    A scan keeps what a person said. 'rules' takes that back from the next scan on.
    """
    from backportq.services.decisions.verbs import prioritise

    wanted = None if level == _RULES else parse_words(Priority, [level], "LEVEL")[0]
    return (
        prioritise(project(), wanted),
        lambda decision: f"{decision.item.priority} priority" if wanted is not None else "priority as the rules say",
    )
