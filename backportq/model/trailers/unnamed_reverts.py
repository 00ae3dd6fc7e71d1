"""Reverts that name no commit: `Revert "subject"`, `Reverts owner/repo#N`, `revert: subject`.

Apart from the tags, which name what they are about: this is a wording, and which commit is meant has to be found among
those before it. This module must not look anything up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from backportq.model.titles import subject_of
from backportq.model.trailers.identity_keys import IdentityKey, number_key

_MARK = r"(?:(?:\[[^\]\n]{1,60}\]|\([a-z -]{1,20}\)|Backport [^:\n]{1,60}:|🍒)\s{0,3}){0,3}"
_QUOTED = re.compile(
    rf"{_MARK}(?P<verb>revert(?:ed|s)?|reapply|re-apply|back(?:ed)?[ -]?out)[: ]\s{{0,3}}"
    rf"(?P<quote>[\"'\u201c\u2018])(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
_CONVENTIONAL = re.compile(
    rf"{_MARK}revert(?:\([\w./-]{{1,40}}\))?!?:\s{{1,3}}(?P<rest>\S.*)", re.IGNORECASE | re.DOTALL
)
_CLOSING = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019"}
_NUMBERED = re.compile(
    r"(?:this )?(?:reverts?|backs? out)(?: (?:PR|MR|pull request|merge request))?:? {0,2}"
    r"(?:https?://\S{1,200}/(?:pull|merge_requests)/(?P<by_url>\d{1,9})|(?:[\w.-]{1,100}/[\w./-]{1,150})?"
    r"(?P<sign>[#!])(?P<number>\d{1,9}))\b",
    re.IGNORECASE,
)
_PARTIAL = re.compile(r"\bpartial(?:ly)?\b|\bin part\b", re.IGNORECASE)
_MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class UnnamedRevert:
    """What a message takes back (or, `is_reapplied`, applies again) without naming a commit.

    At least one of these is known: the `subject` that it quotes, the `number` of the pull request. `text` is the line
    that says so.
    """

    text: str
    subject: str | None = None
    number: IdentityKey | None = None
    is_reapplied: bool = False


def read_unnamed_revert(message: str) -> UnnamedRevert | None:
    """Return what the message reverts without `This reverts commit <id>`; None where it says none of it."""
    subject = subject_of(message)
    body = message.strip().partition("\n")[2]
    if _PARTIAL.search(subject):
        return None
    quoted = _QUOTED.match(subject)
    conventional = _CONVENTIONAL.match(subject) if quoted is None else None
    lines = [line.strip() for line in body.split("\n")[:_MOST_LINES]]
    number = next((_number(found) for line in lines if (found := _NUMBERED.match(line)) is not None), None)
    if quoted is not None:
        text = _unquoted(quoted["rest"], _CLOSING[quoted["quote"]])
        return UnnamedRevert(subject, text, number, quoted["verb"].lower().startswith(("reapply", "re-apply")))
    if conventional is not None:
        return UnnamedRevert(subject, conventional["rest"], number)
    in_subject = _NUMBERED.match(subject)
    if in_subject is not None:
        return UnnamedRevert(subject, None, _number(in_subject))
    if number is not None and "revert" in subject.lower():
        return UnnamedRevert(number.text, None, number)
    return None


def _number(found: re.Match[str]) -> IdentityKey:
    if found["by_url"]:
        return number_key("!" if "merge_requests" in found[0] else "#", found["by_url"], found[0])
    return number_key(found["sign"], found["number"], found[0])


def _unquoted(rest: str, closing: str) -> str:
    """Return what is quoted, up to the last closing mark: the subject of a revert may be quoted in turn."""
    end = rest.rfind(closing)
    return rest[:end] if end > 0 else rest
