"""Regular expressions of strangers, in the syntax of RE2, matched in time linear in the text.

A hostile or careless pattern cannot hang a scan, and, unlike with a time limit, every machine gets the same answer. RE2
itself is used where it is installed; it has no wheels for musl and for the newest Python, where `purere2` does the same
in Python, some ten times slower. What that reads differently is refused there. This module must not know what is
matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol

from backportq.errors import ConfigError

_PATTERN_MEMORY = 4 << 20  # bytes for one compiled pattern; RE2 refuses what needs more
_LONGEST = 2_000
_MOST_REPEATED = 1_000
_REPEATED = re.compile(r"\{(\d{1,9})(?:,(\d{0,9}))?\}")
# What purere2 0.1 takes for something else: Unicode classes, literal text, single bytes; swapped greediness, and
# repetitions of repetitions, of flags or of nothing, which RE2 refuses.
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_DIFFERENT_ESCAPES = frozenset("pPQEC")
_LITERAL = re.compile(r"\\.|\[\^?\]?(?:\[:[a-z^]+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_DIFFERENT = re.compile(
    r"\(\?[a-zA-Z]*U|\(\?[a-zA-Z-]+\)[*+?{]|[*+?}][*+]|[*+?}]\?[*+?]|\}\{|[*+?]\{"
    r"|(?:\A|\||\((?:\?[a-zA-Z-]*:|\?P<\w+>)?)(?:[*+]|\{[0-9])|(?:\A|\||\((?:\?[a-zA-Z-]*:|\?P<\w+>))\?"
)
# Searched from each place anew it would take quadratic time; this is one pass with the same leftmost match.
_ONE_PASS = "(?s:.*?)({})"  # noqa: S105 - no password


class InvalidPatternError(ValueError):
    """A pattern that is no regular expression, or is one only for RE2 itself, which is not installed."""


class PatternMatch(Protocol):
    """What a search found."""

    def group(self, group: int | str = 0) -> bytes | None:
        """Return the bytes of a group, None where it took no part."""


class LinearPattern(Protocol):
    """A compiled pattern."""

    @property
    def groups(self) -> frozenset[str]:
        """The names of its groups."""

    def search(self, text: bytes) -> PatternMatch | None:
        """Return the leftmost match in `text`, which is UTF-8, or None."""

    def values(self, text: str, group: str) -> Iterator[str]:
        """Yield what the group holds in each match, from left to right; nothing where it took no part."""


def compile_pattern(text: str) -> LinearPattern:
    """Return the pattern ready for searching; raise `InvalidPatternError` with the reason."""
    try:
        import re2
    except ImportError:
        return compile_in_python(text)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _PATTERN_MEMORY
    try:
        return _Re2Pattern(re2.compile(text, options))
    except re2.error as error:
        said = error.args[0] if error.args else b""
        raise InvalidPatternError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from error


def configured_pattern(text: str, what: str) -> LinearPattern:
    """Return a pattern of `config.toml` ready for searching; raise `ConfigError`, which begins with `what` it is."""
    try:
        return compile_pattern(text)
    except InvalidPatternError as error:
        raise ConfigError(
            f"{what} no RE2 regular expression: {error}",
            hints=("the syntax is at https://github.com/google/re2/wiki/Syntax; back-references do not exist in it",),
        ) from error


def find_pattern(text: str) -> LinearPattern | None:
    """Return the pattern ready for searching, None where it is none or too large."""
    try:
        return compile_pattern(text)
    except InvalidPatternError:
        return None


def compile_in_python(text: str) -> LinearPattern:
    """Return the pattern for where RE2 is not installed; raise `InvalidPatternError` as `compile_pattern` does."""
    import purere2

    size = 1
    for low, high in _REPEATED.findall(text):
        size *= max(int(low), int(high or 0), 1)
    if size > _MOST_REPEATED or len(text) > _LONGEST:
        raise InvalidPatternError("pattern too large")
    if not _DIFFERENT_ESCAPES.isdisjoint(_ESCAPED.findall(text)) or _DIFFERENT.search(_LITERAL.sub("x", text)):
        raise InvalidPatternError("it needs google-re2: pip install 'backportq[re2]'")
    try:
        purere2.compile(text)  # so that a bracket cannot end the group around it
        return _PythonPattern(purere2.compile(_ONE_PASS.replace("{}", text)))
    except (purere2.error, RecursionError) as error:
        raise InvalidPatternError(str(error)) from error


class _Re2Pattern:
    def __init__(self, compiled: Any) -> None:
        self.groups: frozenset[str] = frozenset(compiled.groupindex)
        self.search = compiled.search
        self._compiled = compiled

    def values(self, text: str, group: str) -> Iterator[str]:
        yield from filter(None, (match.group(group) for match in self._compiled.finditer(text)))


class _PythonPattern:
    def __init__(self, compiled: Any) -> None:
        self.groups: frozenset[str] = frozenset(compiled.groupindex)
        self._compiled = compiled

    def values(self, text: str, group: str) -> Iterator[str]:
        position = 0
        while position <= len(text) and (found := self._compiled.match(text, position)) is not None:
            value = found.group(group)
            if value:
                yield value
            # An empty match is passed by one sign, as everywhere.
            position = found.end(1) + (found.start(1) == found.end(1))

    def search(self, text: bytes) -> _PythonMatch | None:
        found = self._compiled.match(text.decode("utf-8", "surrogateescape"))
        return None if found is None else _PythonMatch(found)


class _PythonMatch:
    def __init__(self, found: Any) -> None:
        self._found = found

    def group(self, group: int | str = 0) -> bytes | None:
        """Return the bytes of a group; numbers count from behind the group around the whole."""
        text: str | None = self._found.group(group if isinstance(group, str) else group + 1)
        return None if text is None else text.encode("utf-8", "surrogateescape")
