"""What happened to an item as a task: asked, taken, handed back, reminded, escalated.

Each event is kept with the item for good, so that "taken by Ada since May, due last week, handed back once" can be
said, and counted, long after; that it is done is no event, because only git can say so. This module must not decide
what an event leads to: `backportq.model.items.decisions` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from backportq.model.commit import Identity
from backportq.model.items.item import Item
from backportq.model.items.records import TaskEvent, TaskWord


def in_time(events: Iterable[TaskEvent]) -> list[TaskEvent]:
    """Return events oldest first; of one second, as they are stored, which is as they happened."""
    return sorted(events, key=lambda event: event.at)


def with_event(
    item: Item,
    what: TaskWord,
    who: str,
    by: Identity,
    at: datetime,
    *,
    due: date | None = None,
    text: str | None = None,
    message_id: str | None = None,
) -> Item:
    """Return the item with one more event; it changes nothing else."""
    event = TaskEvent(what, who, at, by=str(by), due=due, text=text, message_id=message_id)
    return item if event in item.tasks else replace(item, tasks=(*item.tasks, event))


def current_task(item: Item) -> tuple[TaskEvent, ...]:
    """Return the events since the task was last given to its present assignee, oldest first; none where nobody has
    it, or where it was given before events were kept."""
    if item.assignee is None:
        return ()
    events = in_time(item.tasks)
    start = 0
    for index, event in enumerate(events):
        if event.what in {TaskWord.HANDED_BACK, TaskWord.WITHDRAWN} or event.who != item.assignee:
            start = index + 1
    return tuple(events[start:])


def last_event(events: Iterable[TaskEvent], *words: TaskWord) -> TaskEvent | None:
    """Return the newest event of one of these kinds, or None."""
    found = [event for event in in_time(events) if event.what in words]
    return found[-1] if found else None


def asked_at(item: Item) -> datetime | None:
    """Return since when the assignee has the task, as far as it is known."""
    first = next((event for event in current_task(item) if event.what in {TaskWord.ASKED, TaskWord.TAKEN}), None)
    return first.at if first is not None else None


def taken_at(item: Item) -> datetime | None:
    """Return when the assignee began, None where only asked."""
    taken = last_event(current_task(item), TaskWord.TAKEN)
    return taken.at if taken is not None else None


def is_overdue(item: Item, today: date) -> bool:
    """Tell whether an open task has passed the day by which it was wanted."""
    return item.state.is_open and item.due is not None and item.due < today
