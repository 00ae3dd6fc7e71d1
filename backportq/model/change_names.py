"""Names of changes that are no ids: numbers of pull and merge requests, URLs, titles.

People say `#100`, `!12` or paste an address; commits carry the number at the end of the subject, in the subject of the
merge, or below it. This module must not look a name up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backportq.model.commit import Commit
from backportq.model.history.subjects import normal_subject, normal_subject_of
from backportq.model.titles import bare_subject, has_marks, title_of

_END = r"(?![\w/]|\.\d)"
_NUMBER = re.compile(
    r"(?:(?:PR|MR|pull request|merge request)[ \t:]{0,3})?(?:[\w.-]{1,100}(?:/[\w.-]{1,100}){1,5})?"
    rf"(?P<sign>#|!|gh-)(?P<number>\d{{1,9}}){_END}",
    re.IGNORECASE,
)
_WORD_AND_NUMBER = re.compile(
    rf"(?:(?P<hash>PR|pull request)|MR|merge request)[ \t]{{1,2}}(?P<number>\d{{1,9}}){_END}", re.IGNORECASE
)
_URL = re.compile(
    r"<?https?://[^\s<>\"]{1,300}?/(?:(?P<hash>pulls?|pull-requests)|merge_requests)/(?P<number>\d{1,9})(?![\w])",
    re.IGNORECASE,
)
_COMMIT_URL = re.compile(
    r"<?https?://[^\s<>\"]{1,300}?(?:/(?:commits?|c|rev|changeset)/|[?;&](?:id|h)=)(?P<hex>[0-9a-f]{7,64})(?![0-9a-z])",
    re.IGNORECASE,
)
_MENTIONED = re.compile(
    r"https?://|(?<![\w/&#!])(?:[\w.-]{1,100}(?:/[\w.-]{1,100}){1,5})?[#!]\d|(?<!\w)gh-\d|(?<!\w)(?:PR|MR)[ \t]?\d",
    re.IGNORECASE,
)
_MERGED = re.compile(
    rb"(?:(?:auto|rollup) merge of |Merge (?:(?:pull[ -]request|PR|merge request|MR) |(?:[\w.-]{1,100}/[\w.-]{1,100})?"
    rb"(?=[#!]\d{1,9}: )))(#|!)(\d{1,9})\b",
    re.IGNORECASE,
)
_LAST = re.compile(rb"\((#|!|gh-|PR ?#)(\d{1,9})\)\s*\Z", re.IGNORECASE)
_RUN = re.compile(rb"(?:\s{0,4}\((?:#|!|gh-|PR ?#)\d{1,9}\)){1,6}\s*\Z", re.IGNORECASE)
_SEE = re.compile(rb"\n[ \t]{0,4}See merge request \S{0,200}?!(\d{1,9})\s*(?:\n|\Z)")
_LONGEST = 160


def read_number(text: str) -> str | None:
    """Return the name, `#100` or `!12`, of the request that `text` begins with; None where it begins with none."""
    for pattern in (_URL, _NUMBER, _WORD_AND_NUMBER):
        found = pattern.match(text)
        if found is not None:
            return _named(found)
    return None


def is_number(text: str) -> bool:
    """Tell whether `text` is the number or address of a request, and nothing else."""
    found = _URL.match(text) or _NUMBER.fullmatch(text) or _WORD_AND_NUMBER.fullmatch(text)
    return found is not None and " " not in text[found.end() :]


def commit_in_url(text: str) -> str | None:
    """Return the id in an address of a commit; None for any other text."""
    found = _COMMIT_URL.match(text)
    return found["hex"].lower() if found is not None and " " not in text[found.end() :] else None


def numbers_in(line: str) -> Iterator[tuple[int, int, str]]:
    """Yield the requests that a line speaks of, each with the columns where the mention begins and ends."""
    for mention in _MENTIONED.finditer(line):
        at = mention.start()
        for pattern in (_URL, _NUMBER, _WORD_AND_NUMBER):
            found = pattern.match(line, at)
            if found is not None:
                yield at, found.end(), _named(found)
                break


@dataclass(frozen=True, slots=True)
class CommitNames:
    """What a commit is called: its subject and its title, as they are compared, and its own numbers (`#100`, `!12`)."""

    subject: str
    title: str
    numbers: tuple[str, ...]

    @property
    def others(self) -> tuple[str, ...]:
        """The names besides the subject."""
        return self.numbers if self.title == self.subject else (*self.numbers, self.title)


def names_of(commit: Commit) -> CommitNames:
    """Return what a commit is called."""
    raw = commit.raw
    start = raw.find(b"\n\n") + 2
    end = raw.find(b"\n", start)
    numbers = tuple(_numbers(raw[start:] if end == -1 else raw[start:end]))
    see = _SEE.search(raw, start) if b"See merge request" in raw else None
    if see is not None:
        numbers = (*numbers, f"!{int(see[1])}")
    subject = normal_subject_of(commit)
    return CommitNames(subject, _title(commit, subject), numbers)


def names_in_subject(subject: bytes) -> Iterator[str]:
    """Yield what can be told of them from a comparable subject alone, for histories that are too long to be read."""
    if subject.endswith(b")"):
        run = _RUN.search(subject[-_LONGEST:])
        if run is not None:
            yield from _numbers(subject)
            title = subject[: len(subject) - len(run[0])]
            yield " ".join(title.decode("utf-8", "replace").split())
    elif subject.startswith((b"merge ", b"auto merge ", b"rollup merge ")):
        yield from _numbers(subject)


def comparable_title(commit: Commit) -> str:
    """Return the title of a commit without the marks of backports, as it is compared."""
    return _title(commit, normal_subject_of(commit))


def _title(commit: Commit, subject: str) -> str:
    if commit.is_merge or has_marks(subject):
        return normal_subject(bare_subject(title_of(commit.message)))
    return subject


def _numbers(subject: bytes) -> Iterator[str]:
    # Most subjects have neither, which is told without a regular expression.
    may_be_last = b")" in subject[-_LONGEST:]
    found = _MERGED.match(subject) or (_LAST.search(subject[-_LONGEST:]) if may_be_last else None)
    if found is not None:
        yield f"{'!' if found[1] == b'!' else '#'}{int(found[2])}"


def _named(found: re.Match[str]) -> str:
    groups = found.groupdict()
    is_merge_request = groups.get("sign") == "!" or ("sign" not in groups and groups.get("hash") is None)
    return f"{'!' if is_merge_request else '#'}{int(found['number'])}"
