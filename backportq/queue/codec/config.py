"""The configuration between TOML and values: `config.toml`.

People write this file, so reading is strict about every value and lenient about layout, and the program changes single
keys (`backportq.queue.toml.kept_layout`) and never rewrites the whole. The keys are those that `backportq.model.config`
declares; here stands what holds between several of them. A key that could do nothing where it stands is refused with
the reason. Whether branches exist is not asked here.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backportq.model.config import Config, CustomTrailer, KeyPattern, PickLinePattern, Rule, RuleEffect, StableBranch
from backportq.model.ids import BranchName
from backportq.model.items.queue import SCHEMA
from backportq.queue.codec.declared import read_record, required_branch
from backportq.queue.codec.writing import record_table
from backportq.queue.toml.reader import InvalidValueError, Table, TomlSource, quoted_found, together

CONFIG_FILE = "config.toml"

_UPSTREAM = "upstream"
_EVERYBODY = frozenset({"*", "*@*", "**", "*.*"})


def read_config(source: TomlSource, check: Callable[[Table], Sequence[InvalidValueError]] | None = None) -> Config:
    """Return the configuration; raise `ConfigError` or `SchemaError`.

    `check` returns what is wrong with the table that is not to be known from the file alone; it is told together with
    what is.
    """

    def decode(table: Table) -> Config:
        wrong = list(check(table)) if check is not None else []
        try:
            config = _config(table)
        except InvalidValueError as error:
            raise together([error, *wrong]) from error.__cause__
        if wrong:
            raise together(wrong)
        return config

    return source.read(decode)


def config_table(config: Config) -> dict[str, object]:
    """Return the TOML document of a configuration: keys in the order in which they are written, defaults left out."""
    upstream = list(config.upstreams) if config.more_upstreams else config.upstream
    return {"schema": SCHEMA, **record_table(config), _UPSTREAM: upstream}


def _config(table: Table) -> Config:
    wrong: list[InvalidValueError] = []
    more: tuple[BranchName, ...] = ()
    try:
        more = _take_more_upstreams(table)
    except InvalidValueError as error:
        wrong.append(error)
        table[_UPSTREAM] = "main"  # it is told; the rest of the file is still to be read
    try:
        config = read_record(Config, table)
    except InvalidValueError as error:
        raise together([*wrong, error, *_doubts(_readable(table))]) from error.__cause__
    wrong += _doubts({name: list(enumerate(getattr(config, array.field))) for name, array in _TABLES.items()})
    wrong += [
        InvalidValueError(
            ("people", "robots", index),
            "mail addresses such as '*-bot@example.org'",
            f"'{robot}', which is everybody",
        )
        for index, robot in enumerate(config.people.robots)
        if robot in _EVERYBODY
    ]
    if wrong:
        raise together(wrong)
    return replace(config, more_upstreams=more)


Places = Mapping[str, Sequence[tuple[int, Any]]]
"""For each array of tables its records, each with its place in the array."""


def _readable(table: Table) -> Places:
    """Return the records that can be read; the others are told already."""
    found: dict[str, list[tuple[int, Any]]] = {}
    for name, array in _TABLES.items():
        values = table.get(name)
        found[name] = []
        for index, inner in enumerate(values if isinstance(values, list) else ()):
            with contextlib.suppress(InvalidValueError, AttributeError):  # it may be no table at all
                found[name].append((index, read_record(array.kind, inner)))
    return found


def _doubts(places: Places) -> Iterator[InvalidValueError]:
    """Yield what is wrong with records by themselves, or with several that say the same."""
    for name, array in _TABLES.items():
        seen: set[str] = set()
        for index, record in places[name]:
            try:
                array.check(record)
            except InvalidValueError as error:
                yield error.inside(name, index)
            if array.once is None:
                continue
            value = array.value(record)
            if value in seen:
                yield InvalidValueError(
                    (name, index, array.once), f"each {array.once} once", f"{quoted_found(value)} a second time"
                )
            seen.add(value)


def _take_more_upstreams(table: Table) -> tuple[BranchName, ...]:
    """Leave the first of several upstream branches in `table`, and return the others."""
    names = table.get(_UPSTREAM)
    if type(names) is not list:
        return ()
    if not names:
        raise InvalidValueError((_UPSTREAM,), "the name of the upstream branch", "an empty array")
    more: list[BranchName] = []
    for index, name in enumerate(names):
        try:
            found = required_branch(name, "the name of an upstream branch")
        except InvalidValueError as error:
            raise error.inside(_UPSTREAM, index) from error
        if found in names[:index]:
            raise InvalidValueError((_UPSTREAM, index), "each branch once", f"{quoted_found(found)} a second time")
        more.append(found)
    table[_UPSTREAM] = more.pop(0)
    return tuple(more)


def _check_branch(branch: StableBranch) -> None:
    if branch.staging == branch.name:
        raise InvalidValueError(
            ("staging",), "a branch other than the stable branch itself", quoted_found(branch.staging)
        )


def _check_rule(rule: Rule) -> None:
    if rule.pattern is None and rule.path is None and rule.author is None:
        raise InvalidValueError((), "a rule with 'pattern', 'path' or 'author'", "none of them")
    if rule.effect is RuleEffect.NEVER:
        if rule.reason is None:
            raise InvalidValueError((), "a 'reason' beside nominate = 'never'", "none")
        if rule.priority is not None:
            raise InvalidValueError(
                ("priority",), "no priority for what is never nominated", quoted_found(rule.priority)
            )
    elif rule.reason is not None:
        raise InvalidValueError(("reason",), "a reason only beside nominate = 'never'", quoted_found(rule.reason))


def _check_trailer(trailer: CustomTrailer) -> None:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", trailer.key) is None:
        raise InvalidValueError(("key",), "a trailer key of letters, digits and '-'", quoted_found(trailer.key))
    if trailer.meaning == "same" and trailer.value != "versions":
        wanted = "no grammar where the meaning is 'same': values are compared as they stand"
        raise InvalidValueError(("value",), wanted, quoted_found(trailer.value))


def _check_key(key: KeyPattern) -> None:
    _check_group(key.pattern, "key", "what both sides share")


def _check_pick_line(line: PickLinePattern) -> None:
    _check_group(line.pattern, "id", "the original's id")


def _check_group(pattern: str, group: str, meaning: str) -> None:
    if group not in re.compile(pattern).groupindex:
        wanted = f"a group (?P<{group}>…) around {meaning}"
        raise InvalidValueError(("pattern",), wanted, quoted_found(pattern))


@dataclass(frozen=True, slots=True)
class _Array:
    """An array of tables: the `field` of `Config`, the class of its records, what checks one, and the key, if any,
    whose `value` no two of them may share."""

    field: str
    kind: type
    check: Callable[[Any], None]
    once: str | None = None
    value: Callable[[Any], str] = str


_TABLES: Mapping[str, _Array] = {
    "branch": _Array("branches", StableBranch, _check_branch, "name", lambda branch: branch.name),
    "rule": _Array("rules", Rule, _check_rule, "name", lambda rule: rule.title),
    "trailer": _Array("trailers", CustomTrailer, _check_trailer),
    "key": _Array("keys", KeyPattern, _check_key, "pattern", lambda key: key.pattern),
    "pick_line": _Array("pick_lines", PickLinePattern, _check_pick_line, "pattern", lambda line: line.pattern),
}
