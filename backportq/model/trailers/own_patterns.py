"""A project's own wordings, by configuration: trailers and patterns of identity keys, patterns of pick lines.

Patterns are matched by RE2, in time linear in the text, so that no message can hang a scan. This module must not read
the configuration file.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

from backportq.errors import ConfigError
from backportq.model.config import Config, KeyPattern, PickLinePattern
from backportq.model.trailers.dialects.grammar import OwnPickLine
from backportq.model.trailers.identity_keys import KeyReader, OwnKey

_PATTERN_MEMORY = 4 << 20  # bytes for one compiled pattern; RE2 refuses what needs more
_MOST_MATCHES = 20
_IS_ID = re.compile(r"[0-9a-f]{6,64}\Z", re.IGNORECASE)


def key_reader_of(config: Config) -> KeyReader:
    """Return the reader of identity keys with the project's own; raise `ConfigError` for an unusable pattern."""
    return _key_reader(tuple(t.key for t in config.trailers if t.meaning == "same"), config.keys)


def own_pick_lines_of(patterns: tuple[PickLinePattern, ...]) -> tuple[OwnPickLine, ...]:
    """Return the project's own pick lines, ready to be searched; raise `ConfigError` for an unusable pattern."""
    return tuple(_pick_line(pattern) for pattern in patterns)


@functools.cache
def _key_reader(trailers: tuple[str, ...], keys: tuple[KeyPattern, ...]) -> KeyReader:
    own = tuple(
        OwnKey(f"key:{each.pattern}", _search(each.pattern, "key", "[[key]]"), each.search_in == "subject")
        for each in keys
    )
    return KeyReader(frozenset(key.casefold() for key in trailers), own)


@functools.cache
def _pick_line(line: PickLinePattern) -> OwnPickLine:
    search = _search(line.pattern, "id", "[[pick_line]]")

    def ids(text: str) -> tuple[str, ...]:
        return tuple(found.lower() for found in search(text) if _IS_ID.match(found))

    return OwnPickLine(ids, in_subject=line.search_in == "subject")


def _search(pattern: str, group: str, where: str) -> Callable[[str], tuple[str, ...]]:
    compiled = _compile(pattern, where)
    if group not in compiled.groupindex:
        raise ConfigError(
            f"the pattern '{pattern}' of {where} in config.toml has no group '{group}', wanted (?P<{group}>...)",
            hints=("backportq edit config",),
        )

    def search(text: str) -> tuple[str, ...]:
        found: list[str] = []
        for match in compiled.finditer(text):
            value = match.group(group)
            if value and len(found) < _MOST_MATCHES:
                found.append(value)
        return tuple(found)

    return search


def _compile(pattern: str, where: str) -> Any:
    import re2  # here: most projects have no patterns

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _PATTERN_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else b""
        why = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ConfigError(
            f"the pattern '{pattern}' of {where} in config.toml is no RE2 regular expression: {why}",
            hints=("the syntax is at https://github.com/google/re2/wiki/Syntax; back-references do not exist in it",),
        ) from error
