"""Values as JSON and back, by the types that their classes declare.

For what the index keeps: a value is a list of its fields in order, so that a class says how it is stored by being what
it is. Whoever changes a class changes the program, and with it the key under which values are found; nothing stored by
another version is ever read. This module must not know any class.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any


def as_json(value: object) -> str:
    """Return a value as JSON, always with the same text."""
    return _JSON.encode(value)


def plain(value: Any) -> Any:
    """Return what `json` should take in place of a value that it does not know: one level of it, for it asks again."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    kind: type = type(value)
    return [getattr(value, name) for name in _field_names(kind)]


# Made once: a first scan writes thousands of values, and each call of json.dumps with options makes another.
_JSON = json.JSONEncoder(separators=(",", ":"), default=plain)


@cache
def decoder(kind: Any) -> Callable[[Any], Any]:
    """Return what makes a value of the type `kind` from what `as_json` made of it, once that is read."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = decoder(next(each for each in arguments if each is not type(None)))
        return lambda stored: None if stored is None else inner(stored)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        each = decoder(arguments[0])
        return lambda stored: tuple(map(each, stored)) if stored else ()
    if origin is tuple:
        parts = tuple(map(decoder, arguments))
        return lambda stored: tuple(part(value) for part, value in zip(parts, stored, strict=True))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if kind is datetime or kind is date:
        moment: Callable[[Any], Any] = kind.fromisoformat
        return moment
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _of_class(kind)
    return lambda stored: stored


def _of_class(kind: type) -> Callable[[Any], Any]:
    hints = typing.get_type_hints(kind)
    parts = tuple(decoder(hints[name]) for name in _field_names(kind))
    return lambda stored: kind(*(part(value) for part, value in zip(parts, stored, strict=True)))


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in dataclasses.fields(kind) if each.init)
