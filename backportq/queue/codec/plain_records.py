"""Records read from the very spelling in which we write them, many times as fast as through a TOML document.

- What a reader of here accepts means the same to `backportq.queue.codec.declared`, and gives an equal record.
- What it does not accept may be as right: another order, another layout, unknown keys, most escapes. It says None, and
  the caller reads that as TOML.
- Which keys there are, the classes declare; fields of a shape that is not listed in `_VALUES` are never accepted.

A queue of twenty thousand items takes a fifth of a second this way. It must not know any record class.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from backportq.model.commit import parse_identity
from backportq.model.declared import Declaration, Shape, declarations_of
from backportq.model.ids import Oid

Record = TypeVar("Record")
Read = Callable[[str], Any]
"""From the text that its pattern accepted to the value; raises `ValueError` or `KeyError` where it is none."""

_STATE = "state"
_TEXT = r'[^"\\\x00-\x1f\x7f]*+(?:\\["\\][^"\\\x00-\x1f\x7f]*+)*+'
_OID = r'"([0-9a-f]{40}|[0-9a-f]{64})"'
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_OFFSET = r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_ESCAPED = re.compile(r"\\(.)")
_RECORD_LINE = r"  \{ [^\n]+ \},\n"


def plain_reader(kind: type[Record], *, words: Mapping[str, StrEnum] | None = None) -> Callable[[str], Record | None]:
    """Return what reads the lines of one record of a class; with `words`, those are the words of the field `state`."""
    return _reader(kind, words, first="", after="\n", last="")


def _reader(
    kind: type[Record], words: Mapping[str, StrEnum] | None, *, first: str, after: str, last: str
) -> Callable[[str], Record | None]:
    fields: list[tuple[str, Read]] = []
    parts: list[str] = []
    for declaration in declarations_of(cast("Any", kind)):
        value = _VALUES.get(declaration.shape)
        if value is None:
            continue
        pattern, read = value(declaration, words if declaration.field == _STATE else None)
        fields.append((declaration.field, read))
        parts.append(f"(?:{re.escape(declaration.name)} = {pattern}{after}){'' if declaration.is_required else '?'}")
    match = re.compile(first + "".join(parts) + last).fullmatch

    def read_text(text: str) -> Record | None:
        found = match(text)
        if found is None:
            return None
        try:
            return kind(
                **{
                    field: read(value)
                    for (field, read), value in zip(fields, found.groups(), strict=True)
                    if value is not None
                }
            )
        except (ValueError, KeyError):
            return None

    return read_text


@functools.cache
def _inline_reader(kind: type) -> Callable[[str], Any]:
    # A comma follows each pair but the last, after which a space stands. Many items have the same reasons.
    return functools.lru_cache(10_000)(_reader(kind, None, first=r"\{ ", after=r"(?:, | (?=\}))", last=r"(?<!, )\}"))


def _text(value: str) -> str:
    return value if "\\" not in value else _ESCAPED.sub(r"\1", value)


def _texts(declaration: Declaration, _: object) -> tuple[str, Read]:
    return f'"({_TEXT})"' if declaration.is_required else f'"((?!"){_TEXT})"', _text


def _names(*_: object) -> tuple[str, Read]:
    return f'"((?!"){_TEXT})"', _text


def _identities(*_: object) -> tuple[str, Read]:
    # Most items of a queue are by few people.
    return f'"({_TEXT})"', functools.lru_cache(10_000)(lambda value: parse_identity(_text(value)))


def _words(declaration: Declaration, words: Mapping[str, StrEnum] | None) -> tuple[str, Read]:
    known = words or {str(member): member for member in cast("Any", declaration.of)}
    return '"([a-z-]+)"', known.__getitem__


def _records(declaration: Declaration, _: object) -> tuple[str, Read]:
    def read(lines: str) -> tuple[Any, ...]:
        read_one = _inline_reader(cast("Any", declaration.of))
        records = tuple(read_one(line[2:-1]) for line in lines.split("\n")[:-1])
        if None in records:
            raise ValueError(lines)
        return records

    return rf"\[\n((?:{_RECORD_LINE})+)\]", read


def _ids(*_: object) -> tuple[str, Read]:
    return rf"\[({_OID.replace('(', '(?:')}(?:, {_OID.replace('(', '(?:')})*)\]", lambda value: tuple(
        Oid(each[1:-1]) for each in value.split(", ")
    )


_VALUES: Mapping[Shape, Callable[[Declaration, Mapping[str, StrEnum] | None], tuple[str, Read]]] = {
    Shape.TEXT: _texts,
    Shape.NAME: _names,
    Shape.IDENTITY: _identities,
    Shape.WORD: _words,
    Shape.OID: lambda *_: (_OID, Oid),
    Shape.OIDS: _ids,
    Shape.MOMENT: lambda *_: (f"({_DAY}T{_TIME}{_OFFSET})", datetime.fromisoformat),
    Shape.DAY: lambda *_: (f"({_DAY})", date.fromisoformat),
    Shape.FLAG: lambda *_: ("(true)", bool),
    Shape.RECORDS: _records,
}
"""For each shape that is read here, how its value is spelled, with one group around what is read, and what reads it."""
