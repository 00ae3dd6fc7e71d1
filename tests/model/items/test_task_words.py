"""The life of a task as its events tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from backportq.model.commit import Identity
from backportq.model.ids import Oid
from backportq.model.items.decisions import assign, hand_back, take, unassign
from backportq.model.items.item import Item, State
from backportq.model.items.records import Actor, TaskWord
from backportq.model.items.task_words import blocker_words, since_words, task_words, why_words
from backportq.model.items.tasks import asked_at, current_task, is_overdue, last_event, taken_at

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
CORA = Identity("Cora Committer", "cora@example.org")
ITEM = Item(Oid("1" * 40), "fix it", Identity("Ada Author", "ada@example.org"), NOW)
TODAY = date(2026, 6, 20)


def on(days: int) -> Actor:
    return Actor(CORA, NOW + timedelta(days=days))


def test_assign_take_hand_back_are_told_in_words() -> None:
    asked = assign(ITEM, "ada", due=date(2026, 6, 15), by=on(0), why="wrote the fix")
    taken = take(asked, "ada", on(2))
    back = hand_back(taken, on(5), "no test machine")
    again = assign(back, "ben", by=on(6))

    assert task_words(ITEM, TODAY) == "unassigned"
    assert task_words(asked, TODAY) == "asked of ada on 2026-06-01, due 2026-06-15 (5 days overdue)"
    assert why_words(asked) == "wrote the fix"
    assert task_words(taken, date(2026, 6, 15)) == "taken by ada on 2026-06-03, due 2026-06-15"
    assert since_words(taken, TODAY) == "taken 3 Jun, due 15 Jun (5 days overdue)"
    assert task_words(back, TODAY) == "unassigned, handed back by ada on 2026-06-06: no test machine"
    assert task_words(again, TODAY) == "asked of ben on 2026-06-07"


def test_current_task_holds_only_what_concerns_the_present_assignee() -> None:
    item = assign(hand_back(assign(ITEM, "ada", by=on(0)), on(1), "no"), "ada", by=on(2))

    assert [event.at.day for event in current_task(item)] == [3]
    assert asked_at(item) == NOW + timedelta(days=2)
    assert taken_at(item) is None
    assert current_task(replace(item, assignee=None)) == ()


def test_current_task_of_events_in_one_second_is_as_they_happened() -> None:
    item = assign(
        hand_back(take(assign(ITEM, "ada", by=on(0)), "ada", on(0)), on(0), "no"), "ada", by=on(0), why="again"
    )

    assert [event.text for event in current_task(item)] == ["again"]
    assert taken_at(item) is None


def test_assign_to_somebody_else_forgets_the_day_of_the_first() -> None:
    asked = assign(ITEM, "ada", due=date(2026, 6, 15), by=on(0))

    assert assign(asked, "ben", by=on(1)).due is None
    assert assign(asked, "ada", by=on(1)) == asked
    assert assign(asked, "ada", due=date(2026, 6, 30), by=on(1)).due == date(2026, 6, 30)


def test_unassign_keeps_who_had_it() -> None:
    event = last_event(unassign(assign(ITEM, "ada", by=on(0)), on(1)).tasks, TaskWord.WITHDRAWN)

    assert event is not None
    assert (event.who, event.by) == ("ada", str(CORA))


def test_is_overdue_only_while_open_and_from_the_day_after() -> None:
    asked = assign(ITEM, "ada", due=date(2026, 6, 15), by=on(0))

    assert not is_overdue(asked, date(2026, 6, 15))
    assert is_overdue(asked, date(2026, 6, 16))
    assert not is_overdue(replace(asked, state=State.LANDED), date(2026, 6, 16))


def test_blockers_beyond_the_most_are_counted() -> None:
    items = [replace(ITEM, commit=Oid(f"{number}" * 40), subject=f"change {number}") for number in range(1, 6)]

    assert len(blocker_words(items)) == 5
    assert blocker_words(items, 5) == blocker_words(items)
    assert blocker_words(items, 2) == (
        "after 111111111111 change 1 (pending)",
        "and after 222222222222 change 2 (pending)",
        "and after 3 more: 'backportq show' has them all",
    )
