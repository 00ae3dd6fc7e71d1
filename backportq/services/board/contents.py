"""What a board shows: the open items in rows, one a change, with all branches on which it is open.

This module must not try items or decide about them; verdicts come later, branch by branch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date

from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item, State
from backportq.model.items.queue import ItemKey, QueueState
from backportq.model.likelihood.outlook import Outlook
from backportq.services.items.grouping import JudgedItem, Order, group, in_order, judge
from backportq.services.items.open_items import LATER, OpenItems, open_items
from backportq.services.items.query import matching_items
from backportq.services.items.tried_items import TriedItem, published_verdicts, try_items
from backportq.services.project import Project
from backportq.services.suggest.likelihood import read_outlook
from backportq.services.trials.queue_order import is_remembered

_REASONS = 9  # that can be chosen by a digit


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One change with the branches on which it is shown, oldest release first; at least one."""

    items: tuple[JudgedItem, ...]

    @property
    def item(self) -> Item:
        """The item on the first branch; subject, author and date are the same on all."""
        return self.items[0].entry.item

    @property
    def commit(self) -> Oid:
        """The upstream commit."""
        return self.item.commit

    @property
    def branches(self) -> tuple[BranchName, ...]:
        """The branches on which a decision about this row is made."""
        return tuple([each.entry.branch for each in self.items])

    @property
    def likely(self) -> float:
        """The likeliest of the branches."""
        return max(each.likelihood.likely for each in self.items)

    @property
    def rank(self) -> int:
        """The most urgent priority of the branches, 0 for security."""
        return min(each.entry.item.priority.rank for each in self.items)

    @property
    def people(self) -> tuple[str, ...]:
        """Keys of those who have it on some branch."""
        return tuple(dict.fromkeys(each.entry.item.assignee for each in self.items if each.entry.item.assignee))

    @property
    def is_folded(self) -> bool:
        """Whether it was passed over for good on every branch."""
        return all(each.likelihood.is_folded for each in self.items)


@dataclass(frozen=True, slots=True)
class BoardView:
    """What of the queue is shown: `branch` None for all of them; `keys` what a query admits, None without one;
    `everything` shows what was passed over for good as well."""

    branch: BranchName | None = None
    keys: frozenset[ItemKey] | None = None
    order: Order = Order.LIKELY
    everything: bool = False


@dataclass(frozen=True, slots=True)
class BoardContents:
    """The open items that are due, in the order to pick in, as they stood at the commit `tip` of the queue on the day
    `today`. `outlook` is what they were judged by."""

    tip: Oid
    today: date
    items: tuple[JudgedItem, ...]
    found: OpenItems
    outlook: Outlook

    @property
    def branches(self) -> tuple[BranchName, ...]:
        """The branches, oldest release first."""
        return tuple([branch.name for branch in self.found.branches])

    @property
    def state(self) -> QueueState:
        """The queue."""
        return self.found.state

    def counts(self) -> Mapping[BranchName, int]:
        """Return how many items each branch has."""
        return Counter(each.entry.branch for each in self.items)

    def without(self, keys: Collection[ItemKey]) -> BoardContents:
        """Return the same without these items, which were just decided about."""
        return replace(self, items=tuple([each for each in self.items if each.key not in keys]))

    def rows(self, view: BoardView) -> tuple[list[BoardRow], int]:
        """Return the rows in the order wanted, and how many more are folded away."""
        items = [
            each
            for each in self.items
            if view.branch in (None, each.entry.branch) and (view.keys is None or each.key in view.keys)
        ]
        changes = group(items) if view.order is Order.BRANCH else in_order(items, view.order)
        rows = [BoardRow(change.items) for change in changes]
        shown = [row for row in rows if view.everything or view.keys is not None or not row.is_folded]
        return shown, len(rows) - len(shown)


def read_contents(
    project: Project, branches: Sequence[str] = (), *, known: BoardContents | None = None
) -> BoardContents:
    """Return what is open and due on `branches`, on all maintained ones if none is named.

    `known` is what was read before: where only the queue has moved since, its outlook is good for all that it judged,
    and making one anew takes most of the time.
    """
    snapshot = project.store.snapshot()
    found = open_items(project, branches=branches, state=snapshot.state)
    due = [entry for entry in found.items if entry.standing not in LATER]
    outlook = known.outlook if known is not None and _is_judged(known, found) else None
    if outlook is None:
        outlook = read_outlook(project, snapshot.state)
    now = project.clock()
    items = judge(due, outlook, now)
    return BoardContents(snapshot.commit, now.astimezone(UTC).date(), tuple(items), found, outlook)


def _is_judged(known: BoardContents, found: OpenItems) -> bool:
    """Tell whether the branches are where they were, and every open item was looked at before."""
    onto = {entry.branch: entry.onto for entry in known.found.items}
    before = {entry.item.commit for entry in known.found.items}
    return all(
        entry.onto == onto.get(entry.branch, entry.onto) and entry.item.commit in before for entry in found.items
    )


def iter_verdicts(
    project: Project, contents: BoardContents, prepare: Callable[[BranchName], bool] = lambda _: True
) -> Iterator[Sequence[TriedItem]]:
    """Yield the tried items of one branch after the other; the newest release, where most is to do, first.

    `prepare` is called with a branch of which nothing is remembered: what it has another process find out is not
    computed in this one. It ends the iteration by returning False.
    """
    published = published_verdicts(project.store)
    for branch in reversed(contents.branches):
        entries = [entry for entry in contents.found.items if entry.branch == branch]
        if not entries:
            continue
        due = [entry.item.commit for entry in entries if entry.standing not in LATER]
        is_new = published is None and not is_remembered(project.repository, entries[0].onto, due)
        if is_new and not prepare(branch):
            return
        yield try_items(project.repository, entries, contents.found.elsewhere, published=published)


def query_keys(project: Project, state: QueueState, text: str, branches: Sequence[str] = ()) -> frozenset[ItemKey]:
    """Return the open items that the query `text` admits; raise `UsageError` where it is none."""
    return frozenset(matching_items(project, state, text, branches))


def usual_reasons(state: QueueState) -> tuple[str, ...]:
    """Return the reasons for which items were declined most often in this queue."""
    reasons = Counter(
        item.reason
        for queue in state.branches.values()
        for item in queue.closed
        if item.state is State.DECLINED and item.reason
    )
    return tuple(reason for reason, _ in reasons.most_common(_REASONS))
