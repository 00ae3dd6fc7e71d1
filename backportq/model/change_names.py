"""Names of changes that are no ids: numbers of pull and merge requests, URLs, titles.

People say `#100`, `!12` or paste an address; commits carry the number at the end of the subject, in the subject of the
merge, or below it. This module must not look a name up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
_MERGED = re.compile(rb"Merge (?:pull[ -]request|PR|merge request|MR) (#|!)(\d{1,9})\b", re.IGNORECASE)
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


def names_of(commit: Commit) -> Iterator[str]:
    """Yield by what else than its subject a commit is called: its own number, and its title where that differs."""
    raw = commit.raw
    start = raw.find(b"\n\n") + 2
    end = raw.find(b"\n", start)
    subject = raw[start:] if end == -1 else raw[start:end]
    yield from _numbers(subject)
    see = _SEE.search(raw, start) if b"See merge request" in raw else None
    if see is not None:
        yield f"!{int(see[1])}"
    title = comparable_title(commit)
    if title != normal_subject_of(commit):
        yield title


def names_in_subject(subject: bytes) -> Iterator[str]:
    """Yield what can be told of them from a comparable subject alone, for histories that are too long to be read."""
    if subject.endswith(b")"):
        run = _RUN.search(subject[-_LONGEST:])
        if run is not None:
            yield from _numbers(subject)
            title = subject[: len(subject) - len(run[0])]
            yield " ".join(title.decode("utf-8", "replace").split())
    elif subject.startswith(b"merge "):
        yield from _numbers(subject)


def comparable_title(commit: Commit) -> str:
    """Return the title of a commit without the marks of backports, as it is compared."""
    subject = normal_subject_of(commit)
    if commit.is_merge or has_marks(subject):
        return normal_subject(bare_subject(title_of(commit.message)))
    return subject


def _numbers(subject: bytes) -> Iterator[str]:
    found = _MERGED.match(subject) or _LAST.search(subject[-_LONGEST:])
    if found is not None:
        yield f"{'!' if found[1] == b'!' else '#'}{int(found[2])}"


def _named(found: re.Match[str]) -> str:
    groups = found.groupdict()
    is_merge_request = groups.get("sign") == "!" or ("sign" not in groups and groups.get("hash") is None)
    return f"{'!' if is_merge_request else '#'}{int(found['number'])}"
