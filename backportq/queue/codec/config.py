"""The configuration between TOML and values: `config.toml`.

People write this file, so reading is strict about every value and lenient about layout, and the program changes single
keys (`backportq.queue.toml.kept_layout`) and never rewrites the whole. Whether branches exist is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from backportq.model.config import Config, CustomTrailer, Rule, StableBranch, Support
from backportq.model.ids import BranchName
from backportq.model.items.item import Priority
from backportq.model.items.queue import SCHEMA
from backportq.queue.codec.paths import is_storable
from backportq.queue.toml.reader import (
    InvalidValueError,
    Table,
    TomlSource,
    day_of,
    each_of,
    extra_of,
    flag_of,
    name_of,
    quoted_found,
    shown,
    text_of,
    texts_of,
    word_of,
    words_of,
)

CONFIG_FILE = "config.toml"

_SUPPORT = words_of(Support)
_PRIORITIES = words_of(Priority)
_SEARCHES = ("subject", "message")
_MEANINGS = ("nominate", "fixes", "opt-out", "prerequisite", "wait", "foreign", "pick")
_GRAMMARS = ("versions", "since", "none", "commit", "delay")
_MAX_PATTERN = 1_000
_NOTES = "refs/notes/"
_DEFAULT_SEARCH = "message"
_DEFAULT_GRAMMAR = "versions"


def read_config(source: TomlSource, check: Callable[[Config], None] | None = None) -> Config:
    """Return the configuration; raise `ConfigError` or `SchemaError`.

    `check` may raise `InvalidValueError` for what is not to be known from the file alone.
    """

    def decode(table: Table) -> Config:
        config = _config(table)
        if check is not None:
            check(config)
        return config

    return source.read(decode)


def config_table(config: Config) -> dict[str, object]:
    """Return the TOML document of a configuration: keys in the order in which they are written, defaults left out."""
    table: dict[str, object] = {"schema": SCHEMA, "upstream": str(config.upstream)}
    _put(table, "remote", config.remote)
    table["dialects"] = list(config.dialects)
    if config.notes is not None:
        table["notes"] = [ref.removeprefix(_NOTES) for ref in config.notes]
    if config.refusal_lists is not None:
        table["refusal_lists"] = list(config.refusal_lists)
    table.update(config.extra)
    if config.policy:
        table["policy"] = dict(config.policy)
    _put(table, "branch", [_branch_table(one) for one in config.branches])
    _put(table, "rule", [_rule_table(one) for one in config.rules])
    _put(table, "trailer", [_trailer_table(one) for one in config.trailers])
    return table


def _config(table: Table) -> Config:
    upstream = branch_name_of(table, "upstream")
    if upstream is None:
        raise InvalidValueError(("upstream",), "the name of the upstream branch", "nothing")
    dialects = texts_of(table, "dialects") or ("generic",)
    branches = each_of(table, "branch", _branch)
    _unique(branches, "branch", "name", [one.name for one in branches])
    rules = each_of(table, "rule", _rule)
    _unique(rules, "rule", "name", [one.name for one in rules])
    trailers = each_of(table, "trailer", _trailer)
    notes = texts_of(table, "notes") if "notes" in table else None
    refusal_lists = _paths(table, "refusal_lists") if "refusal_lists" in table else None
    policy = table.pop("policy", None)
    if policy is not None and not isinstance(policy, dict):
        raise InvalidValueError(("policy",), "a table", shown(policy))
    return Config(
        upstream=upstream,
        branches=branches,
        dialects=dialects,
        remote=text_of(table, "remote"),
        rules=rules,
        trailers=trailers,
        notes=None if notes is None else tuple(f"{_NOTES}{name.removeprefix(_NOTES)}" for name in notes),
        refusal_lists=refusal_lists,
        policy=extra_of(policy or {}),
        extra=extra_of(table),
    )


def _paths(table: Table, key: str) -> tuple[str, ...]:
    """Take an array of paths in the tree of a branch; git reads what begins with a dot and a slash in its own way."""
    paths = texts_of(table, key)
    for index, path in enumerate(paths):
        if path.startswith("/") or "\n" in path or {".", ".."} & set(path.split("/")):
            raise InvalidValueError(
                (key, index), "a path from the top of the branch, such as 'a/b'", quoted_found(path)
            )
    return paths


def _branch(table: Table) -> StableBranch:
    name = branch_name_of(table, "name")
    if name is None:
        raise InvalidValueError(("name",), "the name of a stable branch", "nothing")
    staging = branch_name_of(table, "staging")
    if staging == name:
        raise InvalidValueError(("staging",), "a branch other than the stable branch itself", quoted_found(staging))
    return StableBranch(
        name=name,
        version=name_of(table, "version"),
        staging=staging,
        support=word_of(table, "support", _SUPPORT, Support.FULL),
        full_until=day_of(table, "full_until"),
        security_until=day_of(table, "security_until"),
        maintainer=text_of(table, "maintainer"),
        extra=extra_of(table),
    )


def _rule(table: Table) -> Rule:
    priority = word_of(table, "priority", _PRIORITIES) if "priority" in table else None
    rule = Rule(
        name=name_of(table, "name"),
        pattern=_pattern(table),
        search_in=_one_of(table, "in", _SEARCHES, _DEFAULT_SEARCH),
        path=text_of(table, "path"),
        author=text_of(table, "author"),
        branches=texts_of(table, "branches"),
        priority=priority,
        nominate=flag_of(table, "nominate", default=True),
        extra=extra_of(table),
    )
    if rule.pattern is None and rule.path is None and rule.author is None:
        raise InvalidValueError((), "a rule with 'pattern', 'path' or 'author'", "none of them")
    return rule


def _trailer(table: Table) -> CustomTrailer:
    key = name_of(table, "key")
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", key) is None:
        raise InvalidValueError(("key",), "a trailer key of letters, digits and '-'", quoted_found(key))
    meaning = _one_of(table, "meaning", _MEANINGS, None)
    return CustomTrailer(key, meaning, _one_of(table, "value", _GRAMMARS, _DEFAULT_GRAMMAR), extra_of(table))


def branch_name_of(table: Table, key: str) -> BranchName | None:
    """Take an optional branch name that git would accept."""
    name = text_of(table, key)
    if name is None:
        return None
    if not is_storable(name):
        raise InvalidValueError((key,), "a branch name that git accepts", quoted_found(name))
    return BranchName(name)


def _pattern(table: Table) -> str | None:
    pattern = text_of(table, "pattern")
    if pattern is None:
        return None
    if len(pattern) > _MAX_PATTERN:
        raise InvalidValueError(("pattern",), f"at most {_MAX_PATTERN} characters", f"{len(pattern)}")
    try:
        re.compile(pattern)
    except re.error as error:
        where = f" at its character {error.pos + 1}" if error.pos is not None else ""
        found = f"{quoted_found(pattern)}: {error.msg}{where}"
        raise InvalidValueError(("pattern",), "a regular expression", found) from error
    except (RecursionError, OverflowError) as error:
        raise InvalidValueError(("pattern",), "a regular expression", "one that is too large") from error
    return pattern


def _one_of(table: Table, key: str, words: tuple[str, ...], default: str | None) -> str:
    value = table.pop(key, default)
    if isinstance(value, str) and value in words:
        return value
    wanted = "one of " + ", ".join(f"'{word}'" for word in words)
    raise InvalidValueError((key,), wanted, "nothing" if value is None else shown(value))


def _unique(values: tuple[object, ...], table: str, key: str, names: list[str]) -> None:
    for index in range(len(values)):
        if names[index] in names[:index]:
            raise InvalidValueError(
                (table, index, key), "each name once", f"{quoted_found(names[index])} a second time"
            )


def _branch_table(branch: StableBranch) -> dict[str, object]:
    table: dict[str, object] = {"name": str(branch.name), "version": branch.version}
    _put(table, "staging", branch.staging)
    if branch.support is not Support.FULL:
        table["support"] = branch.support.value
    _put(table, "full_until", branch.full_until)
    _put(table, "security_until", branch.security_until)
    _put(table, "maintainer", branch.maintainer)
    return {**table, **_sorted(branch.extra)}


def _rule_table(rule: Rule) -> dict[str, object]:
    table: dict[str, object] = {"name": rule.name}
    _put(table, "pattern", rule.pattern)
    if rule.search_in != _DEFAULT_SEARCH:
        table["in"] = rule.search_in
    _put(table, "path", rule.path)
    _put(table, "author", rule.author)
    _put(table, "branches", list(rule.branches))
    _put(table, "priority", rule.priority.value if rule.priority is not None else None)
    if not rule.nominate:
        table["nominate"] = False
    return {**table, **_sorted(rule.extra)}


def _trailer_table(trailer: CustomTrailer) -> dict[str, object]:
    table: dict[str, object] = {"key": trailer.key, "meaning": trailer.meaning}
    if trailer.value != _DEFAULT_GRAMMAR:
        table["value"] = trailer.value
    return {**table, **_sorted(trailer.extra)}


def _put(table: dict[str, object], key: str, value: object) -> None:
    if value:
        table[key] = value


def _sorted(extra: Mapping[str, object]) -> dict[str, object]:
    return {key: extra[key] for key in sorted(extra)}
