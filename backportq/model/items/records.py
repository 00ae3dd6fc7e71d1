"""What an item lists beside its nominations: task events, votes, the last check of a pick, decisions that lost.

The values alone, below the item that holds them; what they lead to is decided in `decisions`, `tasks`, `votes` and
`work`. This module must not know items.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

from backportq.model.commit import Identity
from backportq.model.declared import Shape, declared, no_extra
from backportq.model.ids import Oid


@dataclass(frozen=True, slots=True)
class Actor:
    """Who decides, and when (aware, kept to the second)."""

    who: Identity
    at: datetime

    @property
    def moment(self) -> datetime:
        """When, as it is stored."""
        return self.at.replace(microsecond=0)


class TaskWord(StrEnum):
    """What happened; the word stored in TOML."""

    ASKED = "asked"
    TAKEN = "taken"
    HANDED_BACK = "handed-back"
    WITHDRAWN = "withdrawn"
    MAILED = "mailed"
    REMINDED = "reminded"
    ESCALATED = "escalated"


LETTERS = frozenset({TaskWord.MAILED, TaskWord.REMINDED, TaskWord.ESCALATED})
"""What is known because a mail went out."""


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """One event. `who` is the key of the person whose task it was or became, `by` is `Name <mail>` of who did it,
    `text` why, in words; `due` the day by which it was asked for; `message_id` that of the mail."""

    what: TaskWord = field(metadata=declared(Shape.WORD, TaskWord))
    who: str = field(metadata=declared(Shape.NAME))
    at: datetime = field(metadata=declared(Shape.MOMENT))
    by: str | None = field(default=None, metadata=declared(Shape.TEXT))
    due: date | None = field(default=None, metadata=declared(Shape.DAY))
    text: str | None = field(default=None, metadata=declared(Shape.TEXT))
    message_id: str | None = field(default=None, metadata=declared(Shape.TEXT))
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


class Ballot(StrEnum):
    """What a vote says; the word stored in TOML."""

    APPROVE = "approve"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote: by whom (`Name <mail>`) and when, with a reason where it objects."""

    ballot: Ballot = field(metadata=declared(Shape.WORD, Ballot, shown_as="vote"))
    by: str = field(metadata=declared(Shape.NAME))
    at: datetime = field(metadata=declared(Shape.MOMENT))
    reason: str | None = field(default=None, metadata=declared(Shape.TEXT))
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


class CheckResult(StrEnum):
    """How a command ended that was run on the tree of a pick. `SKIPPED` is exit status 125, as in `git bisect run`."""

    PASSED = "passed"
    FAILED = "failed"
    TIMED_OUT = "timed-out"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One run of `command` on the pick `commit`: what came of it, by whom and when (aware). The last one is kept."""

    command: str = field(metadata=declared(Shape.TEXT))
    result: CheckResult = field(metadata=declared(Shape.WORD, CheckResult))
    commit: Oid = field(metadata=declared(Shape.OID))
    by: str = field(metadata=declared(Shape.TEXT))
    at: datetime = field(metadata=declared(Shape.MOMENT))
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


@dataclass(frozen=True, slots=True)
class SupersededValue:
    """A decision that lost against a later one when two queues were merged: which `field` of the item, the `value` as
    it would have been written, and by whom and when it had been decided, as far as that is known."""

    field: str = dataclasses.field(metadata=declared(Shape.NAME))
    value: str = dataclasses.field(metadata=declared(Shape.TEXT))
    by: str | None = dataclasses.field(default=None, metadata=declared(Shape.TEXT))
    at: datetime | None = dataclasses.field(default=None, metadata=declared(Shape.MOMENT))


def event_order(event: TaskEvent) -> tuple[str, ...]:
    """Sort key that puts events in the same order for everybody: by time, then by content."""
    when = event.at.astimezone(UTC).isoformat()
    return (when, event.what, event.who, event.by or "", event.text or "", event.message_id or "", str(event.due))


def vote_order(vote: Vote) -> tuple[str, ...]:
    """Sort key that puts votes in the same order for everybody: by time, an objection after an approval."""
    return (vote.at.astimezone(UTC).isoformat(), vote.ballot, vote.by, vote.reason or "")
