"""Choosing items by what is known of them: `branch:stable-4.18 priority:high -verdict:conflict path:tools/ age>90`.

One small language for every command that works on many items, so that a list can be looked at with the very words that
then assign it. Conditions are joined by "and", several values of one key (`a,b`) by "or", and `-` before a condition
turns it around. A number or a day is compared: `likely<0.2`, `branches>2`, `date>=2026-01-01`. This module must not
look anything up; what is asked comes with `Facets`.

Adding a word:

1. A row in `_FLAGS`, in `_VALUES` (with its `_EXAMPLES`) or in `_MEASURES`. What it asks about is a field of `Facets`,
   which `_read` in `services/items/query.py` fills, for the words alone that `asks_for` names.
2. `cli/completing.py`, and the list of words in the help of `cli/commands/pending.py`, whichever of the three it is.
   `make docs` writes completion and manuals anew.
"""

from __future__ import annotations

import operator
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date

from backportq.errors import UsageError
from backportq.model.items.item import Item
from backportq.model.items.nomination import Via
from backportq.model.items.tasks import is_overdue
from backportq.model.near_words import near_words
from backportq.model.people.path_patterns import maintainers_patterns

_MAX_LENGTH = 4_000


@dataclass(frozen=True, slots=True)
class Facets:
    """One item with what a query can ask: its branch, how it stands (`pending`, `in-progress`, `deferred`, `waiting`),
    the verdict of its trial where one was made, the paths that it touches, and how likely it is to be taken.

    `branches` counts those that have it open, `message` is that of the commit, `deviations` are those of its picks on
    other branches, in a word each.
    """

    item: Item
    branch: str
    standing: str
    verdict: str | None = None
    paths: tuple[str, ...] = ()
    likely: float | None = None
    branches: int = 1
    message: str = ""
    deviations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """One word of a query: a key with its values, a bare word such as `overdue`, or a key with a comparison such as
    `>0.5` as its value; perhaps turned around."""

    key: str
    values: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """All conditions; an empty query admits every item. `me` is the key of who asks, for `assignee:me`."""

    conditions: tuple[Condition, ...] = ()
    me: str | None = None

    @property
    def needs_verdicts(self) -> bool:
        """Whether trials must be made to answer it."""
        return self.asks_for("verdict")

    def asks_for(self, key: str) -> bool:
        """Tell whether any condition is about `key`, so that it must be looked up."""
        return any(condition.key == key for condition in self.conditions)

    def admits(self, facets: Facets, today: date) -> bool:
        """Tell whether the item meets every condition."""
        return all(self._meets(condition, facets, today) is not condition.negated for condition in self.conditions)

    def _meets(self, condition: Condition, facets: Facets, today: date) -> bool:
        if condition.key in _FLAGS:
            return _FLAGS[condition.key](facets, today)
        if condition.key in _MEASURES:
            return _compares(condition.values[0], _MEASURES[condition.key].of(facets, today))
        values = [
            self.me or "" if value == "me" and condition.key == "assignee" else value for value in condition.values
        ]
        return any(_VALUES[condition.key](facets, value) for value in values)


def parse_query(text: str) -> ItemQuery:
    """Return the query that `text` spells; raise `UsageError` with near words for what it doesn't know."""
    if len(text) > _MAX_LENGTH:
        raise UsageError(f"the query has {len(text)} characters, wanted at most {_MAX_LENGTH}")
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"the query '{text}' has an open quote", hints=("close it, or escape it",)) from error
    return ItemQuery(tuple(_condition(word) for word in words))


def _condition(word: str) -> Condition:
    negated = word.startswith("-")
    key, colon, value = word.removeprefix("-").partition(":")
    if not colon and key in _FLAGS:
        return Condition(key, (), negated)
    if colon and key in _VALUES:
        values = tuple(part for part in value.split(",") if part)
        if values:
            return Condition(key, values, negated)
        raise UsageError(f"'{word}' lacks a value", hints=(f"for example {key}:{_EXAMPLES[key]}",))
    comparison = _COMPARISON.match(word.removeprefix("-"))
    if comparison is not None and comparison[1] in _MEASURES:
        return Condition(comparison[1], (f"{comparison[2]}{_number(word, comparison[1], comparison[3])}",), negated)
    known = [*_FLAGS, *(f"{name}:" for name in _VALUES), *(f"{name}>" for name in _MEASURES)]
    near = near_words(f"{key}{colon}", [*known, *_MEASURES], likeness=0.5)
    hints = [f"did you mean '{name}'?" for name in near]
    if not colon and key.isalnum():
        hints.append(f"text:{key} looks for it in messages and notes")
    raise UsageError(f"'{word}' is no condition of a query", hints=(*hints, "known are " + " ".join(known)))


