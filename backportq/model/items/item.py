"""Items of the queue: one (commit, stable branch) pair with its nominations and what people decided about it.

Items are immutable values; the functions that lead from one to the next are in `backportq.model.items.decisions`. This
module must not know TOML or git.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from backportq.model.commit import Identity
from backportq.model.declared import Shape, declarations_of, declared, no_extra
from backportq.model.ids import Oid
from backportq.model.items.aspects import Aspect, Collected
from backportq.model.items.nomination import Nomination
from backportq.model.items.records import Check, SupersededValue, TaskEvent, Vote
from backportq.model.priority import Priority


class State(StrEnum):
    """Where an item stands. The first three are open, the others closed."""

    PENDING = "pending"
    IN_PROGRESS = "in-progress"
    DEFERRED = "deferred"
    LANDED = "landed"
    DECLINED = "declined"
    REVERTED = "reverted"
    PASSED_OVER = "passed-over"

    @property
    def is_open(self) -> bool:
        """Whether items in this state stand in `queue/`, not in `closed/`."""
        return self in OPEN_STATES


OPEN_STATES = frozenset({State.PENDING, State.IN_PROGRESS, State.DEFERRED})


@dataclass(frozen=True, slots=True)
class Item:
    """One commit for one branch.

    To add a field, declare it here: reading, writing, JSON, the merge, the law that it is merged and the table in
    `docs/queue-format.md` follow. Fields stand in the order in which they are written. A field that is decided by
    itself needs a word of its own in `Aspect`, called like the field.

    - `committed` is the upstream committer date; `assignee` is a key of `people.toml`.
    - `priority` is derived by the scan unless `priority_by` names the person who set it.
    - `pick` is the commit on the branch that carries it once landed, `linked` a pick that a person named; `staged` says
      that only the staging branch has it.
    - `tasks` and `votes` only grow; `history` keeps the decisions that lost when queues were merged.
    - `extra` holds keys that this version does not know, and nothing else; they survive a rewrite.
    """

    commit: Oid = field(metadata=declared(Shape.OID, merge=Collected.FACT, meaning="the upstream commit"))
    subject: str = field(metadata=declared(Shape.TEXT, merge=Collected.FACT, meaning="its subject"))
    author: Identity = field(metadata=declared(Shape.IDENTITY, merge=Collected.FACT, meaning="who wrote it"))
    committed: datetime = field(
        metadata=declared(Shape.MOMENT, merge=Collected.FACT, meaning="when it was committed upstream")
    )
    state: State = field(
        default=State.PENDING,
        metadata=declared(
            Shape.WORD,
            State,
            required=True,
            merge=Aspect.STATE,
            meaning="`pending`, `in-progress`, `deferred`; in `closed/` `landed`, `declined`, `reverted`,"
            " `passed-over`",
        ),
    )
    assignee: str | None = field(
        default=None,
        metadata=declared(Shape.TEXT, merge=Aspect.ASSIGNEE, meaning="key of a person in `people.toml`"),
    )
    due: date | None = field(
        default=None, metadata=declared(Shape.DAY, merge=Aspect.DUE, meaning="the day by which it is wanted")
    )
    priority: Priority = field(
        default=Priority.NORMAL,
        metadata=declared(
            Shape.WORD,
            Priority,
            always=True,
            merge=Aspect.PRIORITY,
            meaning="`security`, `high`, `normal`, `low`",
        ),
    )
    priority_by: str | None = field(
        default=None,
        metadata=declared(Shape.TEXT, merge=Aspect.PRIORITY, meaning="who set it; absent where the scan derives it"),
    )
    note: str | None = field(default=None, metadata=declared(Shape.TEXT, merge=Aspect.NOTE, meaning="anything"))
    reason: str | None = field(
        default=None,
        metadata=declared(Shape.TEXT, merge=Aspect.STATE, meaning="why it was declined, deferred or handed back"),
    )
    by: str | None = field(
        default=None,
        metadata=declared(Shape.TEXT, merge=Aspect.STATE, meaning="who did that, or who began on it"),
    )
    at: datetime | None = field(default=None, metadata=declared(Shape.MOMENT, merge=Aspect.STATE, meaning="when"))
    until: date | None = field(
        default=None,
        metadata=declared(Shape.DAY, merge=Aspect.STATE, meaning="the day on which a deferred item is due again"),
    )
    pick: Oid | None = field(
        default=None,
        metadata=declared(Shape.OID, merge=Aspect.STATE, meaning="the commit on the branch that carries it"),
    )
    linked: Oid | None = field(
        default=None,
        metadata=declared(Shape.OID, merge=Aspect.LINKED, meaning="a pick that a person named with `link`"),
    )
    staged: bool = field(
        default=False,
        metadata=declared(Shape.FLAG, merge=Aspect.STATE, meaning="only the staging branch has the pick"),
    )
    needs: tuple[Oid, ...] = field(
        default=(),
        metadata=declared(Shape.OIDS, merge=Collected.ORDERED, meaning="commits to be picked first, in pick order"),
    )
    nominations: tuple[Nomination, ...] = field(
        default=(),
        metadata=declared(Shape.RECORDS, Nomination, merge=Collected.UNION, meaning="why it is here"),
    )
    tasks: tuple[TaskEvent, ...] = field(
        default=(),
        metadata=declared(Shape.RECORDS, TaskEvent, merge=Collected.UNION, meaning="what happened to it as a task"),
    )
    votes: tuple[Vote, ...] = field(
        default=(),
        metadata=declared(Shape.RECORDS, Vote, merge=Collected.UNION, meaning="who approves or objects"),
    )
    history: tuple[SupersededValue, ...] = field(
        default=(),
        metadata=declared(
            Shape.RECORDS,
            SupersededValue,
            merge=Collected.HISTORY,
            meaning="decisions that lost when two queues were merged",
        ),
    )
    check: Check | None = field(
        default=None,
        metadata=declared(Shape.RECORD, Check, merge=Aspect.CHECK, meaning="the last `apply --exec` on a pick of it"),
    )
    earlier_topics: tuple[str, ...] = field(
        default=(),
        metadata=declared(
            Shape.TEXTS,
            merge=Aspect.TOPIC,
            meaning="up to five branches that it was picked to before that, oldest first",
        ),
    )
    topic: str | None = field(
        default=None,
        metadata=declared(
            Shape.TEXT,
            merge=Aspect.TOPIC,
            meaning="the branch that it was last picked to, with `pick` or `apply`",
        ),
    )
    published: str | None = field(
        default=None,
        metadata=declared(
            Shape.TEXT,
            merge=Aspect.TOPIC,
            meaning="where that pick was handed in for review: a remote and its ref, or patches",
        ),
    )
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


ITEM_FIELDS = declarations_of(Item)
"""What is declared of the fields of an item, in the order in which they are written; all but `extra`."""
