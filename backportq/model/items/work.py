"""What doing the work leaves on an item: the topic branch it was picked to, and whether it built there.

Kept beside the decisions, so that others see that somebody is at it, and where; that it is done is never written here,
because only the branch can say so. This module must not know git.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from backportq.model.commit import Identity
from backportq.model.ids import Oid
from backportq.model.items.item import Item, State
from backportq.model.items.records import Check, CheckResult

_TOPIC = "topic"
_EARLIER = "earlier_topics"
_CHECK = "check"
_MOST_EARLIER = 5


def topic_of(item: Item) -> str | None:
    """Return the branch that the item was last picked to, or None."""
    found = item.extra.get(_TOPIC)
    return found if isinstance(found, str) else None


def earlier_topics(item: Item) -> tuple[str, ...]:
    """Return the other branches that the item was picked to before and that nobody gave up, oldest first."""
    found = item.extra.get(_EARLIER)
    known = found if isinstance(found, (list, tuple)) else ()
    return tuple(topic for topic in known if isinstance(topic, str) and topic != topic_of(item))


def is_picked(item: Item) -> bool:
    """Tell whether a pick of the item is being made, or waits on a topic branch to be taken to its branch."""
    return item.state is State.IN_PROGRESS and topic_of(item) is not None


def check_of(item: Item) -> Check | None:
    """Return the last check of a pick of the item, or None; what a person wrote there instead counts as none."""
    found = item.extra.get(_CHECK)
    if not isinstance(found, Mapping):
        return None
    at = found.get("at")
    try:
        result = CheckResult(str(found.get("result")))
    except ValueError:
        return None
    if not isinstance(at, datetime):
        return None
    return Check(str(found.get("command", "")), result, Oid(str(found.get("commit", ""))), str(found.get("by", "")), at)


def begin(item: Item, topic: str, who: Identity, at: datetime, assignee: str | None) -> Item:
    """Return the item as in progress on `topic`; an item that nobody has becomes that of `assignee` (a key).

    The topic that it had is kept among the earlier ones, since a branch with a pick may wait there for review. A closed
    item stays as it is: the pick is made, and scanning finds what comes of it.
    """
    if not item.state.is_open:
        return item
    if item.state is State.IN_PROGRESS and topic_of(item) == topic:
        return item
    return replace(
        item,
        state=State.IN_PROGRESS,
        assignee=item.assignee or assignee,
        until=None,
        by=str(who),
        at=at.replace(microsecond=0),
        extra=_extra(item, [*earlier_topics(item), topic_of(item)], topic),
    )


def give_up(item: Item, topic: str) -> Item:
    """Return the item without `topic`: on the topic it had before, or pending; its person keeps the task."""
    earlier = [one for one in earlier_topics(item) if one != topic]
    if topic_of(item) != topic:
        return item if topic not in earlier_topics(item) else replace(item, extra=_extra(item, earlier, topic_of(item)))
    before = earlier.pop() if earlier and item.state is State.IN_PROGRESS else None
    state = State.PENDING if item.state is State.IN_PROGRESS and before is None else item.state
    return replace(item, state=state, extra=_extra(item, earlier, before))


def _extra(item: Item, earlier: Sequence[str | None], topic: str | None) -> Mapping[str, object]:
    """Return what is kept of `item` beside the decisions, with these topics; the oldest are forgotten."""
    extra = {key: value for key, value in item.extra.items() if key not in {_TOPIC, _EARLIER}}
    others = tuple(one for one in dict.fromkeys(earlier) if one not in {None, topic})[-_MOST_EARLIER:]
    if others:
        extra[_EARLIER] = others
    if topic is not None:
        extra[_TOPIC] = topic
    return MappingProxyType(extra)


def with_check(item: Item, check: Check) -> Item:
    """Return the item with the result of a check."""
    kept = {
        "command": check.command,
        "result": str(check.result),
        "commit": str(check.commit),
        "by": check.by,
        "at": check.at.replace(microsecond=0),
    }
    return replace(item, extra=MappingProxyType({**item.extra, _CHECK: MappingProxyType(kept)}))
