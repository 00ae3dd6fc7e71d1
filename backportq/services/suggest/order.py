"""The orders in which a list shows open items, and which of them it folds away.

For people what belongs first stands first; `branch` is the order to pick in. This module must not judge items: their
likelihood comes with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backportq.model.items.item import Priority
from backportq.model.likelihood.outlook import Likelihood
from backportq.services.items.tried_items import TriedItem


class Order(StrEnum):
    """By what a list is sorted within each branch."""

    LIKELY = "likely"
    BRANCH = "branch"
    AGE = "age"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """An open item with its trial and how likely it is to be taken."""

    tried: TriedItem
    likelihood: Likelihood


def in_order(items: Sequence[JudgedItem], order: Order) -> list[JudgedItem]:
    """Return `items`, which come in the order to pick in, as `order` wants them; branches stay together."""
    branches = list(dict.fromkeys(item.tried.entry.branch for item in items))
    key = _KEYS[order]
    return [
        item
        for branch in branches
        for item in sorted((each for each in items if each.tried.entry.branch == branch), key=key)
    ]


def _by_likelihood(item: JudgedItem) -> tuple[float | str, ...]:
    entry = item.tried.entry
    return (
        entry.item.priority is not Priority.SECURITY,
        -item.likelihood.likely,
        -entry.item.committed.timestamp(),
    )


_KEYS: dict[Order, Callable[[JudgedItem], tuple[float | str, ...]]] = {
    Order.LIKELY: _by_likelihood,
    Order.BRANCH: lambda _: (),
    Order.AGE: lambda item: (item.tried.entry.item.committed.timestamp(),),
    Order.AUTHOR: lambda item: (str(item.tried.entry.item.author).casefold(),),
}
