"""One row a change: how items are grouped, in which order the rows stand, and what is folded away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from backportq.model.commit import Identity
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item, State
from backportq.model.likelihood.outlook import Likelihood
from backportq.model.priority import Priority
from backportq.services.items.grouping import JudgedItem, Order, PendingChange, in_order
from backportq.services.items.open_items import EffectiveState, OpenItem

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def judged(
    commit: str,
    branch: str,
    likely: float,
    *,
    days: int = 1,
    priority: Priority = Priority.NORMAL,
    by: str | None = None,
    folded: bool = False,
    author: str = "Ada",
) -> JudgedItem:
    item = Item(
        Oid(commit * 40),
        f"subject of {commit}",
        Identity(author, f"{author.lower()}@example.org"),
        NOW - timedelta(days=days),
        State.PENDING,
        priority=priority,
        priority_by=by,
    )
    entry = OpenItem(item, BranchName(branch), Oid("f" * 40), EffectiveState.PENDING)
    return JudgedItem(entry, Likelihood(likely, (), 0, days, is_folded=folded))


def names(changes: list[PendingChange]) -> str:
    return " ".join(f"{change.commit[0]}:{','.join(item.entry.branch for item in change.items)}" for change in changes)


def test_in_order_one_commit_on_three_branches_is_one_change() -> None:
    items = [judged("a", "1.0", 0.1), judged("a", "1.1", 0.3), judged("b", "1.1", 0.2), judged("a", "1.2", 0.3)]
    first, second = in_order(items, Order.LIKELY)
    assert names([first, second]) == "a:1.0,1.1,1.2 b:1.1"
    assert first.likeliest.entry.branch == "1.2"


def test_in_order_urgent_stands_before_likely_and_that_before_new() -> None:
    items = [
        judged("a", "1.0", 0.9),
        judged("b", "1.0", 0.0, priority=Priority.SECURITY),
        judged("c", "1.0", 0.5, days=9),
        judged("d", "1.0", 0.5, days=2),
        judged("e", "1.0", 0.0, priority=Priority.HIGH),
        judged("3", "1.0", 0.0, priority=Priority.HIGH, by="Ada <ada@example.org>"),
        judged("4", "1.0", 0.4, priority=Priority.HIGH),
        judged("c", "1.1", 0.5, days=9),
        judged("0", "1.1", 1.0, priority=Priority.LOW),
    ]
    assert names(in_order(items, Order.LIKELY)) == "b:1.0 4:1.0 3:1.0 a:1.0 c:1.0,1.1 d:1.0 e:1.0 0:1.1"


def test_in_order_by_branch_age_and_author() -> None:
    items = [
        judged("a", "1.0", 0.1, days=3, author="Zoe"),
        judged("b", "1.0", 0.2, days=5),
        judged("a", "1.1", 0.9, days=3, author="Zoe"),
    ]
    assert names(in_order(items, Order.BRANCH)) == "a:1.0 b:1.0 a:1.1"
    assert names(in_order(items, Order.AGE)) == "b:1.0 a:1.0,1.1"
    assert names(in_order(items, Order.AUTHOR)) == "b:1.0 a:1.0,1.1"


def test_unfolded_keeps_the_branches_that_did_not_pass_it_over() -> None:
    (change,) = in_order([judged("a", "1.0", 0, folded=True), judged("a", "1.1", 0.2)], Order.LIKELY)
    (gone,) = in_order([judged("b", "1.0", 0, folded=True)], Order.LIKELY)
    kept = change.unfolded(whole=False)
    assert kept is not None
    assert names([kept]) == "a:1.1"
    assert change.unfolded(whole=True) == change
    assert gone.unfolded(whole=False) is None
