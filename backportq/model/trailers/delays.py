"""Delays as people write them: `2 weeks`, `a month`, `after -rc3`, `after 4 weeks in mainline`.

Separate, because two dialects and custom trailers say the same in different places. This module must not know what day
it is: from when a delay counts is for `services`.
"""

from __future__ import annotations

import re

from backportq.model.trailers.values import Wait

_DAYS = {"minute": 0, "hour": 0, "day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365}
_WORDS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "couple of": 2}
_LENGTH = (
    r"(?:(?P<count>\d{1,4})|(?:a\s+)?(?P<word>couple of|an?|one|two|three|four|five|six|eight))\s*"
    r"(?P<unit>minute|hour|day|week|fortnight|month|year|[dw](?![a-z]))s?\b"
)
_DELAY = re.compile(rf"\s*{_LENGTH}", re.IGNORECASE | re.ASCII)
_AFTER = re.compile(
    rf"\bafter\s+(?:v?[\d.]{{1,12}})?-?(?:rc(?P<candidate>\d{{1,3}})\b|{_LENGTH})", re.IGNORECASE | re.ASCII
)
_AT_ONCE = re.compile(r"\s*(?:now|immediate(?:ly)?|asap|instant(?:ly)?|0\b)", re.IGNORECASE)
_NEVER = re.compile(r"\s*(?:never|no|none|not)\b", re.IGNORECASE)


def parse_delay(text: str) -> Wait | None:
    """Return the delay that `text` begins with; None where it says never. Raise `ValueError` where it says neither."""
    if _NEVER.match(text):
        return None
    if _AT_ONCE.match(text):
        return Wait(days=0)
    match = _DELAY.match(text)
    if match is None:
        raise ValueError(f"wanted a delay such as '2 weeks', found '{' '.join(text[:80].split())}'")
    return Wait(days=_days(match))


def find_delay(text: str) -> Wait | None:
    """Return the delay that a comment asks for by `after ...`, or None."""
    match = _AFTER.search(text[:1_000])
    if match is None:
        return None
    if match["candidate"]:
        return Wait(candidate=int(match["candidate"]))
    return Wait(days=_days(match))


def _days(match: re.Match[str]) -> int:
    count = int(match["count"]) if match["count"] else _WORDS[match["word"].lower()]
    unit = match["unit"].lower()
    return count * _DAYS[{"d": "day", "w": "week"}.get(unit, unit)]