def _number(word: str, key: str, text: str) -> float:
    """Return what is compared with as a number: days of a span (`90`, `3w`, `2y`), or a day since the year 1."""
    try:
        number = _MEASURES[key].read(text)
    except ValueError:
        number = None
    if number is None:
        raise UsageError(f"'{word}' compares with '{text}'", hints=(f"for example {key}{_MEASURES[key].example}",))
    return number


def _share(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{0,3}(\.[0-9]{1,6})?", text) and 0 <= float(text) <= 1 else None


def _whole(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def _span(text: str) -> float | None:
    match = re.fullmatch(r"([0-9]{1,6}) ?(d|w|m|y|)", text)
    return float(match[1]) * _DAYS[match[2]] if match is not None else None


def _day(text: str) -> float | None:
    return float(date.fromisoformat(text).toordinal()) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None


_DAYS = {"": 1, "d": 1, "w": 7, "m": 30, "y": 365}  # an age is rough, and needs no calendar


@dataclass(frozen=True, slots=True)
class _Measure:
    """What can be compared: `of` an item, None where it isn't known; how a number is `read`; and an `example`."""

    of: Callable[[Facets, date], float | None]
    read: Callable[[str], float | None]
    example: str


_MEASURES: Mapping[str, _Measure] = {
    "likely": _Measure(lambda facets, _: facets.likely, _share, "<0.2"),
    "age": _Measure(lambda facets, today: (today - facets.item.committed.astimezone(UTC).date()).days, _span, ">90"),
    "date": _Measure(lambda facets, _: facets.item.committed.astimezone(UTC).date().toordinal(), _day, ">=2026-01-31"),
    "due": _Measure(
        lambda facets, _: facets.item.due.toordinal() if facets.item.due is not None else None, _day, "<2026-01-31"
    ),
    "branches": _Measure(lambda facets, _: facets.branches, _whole, ">2"),
}

_COMPARISON = re.compile(r"([a-z]+)(>=|<=|>|<|=)(.{1,40})\Z")
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}


def _compares(comparison: str, found: float | None) -> bool:
    """Tell whether `found` meets a comparison such as `>=0.5`; what is not known meets none."""
    sign = comparison.rstrip("0123456789.")
    return found is not None and _OPERATORS[sign](found, float(comparison[len(sign) :]))


_FLAGS: Mapping[str, Callable[[Facets, date], bool]] = {
    "unassigned": lambda facets, _: facets.item.assignee is None,
    "overdue": lambda facets, today: is_overdue(facets.item, today),
    "staged": lambda facets, _: facets.item.staged,
    "noted": lambda facets, _: facets.item.note is not None,
}

_VALUES: Mapping[str, Callable[[Facets, str], bool]] = {
    "branch": lambda facets, value: facets.branch == value,
    "state": lambda facets, value: facets.standing == value,
    "assignee": lambda facets, value: facets.item.assignee == value,
    "priority": lambda facets, value: facets.item.priority == value,
    "verdict": lambda facets, value: facets.verdict == value,
    "via": lambda facets, value: any(nomination.via == value for nomination in facets.item.nominations),
    "author": lambda facets, value: value.casefold() in str(facets.item.author).casefold(),
    "subject": lambda facets, value: value.casefold() in facets.item.subject.casefold(),
    "commit": lambda facets, value: facets.item.commit.startswith(value.lower()),
    "text": lambda facets, value: value.casefold() in _text(facets).casefold(),
    "deviation": lambda facets, value: value in (facets.deviations or ("none",)),
    "path": lambda facets, value: any(
        pattern.matches(path) for pattern in maintainers_patterns(value) for path in facets.paths
    ),
}


def _text(facets: Facets) -> str:
    """Return all that was written about an item."""
    item = facets.item
    words = (nomination.text for nomination in item.nominations)
    return "\n".join(filter(None, (item.subject, facets.message, item.note, item.reason, *words)))


_EXAMPLES: Mapping[str, str] = {
    "branch": "stable-4.18",
    "state": "pending",
    "assignee": "me",
    "priority": "high",
    "verdict": "clean",
    "via": str(Via.FIXES),
    "author": "ada@example.org",
    "subject": "x86",
    "commit": "1a2b3c4d",
    "path": "tools/",
    "text": "crash",
    "deviation": "identical",
}
