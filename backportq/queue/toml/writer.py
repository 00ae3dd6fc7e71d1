"""Writing TOML values in one canonical spelling.

Separate from the codecs because every file of the queue uses the same spelling of strings, dates and unknown values, so
that equal values are equal bytes whoever writes them. It must not know any key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

# What a terminal or an editor would act on instead of showing it: controls, bidirectional and other invisible format
# characters, line and paragraph separators, and lone surrogates (of undecodable arguments; TOML cannot say them).
_UNSHOWN = (
    '"\\\\\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f'
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_ESCAPED = re.compile(f"[{_UNSHOWN}]")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def quoted(text: str) -> str:
    """Return `text` as a basic string on one line; everything that is not shown is escaped."""
    if _ESCAPED.search(text) is None:
        return f'"{text}"'
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def written_key(key: str) -> str:
    """Return `key` bare where TOML allows it, else quoted."""
    return key if _BARE_KEY.match(key) else quoted(key)


def moment(value: datetime) -> str:
    """Return a date-time; an aware one keeps its offset, UTC is written `Z`."""
    offset = value.utcoffset()
    if offset is None:
        return value.isoformat()
    if offset % timedelta(minutes=1):
        value = value.astimezone(UTC)
        offset = timedelta()
    if not offset:
        return value.replace(tzinfo=None).isoformat() + "Z"
    return value.isoformat()


def inline(value: object) -> str:
    """Return any TOML value on one line; the keys of a table in alphabetical order."""
    match value:
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _number(value)
        case datetime():
            return moment(value)
        case date() | time():
            return value.isoformat()
        case Mapping():
            pairs = ", ".join(f"{written_key(key)} = {inline(value[key])}" for key in sorted(value))
            return f"{{ {pairs} }}" if pairs else "{}"
        case Sequence():
            return "[" + ", ".join(inline(element) for element in value) + "]"
        case _:
            raise TypeError(f"{type(value).__name__} has no TOML form")


def extra_lines(extra: Mapping[str, object]) -> list[str]:
    """Return one `key = value` line for each unknown key, in alphabetical order."""
    return [f"{written_key(key)} = {inline(extra[key])}" for key in sorted(extra)]


def _number(value: float) -> str:
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return repr(value)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _SHORT:
        return _SHORT[character]
    point = ord(character)
    if 0xD800 <= point <= 0xDFFF:
        return "\ufffd"
    return f"\\u{point:04X}" if point <= 0xFFFF else f"\\U{point:08X}"
