"""From declared records to TOML tables: what of a record is written, in which order and how.

Apart from the reading because a decision writes thousands of items that did not change, and every default of theirs
that is passed over counts. This module must not know any record class.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from typing import Any, cast

from backportq.model.commit import Identity
from backportq.model.declared import Declaration, Shape, declarations_of, written_fields
from backportq.queue.toml.writer import extra_lines, inline, moment, quoted

_NOTES = "refs/notes/"
_NEVER = object()


def record_table(record: object) -> dict[str, object]:
    """Return the TOML table of a record: keys in the order of the class, defaults left out, unknown keys last."""
    table: dict[str, object] = {
        declaration.name: toml_value(declaration, value) for declaration, value in written_values(record)
    }
    extra: Mapping[str, object] | None = getattr(record, "extra", None)
    if extra:
        table.update(_in_order(extra))
    return table


def inline_record(record: object) -> str:
    """Return a record on one line, as those stand that an item lists."""
    parts = [
        f"{declaration.name} = {written_value(declaration, value)}" for declaration, value in written_values(record)
    ]
    extra: Mapping[str, object] | None = getattr(record, "extra", None)
    if extra:
        parts += extra_lines(_in_order(extra))
    return "{ " + ", ".join(parts) + " }"


def is_written(declaration: Declaration, value: object) -> bool:
    """Tell whether a field says something: required ones always do, others where they differ from the default."""
    return declaration.always or (value != declaration.default and value != "")


def written_values(record: object) -> list[tuple[Declaration, Any]]:
    """Return the fields of a record that say something, with their values, in the order in which they are written."""
    fields, values, silent = _plan(cast("Any", type(record)))
    if values is None:
        fields = written_fields(record)
        return [
            (declaration, value)
            for declaration in fields
            if ((value := getattr(record, declaration.field)) is not declaration.default or declaration.always)
            and is_written(declaration, value)
        ]
    # Most fields of most items are the very default: these are passed over without a call.
    return [
        (declaration, value)
        for declaration, value, default in zip(fields, values(record), silent, strict=True)
        if value is not default and is_written(declaration, value)
    ]


@functools.cache
def _plan(
    kind: type,
) -> tuple[tuple[Declaration, ...], Callable[[object], tuple[Any, ...]] | None, tuple[object, ...]]:
    """Return the fields of a class, what reads them at once, and for each the value that is never written; nothing to
    read them where each record has an order of its own."""
    fields = declarations_of(kind)
    if len(fields) < 2 or hasattr(kind, "written_fields"):
        return fields, None, ()
    silent = tuple(_NEVER if declaration.always else declaration.default for declaration in fields)
    return fields, operator.attrgetter(*(declaration.field for declaration in fields)), silent


def toml_value(declaration: Declaration, value: Any) -> object:
    """Return the value of a field as TOML has it: plain texts, numbers, dates, lists and dicts."""
    convert = _TO_TOML.get(declaration.shape)
    return value if convert is None else convert(value)


def written_value(declaration: Declaration, value: Any) -> str:
    """Return the value of a field on one line, as it stands in a file."""
    write = _TO_TEXT.get(declaration.shape)
    return inline(toml_value(declaration, value)) if write is None else write(value)


def _in_order(table: Mapping[str, object]) -> dict[str, object]:
    """Return a table whose keys are not known here in alphabetical order, so that equal tables are equal bytes."""
    return {key: _in_order(value) if isinstance(value, Mapping) else value for key, value in sorted(table.items())}


def written_identity(identity: Identity) -> str:
    """Return `Name <mail>`, or the name alone where no mail is known."""
    return str(identity) if identity.mail else identity.name or " <>"


_TO_TOML: Mapping[Shape, Callable[[Any], object]] = {
    Shape.IDENTITY: written_identity,
    Shape.WORD: str,
    Shape.FLAG_OR_WORD: lambda word: {"true": True, "false": False}.get(word, str(word)),
    Shape.NOTES: lambda refs: [ref.removeprefix(_NOTES) for ref in refs],
    Shape.TABLE: _in_order,
    Shape.RECORD: record_table,
    Shape.RECORDS: lambda records: [record_table(record) for record in records],
    Shape.OIDS: list,
    Shape.TEXTS: list,
    Shape.PATHS: list,
}

_TO_TEXT: Mapping[Shape, Callable[[Any], str]] = {
    Shape.TEXT: quoted,
    Shape.NAME: quoted,
    Shape.IDENTITY: lambda identity: quoted(written_identity(identity)),
    Shape.WORD: lambda word: f'"{word}"',
    Shape.OID: lambda oid: f'"{oid}"',
    Shape.MOMENT: moment,
}
"""The shapes that nearly all fields of an item have, without a detour through what TOML makes of them."""
