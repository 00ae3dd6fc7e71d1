"""References to commits as people write them after a key: `id ("subject")` and the many forms beside it.

One place for every trailer whose value names a commit. This module must not resolve anything: whether a commit exists,
and whether its subject agrees, is for `services`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backportq.model.words import excerpt

_ID = re.compile(
    r"""
    (?:(?:commit|c/s|changeset)\b[ \t:]*)?
    (?:https?://\S{1,300}/(?:commit|c)/)?
    [<`"'(\[]?
    (?P<hex>[0-9a-f]{6,64})(?![0-9a-z_])
    [>`\]]?
    """,
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
_EACH_ID = re.compile(r"[0-9a-f]{6,64}(?![0-9a-z_])", re.IGNORECASE)
_AND = re.compile(r"\s{0,4}(?:,|&|;|\band\b)\s{0,4}(?=[0-9a-f]{6})", re.IGNORECASE)
_ISSUE = re.compile(
    r"""
    https?://|[#!]\d|\w[\w./-]{0,60}[#!]\d|gh-\d|r\d{4,}\b|\[?(?:bug|bz|issue|ticket|pr|coverity|launchpad)\b
    |(?:[a-z]{1,20}\s)?cid(?:\d|\b)|lp:?\s?[#]?\d|(?:xsa|cve|[a-z]{2,10})-\d
    """,
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
_BESIDE_ISSUE = re.compile(r"\(commit\s(?P<hex>[0-9a-f]{7,64})\)", re.IGNORECASE)
# The first word is no id with a typing error in it, no release, no key of a trailer, and nothing that is quoted.
_NAME = re.compile(
    r"(?:[-*•]\s{1,4})?(?![0-9a-f]{6}|v?\d|[a-z0-9-]{1,40}:\s)[a-z./*](?:[^\s\"'()<>\[\]]{0,200}[./*_:]|[a-z0-9]{0,40}-[a-z0-9])(?![^\n]*\([\"'])",
    re.IGNORECASE | re.ASCII,
)
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "”": "”", "„": "“", "«": "»", "`": "`"}  # noqa: RUF001 - as typed
_BRACKETS = {"(": ")", "[": "]"}
_SURE_LENGTH = 10
_PASTED_ID = re.compile(r"(?=[a-f]{0,40}[0-9])[0-9a-f]{7,40}\Z")


@dataclass(frozen=True, slots=True)
class Reference:
    """One commit that is named: what was written of its id, in lower case, and its subject unquoted; None if absent."""

    hex: str | None
    subject: str | None


def parse_references(value: str) -> tuple[Reference, ...]:
    """Return the commits that `value` names; none if it names an issue instead (`#123`, a URL, `XSA-123`), unless a
    commit stands beside that in brackets (`CID 1419392 (commit 376b851909)`); none either if it begins with the name of
    a test, a file or the like: a word with dots, slashes, underscores, asterisks or hyphens.

    Raise `ValueError` saying why where it names nothing.
    """
    value = value.strip()
    found: list[Reference] = []
    position = 0
    while True:
        match = _ID.match(value, position)
        if match is None:
            break
        following = _AND.match(value, match.end())
        subject = None if following else _subject(value[match.end() :])
        if not _is_id(match["hex"], value[match.end() : match.end() + 8]):
            break
        found.append(Reference(match["hex"].lower(), subject))
        if following is None:
            return tuple(found)
        position = following.end()
    if found:
        return tuple(found)
    if _ISSUE.match(value):
        return tuple(Reference(named["hex"].lower(), None) for named in _BESIDE_ISSUE.finditer(value))
    if _NAME.match(value):
        return ()
    if value[:1] and value.lstrip("([")[:1] in _QUOTES:
        quoted = _subject(value)
        if quoted:
            return (Reference(None, quoted),)
    if not value:
        raise ValueError("wanted a commit id, found nothing")
    raise ValueError(f"wanted a commit id of 6 or more digits, found '{excerpt(value)}'")


def ids_in(text: str) -> tuple[str, ...]:
    """Return the ids in `text`, which a rule's pattern matched as a list of them, in lower case; no words."""
    return tuple(
        hex_id.lower() for hex_id in _EACH_ID.findall(text) if len(hex_id) >= _SURE_LENGTH or not hex_id.isalpha()
    )


def is_open(value: str) -> bool:
    """Tell whether a quoted subject in `value` begins and does not end, so that it may go on on the next line."""
    match = _ID.match(value)
    if match is None:
        return False
    rest = value[match.end() :].strip()
    opening = rest[:1]
    if opening in _BRACKETS:
        quote = _QUOTES.get(rest[1:].lstrip()[:1])
        if quote is not None:
            return quote + _BRACKETS[opening] not in rest
        return rest.count(opening) > rest.count(_BRACKETS[opening])
    return opening in _QUOTES and _QUOTES[opening] not in rest[1:]


def is_quoted(text: str) -> bool:
    """Tell whether `text`, which follows an id, begins with a quotation mark or a bracket."""
    return text[:1] in _QUOTES or text[:1] in _BRACKETS


def _is_id(written: str, rest: str) -> bool:
    """Words such as `defaced` are spelt with hexadecimal digits only; before more plain words they are words."""
    if len(written) >= _SURE_LENGTH or not written.isalpha():
        return True
    rest = rest.strip()
    return not rest or not rest[0].isalnum()


def _subject(rest: str) -> str | None:
    text = rest.strip().lstrip(".:,;-–— \t")  # noqa: RUF001 - as people type them
    opening = text[:1]
    if opening in _BRACKETS:
        text = _quoted(text[1:].strip(), _BRACKETS[opening])
    elif opening in _QUOTES:
        end = text.rfind(_QUOTES[opening], 1)
        text = text[1:end] if end > 0 else text[1:]
    words = text.split()
    # People paste `git log --oneline`: an id before the subject is no part of it.
    if len(words) > 1 and _PASTED_ID.match(words[0]):
        del words[0]
    return " ".join(words) or None


def _quoted(inner: str, bracket: str) -> str:
    """Return what is quoted in the rest of a bracket; a missing closing mark is forgiven."""
    closing = _QUOTES.get(inner[:1])
    if closing is None:
        end = inner.rfind(bracket)
        return inner[:end] if end >= 0 else inner
    end = inner.rfind(closing + bracket)
    if end > 0:
        return inner[1:end]
    return inner[1:].rstrip().removesuffix(bracket).rstrip().removesuffix(closing)
