"""Records whose fields are declared once: how a field is spelled in files, checked, merged and explained.

TOML, JSON, the merge of two queues and the tables of the documentation all read these declarations, so that a new field
cannot be forgotten in one of them. To add a field, add it to its class with `declared(...)`; nothing else lists it.
This module must not read or write anything.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, cast

NO_EXTRA: Mapping[str, object] = MappingProxyType({})
"""The empty set of unknown keys."""

_DECLARED = "declared"


def no_extra() -> Mapping[str, object]:
    """Return `NO_EXTRA`; dataclasses refuse it as a plain default, because it cannot be hashed."""
    return NO_EXTRA


class Shape(StrEnum):
    """What kind of value a field holds. The words are those of the documentation."""

    TEXT = "text"
    NAME = "text that is not empty"
    WORD = "word"
    IDENTITY = "`Name <mail>`"
    OID = "commit id"
    OIDS = "commit ids"
    TEXTS = "list of texts"
    MOMENT = "date and time"
    DAY = "date"
    FLAG = "true or false"
    FLAG_OR_WORD = "true, false or a word"
    COUNT = "number"
    BRANCH = "branch name"
    PATTERN = "regular expression"
    PATHS = "list of paths"
    NOTES = "list of notes refs"
    TABLE = "table"
    RECORD = "record"
    RECORDS = "list of records"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared of one field.

    `name` is its key in TOML, `shown_as` that in JSON. `of` says more of the shape: the enumeration or the words of a
    `WORD`, the class of a `RECORD`. `is_required`: refused where it is missing. `always`: written even where it is the
    default, as what is required is. `merge` is how two versions of it
    become one (`backportq.model.merge`), None where its record is merged as a whole. `meaning` explains it to people.
    """

    field: str
    name: str
    shown_as: str
    shape: Shape
    of: type | tuple[str, ...] | None
    is_required: bool
    default: object
    always: bool
    merge: StrEnum | None
    meaning: str


def declared(
    shape: Shape,
    of: type | tuple[str, ...] | None = None,
    *,
    name: str | None = None,
    shown_as: str | None = None,
    required: bool = False,
    always: bool = False,
    merge: StrEnum | None = None,
    meaning: str = "",
) -> Mapping[str, object]:
    """Return the metadata of a dataclass field that is stored; the arguments are those of `Declaration`."""
    return {_DECLARED: (shape, of, name, shown_as, required, always, merge, meaning)}


@functools.cache
def declarations_of(kind: type) -> tuple[Declaration, ...]:
    """Return the declared fields of a record class, in the order of the class, which is the order in files."""
    found = []
    for field in dataclasses.fields(kind):
        if _DECLARED not in field.metadata:
            continue
        shape, of, name, shown_as, required, always, merge, meaning = field.metadata[_DECLARED]
        spelled = name or field.name
        is_required = required or (field.default is MISSING and field.default_factory is MISSING)
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        found.append(
            Declaration(
                field.name,
                spelled,
                shown_as or spelled,
                shape,
                of,
                is_required,
                default,
                is_required or always,
                merge,
                meaning,
            )
        )
    return tuple(found)


def written_fields(record: object) -> tuple[Declaration, ...]:
    """Return the declared fields of a record in the order in which it is written: that of its class, unless the class
    says another one by a method of this name."""
    own = getattr(record, "written_fields", None)
    return cast("tuple[Declaration, ...]", own()) if own is not None else declarations_of(cast("Any", type(record)))


@functools.cache
def has_extra(kind: type) -> bool:
    """Tell whether records of this class keep unknown keys."""
    return any(field.name == "extra" for field in dataclasses.fields(kind))


def known_keys(kind: type) -> tuple[str, ...]:
    """Return the keys that a record class has in files."""
    return tuple(declaration.name for declaration in declarations_of(kind))
