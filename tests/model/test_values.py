"""Values are what the standard library's dataclasses are, however their methods come to be."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import field, replace
from typing import Any, ClassVar

import pytest

from backportq.model.values import dataclass, made_at_once

Make = Callable[[type], Any]


def _shapes(make: Make, make_frozen: Make) -> Iterator[Any]:
    class Plain:
        """A value."""

        first: int
        second: tuple[str, ...] = ("b",)
        third: list[int] = field(default_factory=list, hash=False)
        kind: ClassVar[str] = "plain"

    class Partial:
        """Some fields count for nothing."""

        first: int
        hidden: object = field(default=1.5, repr=False)
        beside: object = field(default=(), compare=False)
        unhashed: object = field(default_factory=dict, hash=False)

    class Computed:
        """Some fields are not given."""

        first: int
        twice: int = field(init=False)
        seen: list[int] = field(init=False, default_factory=lambda: [7])
        fixed: int = field(init=False, default=3)

        def __post_init__(self) -> None:
            object.__setattr__(self, "twice", 2 * self.first)

    class Spoken:
        """It says itself how it is shown and compared."""

        first: int
        second: object = None

        def __repr__(self) -> str:
            return "spoken"

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self)) and self.first == other.first

        def __hash__(self) -> int:
            return 5

    class Compared:  # noqa: PLW1641 - a hash is made for it, where it is frozen
        """It is compared in a way of its own, and hashed by all."""

        first: int
        second: object = None

        def __eq__(self, other: object) -> bool:
            return isinstance(other, type(self)) and self.first == other.first

    class Empty:
        """Nothing."""

    for shape in (Plain, Partial, Computed, Spoken, Compared, Empty):
        for way in (make, make_frozen):
            yield way(type(shape.__name__, (), dict(shape.__dict__)))


def _described(cls: Any) -> list[object]:
    """Return what can be told of a class and its instances from outside."""
    told: list[object] = [cls.__slots__, cls.__match_args__, cls.__doc__]
    needed = () if cls.__name__ == "Empty" else (1,)
    one, same, other = cls(*needed), cls(*needed), cls(*(2 for _ in needed))
    told += [repr(one), one == same, one == other, one != same, one == 1, one.__eq__(1)]
    told += [replace(one) == one, [(f.name, f.type, f.init) for f in dataclasses.fields(one)]]
    attempts: list[Callable[[], object]] = [lambda: hash(one) == hash(same)]
    if needed:
        attempts += [lambda: setattr(one, "first", 3), lambda: delattr(one, "first")]
    for attempt in attempts:
        try:
            told.append(attempt())
        except (TypeError, AttributeError) as error:
            told.append((type(error), str(error)))
    told.append(hasattr(one, "first"))
    if cls.__name__ in ("Plain", "Partial", "Spoken", "Compared"):
        given = cls(4, "second")
        told += [repr(given), given == cls(4), given == cls(4, "second"), repr(replace(given, first=5))]
    for wrong in ((), (1, 2, 3, 4, 5)):
        with pytest.raises(TypeError):
            cls(*(wrong or (() if needed else (1,))))
    return told


def test_values_made_at_once_are_as_the_standard_library_makes_them() -> None:
    ours = _shapes(lambda c: made_at_once(c, frozen=False), lambda c: made_at_once(c, frozen=True))
    theirs = _shapes(dataclasses.dataclass(slots=True), dataclasses.dataclass(frozen=True, slots=True))
    for mine, its in zip(ours, theirs, strict=True):
        assert _described(mine) == _described(its), mine


def test_default_factory_is_called_for_each_value() -> None:
    @dataclass(slots=True)
    class Value:
        each: list[int] = field(default_factory=list)

    assert Value().each is not Value().each


def test_value_of_a_subclass_is_no_other_value() -> None:
    @dataclass(frozen=True, slots=True)
    class Value:
        number: int

    class Sub(Value):
        pass

    assert Value(1) != Sub(1)
    assert Value(1) == Value(1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'number'"):
        setattr(Sub(1), "number", 2)  # noqa: B010 - as no type checker would let us write it


def test_mutable_default_is_refused() -> None:
    class Value:
        shared: list[int] = []  # noqa: RUF012 - what is refused

    with pytest.raises(ValueError, match="mutable default"):
        made_at_once(Value, frozen=True)
