"""Nominations: the reasons for which a commit is a candidate for one branch.

Facts of the history (a trailer, a `Fixes:`, a rule, a pick on the next newer branch, ...) are recomputed by every scan;
what a person or a mail asked for is kept. This module must not decide who is nominated: `services` do.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from backportq.model.declared import Declaration, Shape, declarations_of, declared, no_extra
from backportq.model.ids import Oid


class Via(StrEnum):
    """The way by which a nomination came in; the word stored in TOML and shown in JSON."""

    TRAILER = "trailer"
    FIXES = "fixes"
    PERSON = "person"
    MAIL = "mail"
    RULE = "rule"
    NEWER_BRANCH = "newer-branch"
    FOLLOW_UP = "follow-up"
    REVERT = "revert"


DECIDED = frozenset({Via.PERSON, Via.MAIL})
"""The ways in that people decide; a scan keeps these and recomputes all others."""


@dataclass(frozen=True, slots=True)
class Nomination:
    """One reason. Which fields are set depends on `via`; absent ones are not written.

    `text`: the line as it stands in the message, or the person's words. `by`: `Name <mail>` of who wrote it. `at`: when
    a person decided. `target`: the commit that is fixed, followed up or reverted. `branch` and `commit`: the newer
    branch and the pick on it. `rule`: name of the project's rule. `message_id`: of the mail. `due`: before this moment
    the nomination asks to wait; `wait`: until this release candidate of upstream (`-rc3`). `extra`: unknown keys of the
    file, kept for the rewrite.
    """

    via: Via = field(metadata=declared(Shape.WORD, Via))
    rule: str | None = field(default=None, metadata=declared(Shape.TEXT))
    branch: str | None = field(default=None, metadata=declared(Shape.TEXT))
    commit: Oid | None = field(default=None, metadata=declared(Shape.OID))
    text: str | None = field(default=None, metadata=declared(Shape.TEXT))
    by: str | None = field(default=None, metadata=declared(Shape.TEXT))
    at: datetime | None = field(default=None, metadata=declared(Shape.MOMENT))
    target: Oid | None = field(default=None, metadata=declared(Shape.OID))
    message_id: str | None = field(default=None, metadata=declared(Shape.TEXT))
    due: datetime | None = field(default=None, metadata=declared(Shape.MOMENT))
    wait: str | None = field(default=None, metadata=declared(Shape.TEXT))
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)

    def written_fields(self) -> tuple[Declaration, ...]:
        """Return the fields in the order in which people read them: a fact's words come before who wrote them, a
        decision's after who made it and when."""
        return declarations_of(Nomination) if self.at is None else _decision_fields()

    @property
    def is_decided(self) -> bool:
        """Whether a person made it, so that only a person can withdraw it."""
        return self.via in DECIDED


@functools.cache
def _decision_fields() -> tuple[Declaration, ...]:
    fields = {declaration.field: declaration for declaration in declarations_of(Nomination)}
    words = fields.pop("text")
    return tuple(
        part
        for declaration in fields.values()
        for part in ((declaration, words) if declaration.field == "at" else (declaration,))
    )


def nomination_order(nomination: Nomination) -> tuple[str, ...]:
    """Sort key that puts nominations in the same order for everybody: facts first, then what people asked for, by
    time."""
    decided = "1" if nomination.is_decided else "0"
    when = nomination.at.astimezone(UTC).isoformat() if nomination.at is not None else ""
    rest: Iterable[str | None] = (
        nomination.via,
        nomination.target,
        nomination.branch,
        nomination.commit,
        nomination.rule,
        nomination.message_id,
        nomination.by,
        nomination.text,
    )
    return (decided, when, *(part or "" for part in rest))
