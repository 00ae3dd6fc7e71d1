"""`object`: vote against a backport, with a reason."""

from __future__ import annotations

from backportq.cli.arguments import ReasonOption
from backportq.cli.deciding import WordedVerb, deciding
from backportq.cli.invocation import project


@deciding
def run(reason: ReasonOption) -> WordedVerb:
    """Object to a backport, with a reason.

    'apply' leaves it out until you approve it. To refuse it for good there is 'decline'.
    """
    from backportq.services.decisions.verbs import object_to

    return object_to(project(), reason), lambda _: f"objected to: {reason}"
