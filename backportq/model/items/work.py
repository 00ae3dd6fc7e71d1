"""What doing the work leaves on an item: the topic branch it was picked to, and whether it built there.

Kept beside the decisions, so that others see that somebody is at it, and where; that it is done is never written here,
because only the branch can say so. This module must not know git.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from backportq.model.commit import Identity
from backportq.model.items.item import Item, State
from backportq.model.items.records import Check

_MOST_EARLIER = 5


def is_picked(item: Item) -> bool:
    """Tell whether a pick of the item is being made, or waits on a topic branch to be taken to its branch."""
    return item.state is State.IN_PROGRESS and item.topic is not None


def begin(item: Item, topic: str, who: Identity, at: datetime, assignee: str | None) -> Item:
    """Return the item as in progress on `topic`; an item that nobody has becomes that of `assignee` (a key).

    The topic that it had is kept among the earlier ones, since a branch with a pick may wait there for review. A closed
    item stays as it is: the pick is made, and scanning finds what comes of it.
    """
    if not item.state.is_open:
        return item
    if item.state is State.IN_PROGRESS and item.topic == topic:
        return item
    return replace(
        _on_topic(item, [*item.earlier_topics, item.topic], topic),
        state=State.IN_PROGRESS,
        assignee=item.assignee or assignee,
        until=None,
        by=str(who),
        at=at.replace(microsecond=0),
    )


def give_up(item: Item, topic: str) -> Item:
    """Return the item without `topic`: on the topic it had before, or pending; its person keeps the task."""
    earlier = [other for other in item.earlier_topics if other != topic]
    if item.topic != topic:
        return replace(item, earlier_topics=tuple(earlier))
    before = earlier.pop() if earlier and item.state is State.IN_PROGRESS else None
    state = State.PENDING if item.state is State.IN_PROGRESS and before is None else item.state
    return replace(_on_topic(item, earlier, before), state=state)


def hand_in(item: Item, topic: str, where: str) -> Item:
    """Return the item as handed in for review; one that is on another topic by now stays as it is."""
    return replace(item, published=where) if item.topic == topic and item.state.is_open else item


def with_check(item: Item, check: Check) -> Item:
    """Return the item with the result of a check."""
    return replace(item, check=replace(check, at=check.at.replace(microsecond=0)))


def _on_topic(item: Item, earlier: Sequence[str | None], topic: str | None) -> Item:
    """Return the item on `topic`, with these earlier ones; the oldest are forgotten."""
    others = [other for other in dict.fromkeys(earlier) if other is not None and other != topic]
    return replace(item, topic=topic, earlier_topics=tuple(others[-_MOST_EARLIER:]), published=None)
