"""From TOML tables to declared records: one reader for each shape of a field.

Every file of the queue is read and written here, so that a field needs no code of its own and all files complain in one
voice. This module must not know any record class; what holds between several fields is checked by its caller.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from backportq.model.commit import Identity, parse_identity
from backportq.model.declared import Declaration, Shape, declarations_of, has_extra
from backportq.model.ids import BranchName, Oid, is_oid
from backportq.model.near_words import near_words
from backportq.queue.codec.paths import is_storable
from backportq.queue.toml.reader import (
    InvalidValueError,
    MisspeltKeyError,
    Table,
    extra_of,
    quoted_found,
    shown,
    together,
)

Record = TypeVar("Record")
Readers = Mapping[str, tuple[str, Callable[[object], object]]]
"""For each key of a class its field, and what reads it."""

_STATE = "state"
_NOTES = "refs/notes/"
NEAR_KEYS = 0.75
"""How like a known key an unknown one must be to be taken for a slip of it (`near_words`)."""

_MAX_PATTERN = 1_000
_MAX_COUNT = 1_000_000_000
_MOMENT = "a date and time with an offset such as 2026-06-01T10:00:00Z"
_OID = "a full commit id of 40 or 64 hexadecimal digits"


def read_record(kind: type[Record], table: Table) -> Record:
    """Return the record that `table` spells; raise `InvalidValueError`."""
    known, required = _readers(cast("Any", kind))  # mypy takes no class for hashable
    return _read(kind, table, known, required)


def record_reader(kind: type[Record], *, words: Mapping[str, StrEnum]) -> Callable[[Table], Record]:
    """Return `read_record` of a class with other `words` of the field `state`: which ones fit depends on the file."""
    readers, required = _readers(cast("Any", kind))
    known = {**readers, _STATE: (_STATE, lambda value: _word(value, words))}
    return lambda table: _read(kind, table, known, required, words)


def _read(
    kind: type[Record],
    table: Table,
    known: Readers,
    required: Sequence[Declaration],
    words: Mapping[str, StrEnum] | None = None,
) -> Record:
    values: dict[str, Any] = {}
    extra: Table = {}
    wrong: list[InvalidValueError] = []
    for key, value in table.items():
        found = known.get(key)
        if found is None:
            extra[key] = value
            continue
        try:
            values[found[0]] = found[1](value)
        except InvalidValueError as error:
            wrong.append(error.inside(key))
            values[found[0]] = None
    wrong += [_missing(declaration, extra, words) for declaration in required if declaration.field not in values]
    if extra:
        try:
            values["extra"] = _unknown(kind, extra)
        except InvalidValueError as error:
            wrong.append(error)
    if wrong:
        raise together(wrong) from wrong[0].__cause__
    return kind(**values)


def _missing(declaration: Declaration, extra: Table, words: Mapping[str, StrEnum] | None) -> InvalidValueError:
    """Return that a key is missing, or misspelt where there is an unknown one like it."""
    near = near_words(declaration.name, extra, at_most=1, likeness=NEAR_KEYS)
    if near:
        return MisspeltKeyError((near[0],), declaration.name, quoted_found(near[0]))
    return InvalidValueError((declaration.name,), _wanted(declaration, words), "nothing")


@functools.cache
def _readers(kind: type) -> tuple[Readers, tuple[Declaration, ...]]:
    """Return for each key of a class its field and what reads it, and the fields that must be there."""
    declarations = declarations_of(kind)
    return (
        {declaration.name: (declaration.field, _reader(declaration)) for declaration in declarations},
        tuple(declaration for declaration in declarations if declaration.is_required),
    )


def _reader(declaration: Declaration) -> Callable[[object], object]:
    shape, of = declaration.shape, declaration.of
    if shape is Shape.TEXT:
        return _any_text if declaration.is_required else _text
    if shape is Shape.BRANCH and declaration.is_required:
        return lambda value: required_branch(value, declaration.meaning)
    if shape is Shape.WORD:
        words = _words(of)
        return lambda value: _word(value, words)
    if shape is Shape.FLAG_OR_WORD:
        both = _words(of)
        return lambda value: _flag_or_word(value, both)
    if shape is Shape.RECORD:
        return lambda value: read_record(cast("type[object]", of), _table(value))
    if shape is Shape.RECORDS:
        return lambda value: _records(value, cast("type[object]", of))
    return _PLAIN[shape]


def _unknown(kind: type, extra: Table) -> Mapping[str, object]:
    if has_extra(kind):
        return extra_of(extra)
    key = min(extra)
    *others, last = [f"'{declaration.name}'" for declaration in declarations_of(kind)]
    raise InvalidValueError((key,), f"only {', '.join(others)} and {last}", quoted_found(key))


def _wanted(declaration: Declaration, words: Mapping[str, StrEnum] | None) -> str:
    match declaration.shape:
        case Shape.OID:
            return _OID
        case Shape.MOMENT:
            return _MOMENT
        case Shape.WORD:
            return _one_of(words if words is not None and declaration.field == _STATE else _words(declaration.of))
        case Shape.BRANCH:
            return declaration.meaning
        case Shape.PATTERN:
            return "a regular expression"
        case _:
            return "a string"


def _words(of: type | tuple[str, ...] | None) -> Mapping[str, Any]:
    return {str(member): member for member in cast("Any", of)}


def _one_of(words: Mapping[str, Any]) -> str:
    return "one of " + ", ".join(f"'{word}'" for word in words)


def _word(value: object, words: Mapping[str, Any]) -> object:
    word = words.get(value) if isinstance(value, str) else None
    if word is None:
        raise InvalidValueError((), _one_of(words), shown(value))
    return word


def _flag_or_word(value: object, words: Mapping[str, Any]) -> object:
    spelled = str(value).lower() if type(value) is bool else value
    if isinstance(spelled, str) and spelled in words and (type(value) is bool or spelled not in {"true", "false"}):
        return words[spelled]
    others = ", ".join(f"'{word}'" for word in words if word not in {"true", "false"})
    raise InvalidValueError((), f"true, false or {others}", shown(value))


def _text(value: object) -> str | None:
    """Read an optional text; an empty one counts as absent."""
    return _any_text(value) or None


def _any_text(value: object) -> str:
    if type(value) is str:
        return value
    raise InvalidValueError((), "a string", shown(value))


def _name(value: object) -> str:
    text = _any_text(value)
    if not text:
        raise InvalidValueError((), "a string that is not empty", "''")
    return text


def _identity(value: object) -> Identity:
    return parse_identity(_any_text(value))


def _oid(value: object) -> Oid:
    if type(value) is str:
        if is_oid(value):
            return Oid(value)
        lowered = value.lower()
        if is_oid(lowered):
            return Oid(lowered)
    raise InvalidValueError((), _OID, shown(value))


def _list(value: object, wanted: str) -> list[object]:
    if type(value) is list:
        return value
    raise InvalidValueError((), wanted, shown(value))


def _oids(value: object) -> tuple[Oid, ...]:
    return _each(_list(value, "an array of full commit ids"), _oid)


def _texts(value: object) -> tuple[str, ...]:
    return _each(_list(value, "an array of strings"), _filled)


def _filled(value: object) -> str:
    if type(value) is str and value:
        return value
    raise InvalidValueError((), "a string that is not empty", shown(value))


def _each(values: list[object], read: Callable[[object], Record]) -> tuple[Record, ...]:
    made = []
    wrong = []
    for index, value in enumerate(values):
        try:
            made.append(read(value))
        except InvalidValueError as error:
            wrong.append(error.inside(index))
    if wrong:
        raise together(wrong) from wrong[0].__cause__
    return tuple(made)


def _moment(value: object) -> datetime:
    if type(value) is datetime and value.tzinfo is not None:
        return value
    raise InvalidValueError((), _MOMENT, shown(value))


def _day(value: object) -> date:
    if type(value) is date:
        return value
    raise InvalidValueError((), "a date such as 2026-06-01", shown(value))


def _flag(value: object) -> bool:
    if type(value) is bool:
        return value
    raise InvalidValueError((), "true or false", shown(value))


def _count(value: object) -> int:
    if type(value) is int and 0 <= value <= _MAX_COUNT:
        return value
    raise InvalidValueError((), "a number from 0", shown(value))


def _branch(value: object) -> BranchName | None:
    name = _text(value)
    if name is None:
        return None
    if not is_storable(name):
        raise InvalidValueError((), "a branch name that git accepts", quoted_found(name))
    return BranchName(name)


def required_branch(value: object, wanted: str) -> BranchName:
    """Read a branch name that must be there; `wanted` says which."""
    name = _branch(value)
    if name is None:
        raise InvalidValueError((), wanted, "nothing")
    return name


def _pattern(value: object) -> str | None:
    pattern = _text(value)
    if pattern is None:
        return None
    if len(pattern) > _MAX_PATTERN:
        raise InvalidValueError((), f"at most {_MAX_PATTERN} characters", f"{len(pattern)}")
    try:
        re.compile(pattern)
    except re.error as error:
        where = f" at its character {error.pos + 1}" if error.pos is not None else ""
        found = f"{quoted_found(pattern)}: {error.msg}{where}"
        raise InvalidValueError((), "a regular expression", found) from error
    except (RecursionError, OverflowError) as error:
        raise InvalidValueError((), "a regular expression", "one that is too large") from error
    return pattern


def _paths(value: object) -> tuple[str, ...]:
    """Read paths in the tree of a branch; git reads what begins with a dot and a slash in its own way."""
    paths = _texts(value)
    for index, path in enumerate(paths):
        if path.startswith("/") or "\n" in path or {".", ".."} & set(path.split("/")):
            raise InvalidValueError((index,), "a path from the top of the branch, such as 'a/b'", quoted_found(path))
    return paths


def _notes(value: object) -> tuple[str, ...]:
    return tuple(f"{_NOTES}{name.removeprefix(_NOTES)}" for name in _texts(value))


def _table(value: object) -> Table:
    if type(value) is dict:
        return value
    raise InvalidValueError((), "a table", shown(value))


def _open_table(value: object) -> Mapping[str, object]:
    return extra_of(_table(value))


def _records(value: object, kind: type[Record]) -> tuple[Record, ...]:
    known, required = _readers(cast("Any", kind))
    return _each(_list(value, "an array of tables"), lambda entry: _read(kind, _table(entry), known, required))


_PLAIN: Mapping[Shape, Callable[[object], object]] = {
    Shape.NAME: _name,
    Shape.IDENTITY: _identity,
    Shape.OID: _oid,
    Shape.OIDS: _oids,
    Shape.TEXTS: _texts,
    Shape.MOMENT: _moment,
    Shape.DAY: _day,
    Shape.FLAG: _flag,
    Shape.COUNT: _count,
    Shape.BRANCH: _branch,
    Shape.PATTERN: _pattern,
    Shape.PATHS: _paths,
    Shape.NOTES: _notes,
    Shape.TABLE: _open_table,
}
