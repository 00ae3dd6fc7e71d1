"""The picks that people named with `link`, where no message says it.

Apart because everything that reads facts passes them on, and some of it must stay light to import. This module must not
judge whether a link is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backportq.model.ids import BranchName, Oid
from backportq.model.items.queue import QueueState


def links_of(state: QueueState) -> Mapping[BranchName, Mapping[Oid, Oid]]:
    """Return, for each branch, which commits on it people named as picks, and of which upstream commits."""
    found = {
        name: {item.linked: item.commit for item in (*queue.open, *queue.closed) if item.linked is not None}
        for name, queue in state.branches.items()
    }
    return MappingProxyType({name: links for name, links in found.items() if links})
