"""`dataclass` as in `dataclasses`, with the methods of a class compiled at once.

The standard library compiles up to seven methods of each class one by one, 0.4 ms a class: with a hundred classes that
is a tenth of a scan and of every other command. From Python 3.13 on it compiles them at once, too, and is used as it
is. Fields, slots and `replace` are its own in any case; this module must not offer what it doesn't.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from sys import version_info
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING or version_info >= (3, 13):
    from dataclasses import dataclass
else:

    def dataclass(*, frozen: bool = False, slots: Literal[True]) -> Callable[[type[_T]], type[_T]]:  # noqa: ARG001
        """Make dataclasses with slots, compared by value; frozen ones can be hashed and refuse assignments."""
        return partial(made_at_once, frozen=frozen)


__all__ = ["dataclass", "made_at_once"]

_T = TypeVar("_T")
_UNSET = object()


def made_at_once(cls: type[_T], *, frozen: bool) -> type[_T]:
    """Return `cls` as `dataclasses.dataclass` makes it with slots, and frozen if it is to be."""
    own = dict(cls.__dict__)
    made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    for name, method in _methods(made, frozen=frozen).items():
        # What the class says itself counts, but Python puts a hash of None beside every comparison.
        if name not in own or (name == "__hash__" and own[name] is None and "__eq__" in own):
            setattr(made, name, method)
    return made


def _methods(cls: type, *, frozen: bool) -> dict[str, Any]:
    fields = dataclasses.fields(cls)
    names: dict[str, Any] = {"_unset": _UNSET}
    parameters, body = ["self"], []
    for field in fields:
        name, value = field.name, field.name
        names[f"_set_{name}"] = _setter(cls, name)
        if field.default_factory is not dataclasses.MISSING:
            names[f"_make_{name}"] = field.default_factory
            value = f"_make_{name}() if {name} is _unset else {name}" if field.init else f"_make_{name}()"
            parameters += [f"{name}=_unset"] if field.init else []
        elif field.default is not dataclasses.MISSING:
            names[f"_default_{name}"] = field.default
            value = name if field.init else f"_default_{name}"
            parameters += [f"{name}=_default_{name}"] if field.init else []
        elif field.init:
            parameters.append(name)
        else:
            continue  # left to __post_init__
        body.append(f"_set_{name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    compared = [field.name for field in fields if field.compare]
    hashed = [field.name for field in fields if (field.compare if field.hash is None else field.hash)]
    source = (
        f"def __init__({', '.join(parameters)}):\n {'; '.join(body) or 'pass'}\n"
        "def __eq__(self, other):\n"
        f" return {_tuple('self', compared)} == {_tuple('other', compared)}"
        " if other.__class__ is self.__class__ else NotImplemented\n"
        f"def __hash__(self):\n return hash({_tuple('self', hashed)})\n"
    )
    exec(source, names)  # noqa: S102 - names of fields, which are identifiers, and nothing else
    methods = {"__init__": names["__init__"], "__eq__": names["__eq__"], "__hash__": None, "__repr__": _repr}
    if frozen:
        methods |= {"__hash__": names["__hash__"], "__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete}
    return methods


def _setter(cls: type, name: str) -> Callable[[object, object], None]:
    """Return what sets a field, past a `__setattr__` that refuses to."""
    set_slot: Callable[[object, object], None] = getattr(cls, name).__set__
    return set_slot


def _tuple(of: str, names: list[str]) -> str:
    return f"({''.join(f'{of}.{name}, ' for name in names)})"


def _repr(self: Any) -> str:
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_to_set(_self: object, name: str, _value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
