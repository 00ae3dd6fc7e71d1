"""Choosing items by what is known of them: `branch:stable-4.18 priority:high verdict:conflict path:tools/ overdue`.

One small language for every command that works on many items, so that a list can be looked at with the very words that
then assign it. Conditions are joined by "and", several values of one key (`a,b`) by "or", and `-` before a condition
turns it around. This module must not look anything up; what is asked comes with `Facets`.
"""

from __future__ import annotations

import operator
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

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
    the verdict of its trial where one was made, the paths that it touches, and how likely it is to be taken."""

    item: Item
    branch: str
    standing: str
    verdict: str | None = None
    paths: tuple[str, ...] = ()
    likely: float | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One word of a query: a key with its values, a bare word such as `overdue`, or `likely` with a comparison such as
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
        return any(one.key == "verdict" for one in self.conditions)

    @property
    def needs_paths(self) -> bool:
        """Whether touched paths must be read to answer it."""
        return any(one.key == "path" for one in self.conditions)

    @property
    def needs_likelihood(self) -> bool:
        """Whether it must be known how likely items are to answer it."""
        return any(one.key == _LIKELY for one in self.conditions)

    def admits(self, facets: Facets, today: date) -> bool:
        """Tell whether the item meets every condition."""
        return all(self._meets(one, facets, today) is not one.negated for one in self.conditions)

    def _meets(self, condition: Condition, facets: Facets, today: date) -> bool:
        if condition.key in _FLAGS:
            return _FLAGS[condition.key](facets, today)
        if condition.key == _LIKELY:
            return _compares(condition.values[0], facets.likely)
        values = [self.me or "" if one == "me" and condition.key == "assignee" else one for one in condition.values]
        return any(_VALUES[condition.key](facets, value) for value in values)


def parse_query(text: str, *, me: str | None = None) -> ItemQuery:
    """Return the query that `text` spells; raise `UsageError` with near words for what it doesn't know."""
    if len(text) > _MAX_LENGTH:
        raise UsageError(f"the query has {len(text)} characters, wanted at most {_MAX_LENGTH}")
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"the query '{text}' has an open quote", hints=("close it, or escape it",)) from error
    return ItemQuery(tuple(_condition(word) for word in words), me)


def _condition(word: str) -> Condition:
    negated = word.startswith("-")
    key, colon, value = word.removeprefix("-").partition(":")
    if not colon and key in _FLAGS:
        return Condition(key, (), negated)
    if colon and key in _VALUES:
        values = tuple(one for one in value.split(",") if one)
        if values:
            return Condition(key, values, negated)
        raise UsageError(f"'{word}' lacks a value", hints=(f"for example {key}:{_EXAMPLES[key]}",))
    comparison = _COMPARISON.match(word.removeprefix("-"))
    if comparison is not None:
        return Condition(_LIKELY, (comparison[1],), negated)
    known = [*_FLAGS, *(f"{one}:" for one in _VALUES), _LIKELY]
    near = near_words(f"{key}{colon}", known, likeness=0.5)
    hints = [f"did you mean '{one}'?" for one in near]
    raise UsageError(f"'{word}' is no condition of a query", hints=(*hints, "known are " + " ".join(known)))


_LIKELY = "likely"
_COMPARISON = re.compile(r"likely((?:>=|<=|>|<)(?:0|1|0?\.[0-9]{1,6}|1\.0{1,6}))\Z")
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def _compares(comparison: str, likely: float | None) -> bool:
    """Tell whether `likely` meets a comparison such as `>=0.5`; what is not known meets none."""
    sign = comparison.rstrip("0123456789.")
    return likely is not None and _OPERATORS[sign](likely, float(comparison[len(sign) :]))


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
    "via": lambda facets, value: any(one.via == value for one in facets.item.nominations),
    "author": lambda facets, value: value.casefold() in str(facets.item.author).casefold(),
    "subject": lambda facets, value: value.casefold() in facets.item.subject.casefold(),
    "commit": lambda facets, value: facets.item.commit.startswith(value.lower()),
    "path": lambda facets, value: any(
        pattern.matches(path) for pattern in maintainers_patterns(value) for path in facets.paths
    ),
}

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
}
