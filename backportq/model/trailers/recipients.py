"""`Cc:` lines to a stable team, with what people write around the address: versions, prerequisites, delays.

Separate from the other trailers, because the meaning is in the address and in a comment, not in the key. This module
must not know which addresses exist: dialects do.
"""

from __future__ import annotations

import re

from backportq.model.trailers.delays import find_delay
from backportq.model.trailers.dialects.grammar import Recipient
from backportq.model.trailers.dialects.rules import Meaning
from backportq.model.trailers.values import BackportRequest, Malformed, OptOut, Prerequisite
from backportq.model.versions import ALL_VERSIONS, VersionRange, find_range

_FILLER = re.compile(
    r"(?:(?:for|in|linux|kernels?|versions?|at least|starting (?:from|with)|only)\b[\s:]*){0,4}",
    re.IGNORECASE,
)
_PREREQUISITE = re.compile(r"(?P<hex>[0-9a-f]{7,64})(?:\s*:\s*|\s+(?=[(\"'])|\s*\Z)(?P<subject>.*)", re.IGNORECASE)
_VERSION_WORD = re.compile(r"(?<![\w.@-])\d{1,4}\.\d{1,4}(?:\.\d{1,4})?\+?(?![\w.@-])", re.ASCII)
_LIKE_VERSION = re.compile(r"(?:[<>]=?\s*)?v?\d+\.\d", re.IGNORECASE)

Said = BackportRequest | OptOut | Prerequisite | Malformed


def read_recipient(text: str, value: str, recipient: Recipient) -> Said | None:
    """Return what the line `text` with the recipients `value` says to this recipient; None if it is not among them."""
    comment_start = value.find("#")
    address = recipient.address.search(value, 0, comment_start if comment_start != -1 else len(value))
    if address is None:
        return None
    rule = recipient.rule
    comment = _comment(value, address.end())
    if rule.meaning is Meaning.OPT_OUT:
        return OptOut(text, ALL_VERSIONS)
    if rule.versions_before:
        words = _VERSION_WORD.findall(value, 0, address.start())
        if words:
            return BackportRequest(text, find_range(", ".join(words))[0] or ALL_VERSIONS)
    if rule.needs_versions:
        return None
    try:
        versions, rest = _versions(comment, single_is_minimum=rule.single_is_minimum)
    except ValueError as error:
        return Malformed(text, str(error))
    prerequisite = _PREREQUISITE.match(rest)
    if prerequisite is not None and any(map(str.isdigit, prerequisite["hex"])):
        return Prerequisite(text, prerequisite["hex"].lower(), prerequisite["subject"].strip() or None, versions)
    return BackportRequest(text, versions, find_delay(comment))


def _comment(value: str, end: int) -> str:
    sign = value.find("#", end)
    comment = value[sign + 1 :] if sign != -1 else value[end:].lstrip("\"'>")
    return comment.strip().lstrip("[(").strip()


def _versions(comment: str, *, single_is_minimum: bool) -> tuple[VersionRange, str]:
    """Return the versions that a comment begins with (all, if with none) and the rest of it.

    Numbers without a dot are not taken for versions: comments begin with "2 patches" too.
    """
    filler = _FILLER.match(comment)
    start = filler.end() if filler is not None else 0
    found, rest = find_range(comment[start:], single_is_minimum=single_is_minimum)
    if found is None and _LIKE_VERSION.match(comment, start):
        raise ValueError(
            f"wanted versions such as '5.10+' or '4.19.x, 5.4.x', found '{' '.join(comment[:80].split())}'"
        )
    if found is None or "." not in found.text:
        return ALL_VERSIONS, comment
    return found, rest.lstrip(":])- \t")
