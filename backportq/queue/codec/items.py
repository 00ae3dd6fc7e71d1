"""Items between TOML and values: the files `queue/<branch>.toml` and `closed/<branch>.toml`.

The canonical layout is here and nowhere else, so that equal items are equal bytes whoever writes them. It must not know
where the files are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from backportq.model.commit import Identity, parse_identity
from backportq.model.ids import Oid
from backportq.model.items.item import OPEN_STATES, Item, Priority, State
from backportq.model.items.queue import SCHEMA
from backportq.queue.codec.records import (
    read_event,
    read_nomination,
    read_superseded,
    read_vote,
    written_event,
    written_nomination,
    written_superseded,
    written_vote,
)
from backportq.queue.toml.reader import (
    InvalidValueError,
    Table,
    TomlSource,
    checked_oid,
    day_of,
    each_of,
    extra_of,
    flag_of,
    moment_of,
    oid_of,
    quoted_found,
    required_moment,
    required_oid,
    required_text,
    shown,
    tables_of,
    text_of,
    word_of,
    words_of,
)
from backportq.queue.toml.writer import extra_lines, inline, moment, quoted

_OPEN = words_of(State, [state for state in State if state in OPEN_STATES])
_CLOSED = words_of(State, [state for state in State if state not in OPEN_STATES])
_PRIORITIES = words_of(Priority)
_NEEDS_ON_ONE_LINE = 2


@dataclass(frozen=True, slots=True)
class ItemFile:
    """The content of one queue file: the branch it is about, its items in file order, its unknown keys."""

    branch: str
    items: tuple[Item, ...]
    extra: Mapping[str, object]


def read_items(source: TomlSource, branch: str, *, closed: bool) -> ItemFile:
    """Return the items of a file of `branch`; raise `QueueFileError` or `SchemaError`."""

    def decode(table: Table) -> ItemFile:
        named = required_text(table, "branch")
        if named != branch:
            raise InvalidValueError(("branch",), f"{quoted_found(branch)}, as the file is named", quoted_found(named))
        states = _CLOSED if closed else _OPEN
        items: list[Item] = []
        seen: dict[Oid, int] = {}
        for index, one in enumerate(tables_of(table, "item")):
            try:
                item = _item(one, states)
            except InvalidValueError as error:
                raise error.inside("item", index) from error
            if item.commit in seen:
                where = ("item", index, "commit")
                raise InvalidValueError(where, "each commit once", f"'{item.commit}' a second time")
            seen[item.commit] = index
            items.append(item)
        return ItemFile(branch, tuple(items), extra_of(table))

    return source.read(decode)


def write_items(file: ItemFile) -> bytes:
    """Return the canonical bytes of a queue file."""
    lines = [f"schema = {SCHEMA}", f"branch = {quoted(file.branch)}", *extra_lines(file.extra)]
    for item in file.items:
        lines.append("")
        lines.append("[[item]]")
        _write_item(item, lines)
    lines.append("")
    return "\n".join(lines).encode()


def _item(table: Table, states: dict[str, State]) -> Item:
    commit = required_oid(table, "commit")
    subject = required_text(table, "subject")
    author = parse_identity(required_text(table, "author"))
    committed = required_moment(table, "committed")
    return Item(
        commit=commit,
        subject=subject,
        author=author,
        committed=committed,
        state=word_of(table, "state", states),
        assignee=text_of(table, "assignee"),
        priority=word_of(table, "priority", _PRIORITIES, Priority.NORMAL),
        priority_by=text_of(table, "priority_by"),
        note=text_of(table, "note"),
        reason=text_of(table, "reason"),
        by=text_of(table, "by"),
        at=moment_of(table, "at"),
        until=day_of(table, "until"),
        due=day_of(table, "due"),
        pick=oid_of(table, "pick"),
        linked=oid_of(table, "linked"),
        staged=flag_of(table, "staged", default=False),
        needs=_oids(table, "needs"),
        nominations=each_of(table, "nominations", read_nomination),
        tasks=each_of(table, "tasks", read_event),
        votes=each_of(table, "votes", read_vote),
        history=each_of(table, "history", read_superseded),
        extra=extra_of(table),
    )


def _oids(table: Table, key: str) -> tuple[Oid, ...]:
    values = table.pop(key, None)
    if values is None:
        return ()
    if type(values) is not list:
        raise InvalidValueError((key,), "an array of full commit ids", shown(values))
    return tuple(checked_oid(value, key, index) for index, value in enumerate(values))


def _write_item(item: Item, lines: list[str]) -> None:
    add = lines.append
    add(f'commit = "{item.commit}"')
    add(f"subject = {quoted(item.subject)}")
    add(f"author = {quoted(_written_identity(item.author))}")
    add(f"committed = {moment(item.committed)}")
    add(f'state = "{item.state}"')
    _add_text("assignee", item.assignee, lines)
    _add_moment("due", item.due, lines)
    add(f'priority = "{item.priority}"')
    _add_text("priority_by", item.priority_by, lines)
    _add_text("note", item.note, lines)
    _add_text("reason", item.reason, lines)
    _add_text("by", item.by, lines)
    _add_moment("at", item.at, lines)
    _add_moment("until", item.until, lines)
    _add_text("pick", item.pick, lines)
    _add_text("linked", item.linked, lines)
    if item.staged:
        add("staged = true")
    if len(item.needs) > _NEEDS_ON_ONE_LINE:
        _add_array("needs", [f'"{need}"' for need in item.needs], lines)
    elif item.needs:
        add("needs = [" + ", ".join([f'"{need}"' for need in item.needs]) + "]")
    for key, records in (
        ("nominations", [written_nomination(one) for one in item.nominations]),
        ("tasks", [written_event(one) for one in item.tasks]),
        ("votes", [written_vote(one) for one in item.votes]),
        ("history", [written_superseded(one) for one in item.history]),
    ):
        if records:
            _add_array(key, records, lines)
    if item.extra:
        lines.extend(extra_lines(item.extra))


def _add_text(key: str, text: str | None, lines: list[str]) -> None:
    if text:
        lines.append(f"{key} = {quoted(text)}")


def _add_moment(key: str, value: date | None, lines: list[str]) -> None:
    if value is not None:
        lines.append(f"{key} = {inline(value)}")


def _add_array(key: str, elements: list[str], lines: list[str]) -> None:
    lines.append(f"{key} = [")
    lines.extend([f"  {element}," for element in elements])
    lines.append("]")


def _written_identity(identity: Identity) -> str:
    return str(identity) if identity.mail else identity.name or " <>"
