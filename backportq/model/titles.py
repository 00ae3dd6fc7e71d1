"""What a change is called: its title where a merge's subject only says what was merged, and subjects without marks.

Separate from the messages' tags, because nothing is asked for here: a title is for people to read, a bare subject for
comparing. This module must not look anything up.
"""

from __future__ import annotations

import re

_MERGE_SUBJECT = re.compile(
    r"Merge (?:pull request|pull-request|PR|merge request|MR) [#!]\d|Merge (?:remote-tracking )?branch(?:es)? ['\"]"
    r"|Merge (?:commit|tag) '|(?:auto|rollup) merge of #\d",
    re.IGNORECASE,
)
# Bitcoin's script puts number and title into the subject.
_TITLED_MERGE = re.compile(r"Merge (?:[\w.-]{1,100}/[\w.-]{1,100})?[#!]\d{1,9}: (?P<title>\S.*)", re.IGNORECASE)
# Lists of what was merged, conflicts, trailers and what a forge adds are no titles.
_NO_TITLE = re.compile(
    r"[*#<>-]|Conflicts:?|\S+ in branch |(?:[A-Z][A-Za-z]*-)+[a-z]+:|Merge (?:pull|branch|remote)|See merge request"
    r"|\(?(?:cherry|backported)"
    r"|(?:closes|fixes|refs|see|resolves|part of)\b[: \t]{0,3}(?:[#!<]|https?:|gh-)\S{1,200}\Z",
    re.IGNORECASE,
)

_BRACKETS = r"\[[^\]\n]{1,60}\]|\((?:cherry-?pick|back-?port(?:ed)?)[^)\n]{0,60}\)"
_PREFIX = re.compile(
    rf"(?:{_BRACKETS}|🍒|⏪|:cherries:"
    r"|(?:auto(?:matic|mated)? )?(?:backport|cherry[- ]?pick)(?:ed|s)?(?: (?:of|for))?(?: (?:PR|MR|pull request))?"
    r"(?: ?[#!]\d{1,9})?(?: (?:on|to|onto) (?:branch )?[\w./-]{1,60})?\s?:)\s{0,4}:?\s{0,4}",
    re.IGNORECASE,
)
_VERSION = r"v?\d{1,4}(?:\.\d{1,4}){1,3}(?:\.[xy])?"
_BRANCH_MARK = rf"(?:stable|release|rel|maint)[-/_]{_VERSION}:"
# What Chrome OS, Android, OpenShift and V8 write before what they take from elsewhere, in this spelling alone.
_ORIGIN_MARK = r"(?:(?:UPSTREAM|FROMGIT|FROMLIST|BACKPORT)(?:: \d{1,9})?|Merged):"
_OTHER_PREFIX = re.compile(
    rf"(?:[a-z]{{1,12}}\((?:back-?port|cherry-?pick)[^)\n]{{0,60}}\)!?:|{_VERSION}:|{_BRANCH_MARK}|(?-i:{_ORIGIN_MARK}))\s{{1,4}}",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"(?:back-?port|cherry[- ]?pick)(?: of)? (?P<title>\S.{0,500}?) (?:(?:in|on)?to|for) (?:branch )?"
    r"[\w./-]{0,40}\d[\w./-]{0,20}\Z",
    re.IGNORECASE,
)
_SUFFIX = re.compile(
    r"\s{1,4}(?:\((?:(?:backport|cherry-?pick(?:ed)?)(?: (?:of|from))? )?(?:PR ?)?(?:#|!|gh-|GH-)\d{1,9}\)"
    rf"|{_BRACKETS}|\({_VERSION}\)|(?:a|r|sr|approval)=[\w.,@\[\]-]{{1,80}}|(?-i:DONTBUILD|CLOSED TREE))\s*\Z",
    re.IGNORECASE,
)
_ENDINGS = ("dontbuild", "closed tree")
_WORDS = re.compile(rf"[\u23ea\U0001f352]|back-?port|cherr|(?:{'|'.join(_ENDINGS)})\Z", re.IGNORECASE)
_BEGINNING = re.compile(rf"{_VERSION}:|{_BRANCH_MARK}|{_ORIGIN_MARK}", re.IGNORECASE)
_MOST_MARKS = 6


def subject_of(message: str) -> str:
    """Return the subject of a commit message: its first paragraph on one line (git's `%s`)."""
    lines: list[str] = []
    for line in message.split("\n"):
        text = line.strip(" \t\r")  # what git takes for white space; Python's own has signs that git shows
        if text:
            lines.append(text)
        elif lines:
            break
    return " ".join(lines)


def has_marks(subject: str) -> bool:
    """Tell whether a subject, in whatever case, may have marks of a backport around it; false means it certainly has
    none."""
    # Asked of every commit: what most subjects lack is looked for before any word.
    if "[" in subject or "(" in subject or "=" in subject:
        return True
    is_plain = subject.isascii() and subject.islower()
    may_have_words = not is_plain or "port" in subject or "cherr" in subject or subject.endswith(_ENDINGS)
    return (may_have_words and _WORDS.search(subject) is not None) or _BEGINNING.match(subject) is not None


def is_merge_subject(subject: str) -> bool:
    """Tell whether a subject says only what was merged."""
    return _MERGE_SUBJECT.match(subject) is not None


def title_of(message: str) -> str:
    """Return what the change is called: its subject, or, where that says only what was merged, the first line of the
    body that is a sentence."""
    subject = subject_of(message)
    titled = _TITLED_MERGE.match(subject)
    if titled is not None:
        return titled["title"]
    if not is_merge_subject(subject):
        return subject
    body = message.strip().partition("\n\n")[2]
    for line in body.split("\n")[:20]:
        text = line.strip()
        if text:
            return subject if _NO_TITLE.match(text) else text
    return subject


def bare_subject(subject: str) -> str:
    """Return a subject without what backports put around it.

    Before it: brackets, `🍒`, `Backport PR #N:`, `UPSTREAM:`. Behind it: numbers of pull requests, brackets, approvals
    (`a=name`), words to the machine that builds.
    A subject that consists of marks alone stays as it is.
    """
    bare = subject.strip()
    for _ in range(_MOST_MARKS):
        prefix = _PREFIX.match(bare) or _OTHER_PREFIX.match(bare)
        shorter = bare[prefix.end() :].strip() if prefix is not None else bare
        suffix = _SUFFIX.search(shorter[-120:])
        if suffix is not None:
            shorter = shorter[: len(shorter) - len(shorter[-120:]) + suffix.start()].rstrip()
        if shorter in (bare, ""):
            break
        bare = shorter
    around = _AROUND.match(bare)
    return around["title"] if around is not None else bare
