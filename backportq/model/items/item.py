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
from backportq.model.declared import no_extra
from backportq.model.ids import Oid
from backportq.model.items.nomination import Nomination
from backportq.model.items.records import SupersededValue, TaskEvent, Vote


class State(StrEnum):
    """Where an item stands. The first three are open, the others closed."""

    PENDING = "pending"
    IN_PROGRESS = "in-progress"
    DEFERRED = "deferred"
    LANDED = "landed"
    DECLINED = "declined"
    REVERTED = "reverted"

    @property
    def is_open(self) -> bool:
        """Whether items in this state stand in `queue/`, not in `closed/`."""
        return self in OPEN_STATES


OPEN_STATES = frozenset({State.PENDING, State.IN_PROGRESS, State.DEFERRED})


class Priority(StrEnum):
    """How urgent an item is, most urgent first."""

    SECURITY = "security"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the most urgent; for sorting and comparing."""
        return list(Priority).index(self)


@dataclass(frozen=True, slots=True)
class Item:
    """One commit for one branch.

    `committed` is the upstream committer date. `assignee` is a key of `people.toml`. `priority` is derived by the scan
    unless `priority_by` names the person who set it. `reason` is why it was declined, deferred or handed back; `until`
    and `due` are dates of the deferral and of the task. `pick` is the commit on the branch that carries it once landed,
    `linked` a pick that a person named with `link`. `staged` says that only the staging branch has it. `history` keeps
    the decisions that lost when queues were merged; `tasks` and `votes` what happened to it as a task, and who approves
    or objects, both append-only. `extra` holds keys this version does not know; they survive a
    rewrite.
    """

    commit: Oid
    subject: str
    author: Identity
    committed: datetime
    state: State = State.PENDING
    assignee: str | None = None
    priority: Priority = Priority.NORMAL
    priority_by: str | None = None
    note: str | None = None
    reason: str | None = None
    by: str | None = None
    at: datetime | None = None
    until: date | None = None
    due: date | None = None
    pick: Oid | None = None
    linked: Oid | None = None
    staged: bool = False
    needs: tuple[Oid, ...] = ()
    nominations: tuple[Nomination, ...] = ()
    tasks: tuple[TaskEvent, ...] = ()
    votes: tuple[Vote, ...] = ()
    history: tuple[SupersededValue, ...] = ()
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)
