"""What an item lists, between TOML and values: nominations, task events, votes, overruled decisions.

Each is one inline table on one line of the file, so that one more of them is one line more of a difference. This module
must not know where in an item they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from backportq.model.items.nomination import Nomination, Via
from backportq.model.items.records import Ballot, SupersededValue, TaskEvent, TaskWord, Vote
from backportq.queue.toml.reader import (
    InvalidValueError,
    Table,
    day_of,
    extra_of,
    moment_of,
    name_of,
    oid_of,
    quoted_found,
    required_moment,
    required_text,
    text_of,
    word_of,
    words_of,
)
from backportq.queue.toml.writer import inline, moment, quoted, written_key

_VIAS = words_of(Via)
_TASK_WORDS = words_of(TaskWord)
_BALLOTS = words_of(Ballot)
_SUPERSEDED_KEYS = frozenset({"field", "value", "by", "at"})


def read_nomination(table: Table) -> Nomination:
    """Return a nomination."""
    return Nomination(
        via=word_of(table, "via", _VIAS),
        text=text_of(table, "text"),
        by=text_of(table, "by"),
        at=moment_of(table, "at"),
        target=oid_of(table, "target"),
        branch=text_of(table, "branch"),
        commit=oid_of(table, "commit"),
        rule=text_of(table, "rule"),
        message_id=text_of(table, "message_id"),
        due=moment_of(table, "due"),
        extra=extra_of(table),
    )


def written_nomination(one: Nomination) -> str:
    """Return a nomination as an inline table."""
    parts = [f'via = "{one.via}"']
    for key, text in (("rule", one.rule), ("branch", one.branch), ("commit", one.commit)):
        if text:
            parts.append(f"{key} = {quoted(text)}")
    # A fact's words come before who wrote them, a decision's after: as people read the two kinds.
    words = [f"text = {quoted(one.text)}"] if one.text else []
    by = [f"by = {quoted(one.by)}"] if one.by else []
    parts += [*words, *by] if one.at is None else [*by, f"at = {moment(one.at)}", *words]
    if one.target is not None:
        parts.append(f'target = "{one.target}"')
    if one.message_id:
        parts.append(f"message_id = {quoted(one.message_id)}")
    if one.due is not None:
        parts.append(f"due = {moment(one.due)}")
    return _table(parts, one.extra)


def read_event(table: Table) -> TaskEvent:
    """Return what happened to a task."""
    return TaskEvent(
        what=word_of(table, "what", _TASK_WORDS),
        who=name_of(table, "who"),
        at=required_moment(table, "at"),
        by=text_of(table, "by"),
        due=day_of(table, "due"),
        text=text_of(table, "text"),
        message_id=text_of(table, "message_id"),
        extra=extra_of(table),
    )


def written_event(one: TaskEvent) -> str:
    """Return a task event as an inline table."""
    parts = [f'what = "{one.what}"', f"who = {quoted(one.who)}", f"at = {moment(one.at)}"]
    _add(parts, by=one.by, due=one.due, text=one.text, message_id=one.message_id)
    return _table(parts, one.extra)


def read_vote(table: Table) -> Vote:
    """Return a vote."""
    return Vote(
        ballot=word_of(table, "ballot", _BALLOTS),
        by=name_of(table, "by"),
        at=required_moment(table, "at"),
        reason=text_of(table, "reason"),
        extra=extra_of(table),
    )


def written_vote(one: Vote) -> str:
    """Return a vote as an inline table."""
    parts = [f'ballot = "{one.ballot}"', f"by = {quoted(one.by)}", f"at = {moment(one.at)}"]
    _add(parts, reason=one.reason)
    return _table(parts, one.extra)


def read_superseded(table: Table) -> SupersededValue:
    """Return a decision that lost when queues were merged."""
    unknown = table.keys() - _SUPERSEDED_KEYS
    if unknown:
        key = min(unknown)
        raise InvalidValueError((key,), "only 'field', 'value', 'by' and 'at'", quoted_found(key))
    return SupersededValue(
        field=name_of(table, "field"),
        value=required_text(table, "value"),
        by=text_of(table, "by"),
        at=moment_of(table, "at"),
    )


def written_superseded(one: SupersededValue) -> str:
    """Return an overruled decision as an inline table."""
    parts = [f"field = {quoted(one.field)}", f"value = {quoted(one.value)}"]
    _add(parts, by=one.by, at=one.at)
    return _table(parts, {})


def _add(parts: list[str], **values: str | date | None) -> None:
    parts.extend(f"{key} = {inline(value)}" for key, value in values.items() if value)


def _table(parts: list[str], extra: Mapping[str, object]) -> str:
    if extra:
        parts = [*parts, *(f"{written_key(key)} = {inline(extra[key])}" for key in sorted(extra))]
    return "{ " + ", ".join(parts) + " }"
