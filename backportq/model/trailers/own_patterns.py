"""A project's own wordings, by configuration: trailers and patterns of identity keys, patterns of pick lines.

Patterns are matched in time linear in the text, see `backportq.model.linear_patterns`. This module must not read the
configuration file.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from itertools import islice

from backportq.errors import ConfigError
from backportq.model.config import Config, KeyPattern, PickLinePattern
from backportq.model.linear_patterns import configured_pattern
from backportq.model.trailers.dialects.grammar import OwnPickLine
from backportq.model.trailers.identity_keys import KeyReader, OwnKey

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
    compiled = configured_pattern(pattern, f"the pattern '{pattern}' of {where} in config.toml is")
    if group not in compiled.groups:
        raise ConfigError(
            f"the pattern '{pattern}' of {where} in config.toml has no group '{group}', wanted (?P<{group}>...)",
            hints=("backportq edit config",),
        )

    def search(text: str) -> tuple[str, ...]:
        return tuple(islice(compiled.values(text, group), _MOST_MATCHES))

    return search
