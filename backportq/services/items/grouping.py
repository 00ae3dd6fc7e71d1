"""The order in which lists show open items, one row for each change, and what of it they fold away.

    for change in in_order(judge(entries, outlook, now), Order.LIKELY):
        change.commit, change.items      # the branches on which it is open, oldest branch first
        change.unfolded(whole=False)     # without the branches that passed it over, or None

`pending`, and whatever shows the same list (a board, a report), take order, groups and folds from here, so that two of
them cannot disagree. Nothing here needs a trial: rows can be printed while those are still being made. This module must
not judge items: their likelihood comes with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from backportq.model.ids import BranchName, Oid
from backportq.model.items.queue import ItemKey
from backportq.model.likelihood.outlook import LIKELY, Likelihood, Outlook
from backportq.model.priority import Priority
from backportq.services.items.open_items import OpenItem


class Order(StrEnum):
    """By what a list is sorted. `branch` keeps branches apart, each in the order to pick in."""

    LIKELY = "likely"
    BRANCH = "branch"
    AGE = "age"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """An open item and how likely it is to be taken."""

    entry: OpenItem
    likelihood: Likelihood

    @property
    def key(self) -> ItemKey:
        """Branch and commit."""
        return self.entry.branch, self.entry.item.commit


@dataclass(frozen=True, slots=True)
class PendingChange:
    """One commit with its open items, in the order of the branches."""

    commit: Oid
    items: tuple[JudgedItem, ...]

    @property
    def likeliest(self) -> JudgedItem:
        """The item that is most likely taken; of equal ones that of the newest branch."""
        return max(reversed(self.items), key=lambda item: item.likelihood.likely)

    @property
    def priority(self) -> Priority:
        """The most urgent priority that it has anywhere."""
        return min((item.entry.item.priority for item in self.items), key=lambda priority: priority.rank)

    def unfolded(self, *, whole: bool) -> PendingChange | None:
        """Return the change without the branches on which it was passed over too often; None where that leaves
        nothing. The `whole` change has all of them."""
        kept = tuple(item for item in self.items if whole or not item.likelihood.is_folded)
        if len(kept) == len(self.items):
            return self
        return replace(self, items=kept) if kept else None


def judge(entries: Iterable[OpenItem], outlook: Outlook, now: datetime) -> list[JudgedItem]:
    """Return the entries with how likely each is, in the same order."""
    return [JudgedItem(entry, outlook.of(entry.item, entry.branch, now)) for entry in entries]


def in_order(items: Sequence[JudgedItem], order: Order) -> list[PendingChange]:
    """Return the changes of `items`, which come branch by branch in the order to pick in, as `order` wants them.

    The most urgent stand first (security, then high where a person said so or it is likely), then the likeliest; of
    equally likely ones those of the newest branch, the newest first. By branch, a change is one of a single branch.
    """
    if order is Order.BRANCH:
        return [PendingChange(item.entry.item.commit, (item,)) for item in items]
    places = {branch: at for at, branch in enumerate(dict.fromkeys(item.entry.branch for item in items))}
    key = _KEYS[order]
    return sorted(group(items), key=lambda change: key(change, places))


def group(items: Iterable[JudgedItem]) -> list[PendingChange]:
    """Return one change for each commit, in the order in which the commits come first."""
    grouped: dict[Oid, list[JudgedItem]] = {}
    for item in items:
        grouped.setdefault(item.entry.item.commit, []).append(item)
    return [PendingChange(commit, tuple(members)) for commit, members in grouped.items()]


_Places = Mapping[BranchName, int]


def _by_likelihood(change: PendingChange, places: _Places) -> tuple[float, ...]:
    newest = max(places[item.entry.branch] for item in change.items)
    return (_urgency(change), -change.likeliest.likelihood.likely, -newest, -_moment(change))


def _urgency(change: PendingChange) -> int:
    """Return 0 for security, 1 for what is high and somebody said so or it is likely, 3 for what is low, else 2.

    What the rules call high is taken no more often than the rest. On the first screen of a queue of years it would be
    what maintainers have passed over a hundred times.
    """
    if change.priority in (Priority.SECURITY, Priority.LOW):
        return change.priority.rank
    is_urgent = any(
        item.entry.item.priority is Priority.HIGH
        and (item.entry.item.priority_by is not None or item.likelihood.likely >= LIKELY)
        for item in change.items
    )
    return Priority.HIGH.rank if is_urgent else Priority.NORMAL.rank


def _by_age(change: PendingChange, _places: _Places) -> tuple[float, ...]:
    return (_moment(change),)


def _by_author(change: PendingChange, _places: _Places) -> tuple[str | float, ...]:
    return (str(change.items[0].entry.item.author).casefold(), _moment(change))


def _moment(change: PendingChange) -> float:
    return change.items[0].entry.item.committed.timestamp()


_KEYS: dict[Order, Callable[[PendingChange, _Places], tuple[str | float, ...]]] = {
    Order.LIKELY: _by_likelihood,
    Order.AGE: _by_age,
    Order.AUTHOR: _by_author,
}
