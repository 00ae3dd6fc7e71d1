"""What doing the work leaves on an item: the topic branch it was picked to, and whether it built there.

Kept beside the decisions, so that others see that somebody is at it, and where; that it is done is never written here,
because only the branch can say so. This module must not know git.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from backportq.model.commit import Identity
from backportq.model.ids import Oid
from backportq.model.item import Item, State

_TOPIC = "topic"
_CHECK = "check"


class CheckResult(StrEnum):
    """How a command ended that was run on the tree of a pick. `SKIPPED` is exit status 125, as in `git bisect run`."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One run of `command` on the pick `commit`: what came of it, by whom and when (aware). The last one is kept."""

    command: str
    result: CheckResult
    commit: Oid
    by: str
    at: datetime


def topic_of(item: Item) -> str | None:
    """Return the branch that the item was last picked to, or None."""
    found = item.extra.get(_TOPIC)
    return found if isinstance(found, str) else None


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

    A closed item stays as it is: the pick is made, and scanning finds what comes of it.
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
        extra=MappingProxyType({**item.extra, _TOPIC: topic}),
    )


def give_up(item: Item, topic: str) -> Item:
    """Return the item as pending if it was in progress on `topic`; its person keeps the task."""
    if topic_of(item) != topic:
        return item
    extra = {key: value for key, value in item.extra.items() if key != _TOPIC}
    state = State.PENDING if item.state is State.IN_PROGRESS else item.state
    return replace(item, state=state, extra=MappingProxyType(extra))


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
