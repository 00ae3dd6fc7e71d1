"""What a mail asks for: the commits that it names, their subjects, and the versions, as people write in mails.

- Nothing here is certain, so what was found is shown and confirmed before anything is done.
- Everything is bounded and linear: mails come from strangers.
- MIME is parsed in `services/mail/mailbox`, commits are resolved in `services/mail/requests`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from backportq.model.change_names import numbers_in
from backportq.model.mail.versions_asked import MentionedCommit, Position, VersionRequest
from backportq.model.versions import Span, VersionRange, find_range

MAX_TEXT = 200_000
"""Characters of one mail that are looked at; a request is at the top of a mail or in a short one."""

_MAX_LINE = 1_000
_MAX_FOUND = 100
_ID = re.compile(r"(?<![0-9A-Za-z_/.@=-])(?=[0-9a-f]{0,40}[0-9])[0-9a-f]{7,64}(?![0-9A-Za-z_@=]|\.[\w.-]{1,80}@)")
_IN_URL = re.compile(r"/(?:commit|c|rev)/\??(?:id=)?([0-9a-f]{7,64})(?![0-9a-z])|[?;&](?:id|h)=([0-9a-f]{7,64})")
_DIGITS_ONLY = re.compile(r"[0-9]{1,11}\Z")
_QUOTED_LINE = re.compile(r"\s{0,3}(?:>(?!=)|\|)")
_NO_VERSION = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}:\d{2}(?::\d{2})?\b|[.;:!?)\]](?=\s|\Z)")
_ATTRIBUTION = re.compile(r".{0,300}\b(?:wrote|writes|schrieb)\s*:\s*\Z", re.IGNORECASE)
_REPLY = re.compile(r"\s*(?:(?:re|fwd?|aw|wg|tr)\s*:\s*|\[[^\[\]]{0,80}\]\s*)", re.IGNORECASE)
_BULLET = re.compile(r"\s*(?:[-*+•]|\(?\d{1,3}[.)])?\s*(?:[0-9a-f]{7,64}[\s:,-]+)?")
_QUOTED_TEXT = re.compile(
    r"""["“«`]([^"”»`\n]{8,250})["”»`]|(?<!\w)['‘]([^\n]{8,250}?)['’](?!\w)|\(([^"“'\n]{8,250})\)"""  # noqa: RUF001
)
_ASKS = re.compile(
    r"back-?port|stable|cherry-?pick|please (?:pick|queue|apply|take|consider)|\bpick(?:ed|ing)?\b|tree|branch|release",
    re.IGNORECASE,
)
_WANTS = re.compile(r"back-?port|\bstable\b|cherry-?pick", re.IGNORECASE)
_ALL = re.compile(
    r"\ball (?:the )?(?:(?:still )?(?:maintained|supported|stable|active)[\s-]{1,3}){1,2}"
    r"(?:branch|tree|release|version|series)|\ball (?:branches|stables|stable)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:not?|except|excluding|without|unless|\w{2,6}n.t)\b[^.;:,]{0,30}\Z", re.IGNORECASE)
_LEAD = re.compile(r"\W*(?:\d{1,3}[.)]\W*)?(?:commit\b\W*)?", re.IGNORECASE)
_VERSION_AT = re.compile(
    r"(?:(?:>=|>|≥)\s{0,3}|\b(?:since|from|newer than)\s{1,3})?"
    r"(?<![\w.])v?\d{1,4}(?:[._]\d{1,4}){0,3}(?![\w]|\.\w)"
)


@dataclass(frozen=True, slots=True)
class MailRequest:
    """What one mail names.

    - `ids`: abbreviations or ids of commits. `numbers`: `#100` and `!12`, of requests or of issues. `subjects`: texts
      that may be subjects of commits.
    - `versions`: the range that is named, None for none. `branches`: names of branches.
    - `asks`: whether it speaks of backports at all.
    - `named` and `version_requests`: the same with positions, for mails that want different versions of several
      commits.
    """

    ids: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    versions: VersionRange | None = None
    branches: tuple[str, ...] = ()
    asks: bool = False
    named: tuple[MentionedCommit, ...] = ()
    version_requests: tuple[VersionRequest, ...] = ()
    numbers: tuple[str, ...] = ()


def read_request(subject: str, body: str, *, branch_names: Iterable[str], versions: Iterable[str]) -> MailRequest:
    """Return what a mail with this `Subject:` and plain text asks for.

    - `branch_names` are the configured stable branches, `versions` theirs. Mails are full of numbers, so a bare version
      counts only if it is one of these.
    - What the writer quotes of others counts only where they name no commit themselves.
    """
    lines = [line[:_MAX_LINE] for line in body[:MAX_TEXT].splitlines()]
    branches = tuple(branch_names)
    own = [line for line in lines if not _QUOTED_LINE.match(line) and not _ATTRIBUTION.match(line)]
    title = _title(subject)
    known = frozenset(versions)
    names = [name for name in branches if any(_names_branch(line, name) for line in (title, *own))]
    ids = _unique(_ids([title, *own]))
    numbers = _unique(_numbers([title, *own]))
    subjects = _unique((title, *_subjects(own)))
    looks_into_quotes = not ids
    if looks_into_quotes:
        quoted = [_unquoted(line) for line in lines if _QUOTED_LINE.match(line)]
        ids = _unique(_ids(quoted))
        numbers = numbers or _unique(_numbers(quoted))
        subjects = _unique((*subjects, *_subjects(quoted)))
    asking = [line for line in (title, *own) if _ASKS.search(line)]
    found = _versions(asking, known) or _versions([title, *own], known)
    if found is None and any(_ALL.search(line) for line in (title, *own)):
        found = VersionRange("all stable branches")
    asks = any(_WANTS.search(line) for line in (title, *own))
    named, version_requests = _with_positions(title, lines, branches, known, looks_into_quotes=looks_into_quotes)
    wanted = {*ids, *numbers, *subjects}
    named = [mention for mention in named if mention.text in wanted]
    return MailRequest(ids, subjects, found, tuple(names), asks, tuple(named), tuple(version_requests), numbers)


def _with_positions(
    title: str, lines: Sequence[str], branches: Sequence[str], known: frozenset[str], *, looks_into_quotes: bool
) -> tuple[list[MentionedCommit], list[VersionRequest]]:
    """Return what may name commits, and the versions and branches, each with its place."""
    named: list[MentionedCommit] = []
    version_requests: list[VersionRequest] = []
    paragraph = 0
    for number, line in enumerate((title, "", *lines)):
        is_quoted = number > 0 and _QUOTED_LINE.match(line) is not None
        text = _unquoted(line) if is_quoted else line
        if not text.strip():
            paragraph += 1
            continue
        if _ATTRIBUTION.match(text) or (is_quoted and not looks_into_quotes):
            continue
        whole = [(0, len(text), text)] if not number else []
        for start, end, what in (*_placed_ids(text), *numbers_in(text), *_placed_subjects(text), *whole):
            leads = _LEAD.fullmatch(text[:start]) is not None
            named.append(MentionedCommit(Position(paragraph, number, start), end, what, leads))
        if not is_quoted:
            version_requests += _version_requests_of(text, Position(paragraph, number, 0), branches, known)
    return named, version_requests


def _version_requests_of(
    line: str, place: Position, branches: Sequence[str], known: frozenset[str]
) -> list[VersionRequest]:
    found: list[tuple[int, VersionRange | None, tuple[str, ...]]] = [
        (start, versions, ()) for start, versions in _ranges(line, known)
    ]
    found += [(line.find(name), None, (name,)) for name in branches if _names_branch(line, name)]
    if not found:
        every = _ALL.search(line)
        if every is None:
            return []
        found = [(every.start(), VersionRange("all stable branches"), ())]
    version_requests = []
    for start, versions, names in found:
        is_negated = _NEGATED.search(line, max(0, start - 50), start) is not None
        version_requests.append(VersionRequest(replace(place, column=start), versions, names, is_negated))
    return version_requests


def _unquoted(line: str) -> str:
    return re.sub(r"^(?:\s{0,3}[>|])+", "", line)


def _title(subject: str) -> str:
    """Return a mail's subject without `Re:` and `[PATCH v2 3/7]`."""
    title = " ".join(subject.split())[:_MAX_LINE]
    for _ in range(20):
        match = _REPLY.match(title)
        if match is None or match.end() == 0:
            break
        title = title[match.end() :]
    return title.strip()


def _ids(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from (text for _, _, text in _placed_ids(line))


def _numbers(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from (number for _, _, number in numbers_in(line))


def _placed_ids(line: str) -> Iterator[tuple[int, int, str]]:
    """Yield the ids with the columns where they begin and end."""
    lowered = line.lower()
    for match in _IN_URL.finditer(lowered):
        yield match.start(), match.end(), match[1] or match[2]
    for match in _ID.finditer(lowered):
        if _DIGITS_ONLY.match(match[0]) is None:
            yield match.start(), match.end(), match[0]


def _subjects(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield from (text for _, _, text in _placed_subjects(line))


def _placed_subjects(line: str) -> Iterator[tuple[int, int, str]]:
    """Yield what may be a subject, with its columns: quoted texts, and whole lines without a bullet or an id in
    front."""
    for match in _QUOTED_TEXT.finditer(line):
        yield match.start(), match.end(), (match[1] or match[2] or match[3]).strip()
    bullet = _BULLET.match(line)
    start = bullet.end() if bullet is not None else 0
    rest = line[start:].strip()
    if 8 <= len(rest) <= 250:
        yield start, len(line), rest


def _versions(lines: Iterable[str], known: frozenset[str]) -> VersionRange | None:
    """Return the union of the ranges that the lines name: open ranges, and single versions that are known."""
    spans: list[Span] = []
    texts: list[str] = []
    for line in lines:
        for _, found in _ranges(line, known):
            spans += found.spans
            texts.append(found.text)
        if len(spans) > _MAX_FOUND:
            break
    return VersionRange(", ".join(dict.fromkeys(texts)), tuple(dict.fromkeys(spans))) if spans else None


def _ranges(raw: str, known: frozenset[str]) -> Iterator[tuple[int, VersionRange]]:
    """Yield the ranges that a line names, with the column where each begins."""
    line = _NO_VERSION.sub(lambda match: " " * len(match[0]), raw)
    position = 0
    while (match := _VERSION_AT.search(line, position)) is not None:
        text = line[match.start() :]
        try:
            found, rest = find_range(text)
        except ValueError:
            found, rest = None, text
        taken = len(text) - len(rest) if found is not None else 0
        position = match.start() + max(taken, len(match[0]))
        if found is None or found.is_all:
            continue
        kept = tuple(span for span in found.spans if _is_version_of(span, known))
        if kept:
            yield match.start(), VersionRange(found.text, kept)


def _is_version_of(span: Span, known: frozenset[str]) -> bool:
    """Tell whether a span means any of the known versions.

    A single version must be spelled exactly so: a point release in a mail says where something was seen.
    """
    if span.low is not None and span.low == span.high:
        return ".".join(str(part) for part in span.low) in known
    return any(VersionRange("", (span,)).includes(version) for version in known)


def _names_branch(line: str, name: str) -> bool:
    position = line.find(name)
    while position != -1:
        before, after = line[position - 1 : position], line[position + len(name) : position + len(name) + 1]
        if not (before.isalnum() or before in {".", "-", "_"}) and not (after.isalnum() or after in {"-", "_"}):
            return True
        position = line.find(name, position + 1)
    return False


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in texts:
        if text:
            found.setdefault(text)
        if len(found) >= _MAX_FOUND:
            break
    return tuple(found)
