"""Which of the versions that a mail names are meant for which of its commits.

People write `A to 4.18 and newer, B to 4.21 only`, lists below a heading, and sentences below a commit.

- Lines, paragraphs and the whole mail are matched by turns: commits, then their versions, or the other way round.
- Where two readings contradict each other, the commit is left unclear: nobody is to guess.
- Text is not read here, and what a version means for branches is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from backportq.model.ids import BranchName, Oid
from backportq.model.versions import VersionRange


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands in a mail. Blank lines separate paragraphs; the subject is a paragraph of its own."""

    paragraph: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class MentionedCommit:
    """A text that may name a commit, up to the column `end`; with `leads` only a bullet stands before it."""

    place: Position
    end: int
    text: str
    leads: bool


@dataclass(frozen=True, slots=True)
class VersionRequest:
    """Versions or names of branches that a mail names; `is_negated` after a `not` or `except`."""

    place: Position
    versions: VersionRange | None
    branches: tuple[str, ...]
    is_negated: bool

    @property
    def text(self) -> str:
        """What was written."""
        return ", ".join((*self.branches, *([self.versions.text] if self.versions is not None else ())))


Meaning = frozenset[BranchName]
"""The stable branches that a request means."""


@dataclass(frozen=True, slots=True)
class VersionRequests:
    """The requests of a mail that wants different versions: `all` of them, and `of` each commit for which it is
    clear."""

    of: Mapping[Oid, tuple[VersionRequest, ...]]
    all: tuple[VersionRequest, ...]


@dataclass(frozen=True, slots=True)
class _Commit:
    place: Position
    oid: Oid
    leads: bool


_Token = _Commit | VersionRequest
_Matches = dict[Oid, list[VersionRequest]]


def match_versions(
    named: Iterable[MentionedCommit],
    requests: Iterable[VersionRequest],
    commits: Mapping[str, Oid],
    meaning: Callable[[VersionRequest], Meaning],
) -> VersionRequests | None:
    """Return which requests are meant for which commits, or None where all of them mean the same.

    `commits` maps what was named to the commits that it turned out to mean.
    """
    found = [mention for mention in named if mention.text in commits]
    used = _outside_subjects(requests, found)
    if len({meaning(request) for request in used}) < 2:
        return None
    if any(request.is_negated for request in used):
        return VersionRequests({}, used)
    tokens: list[_Token] = [
        *_once(_Commit(mention.place, commits[mention.text], mention.leads) for mention in found),
        *used,
    ]
    return VersionRequests(_Matcher(meaning).of(sorted(tokens, key=_order)), used)


def _once(commits: Iterable[_Commit]) -> list[_Commit]:
    """Return the commits in order. A commit named twice in a line (an id, and the subject behind it) counts once."""
    kept: list[_Commit] = []
    for commit in sorted(commits, key=_order):
        if not kept or (kept[-1].oid, kept[-1].place.line) != (commit.oid, commit.place.line):
            kept.append(commit)
    return kept


def _outside_subjects(
    requests: Iterable[VersionRequest], found: Iterable[MentionedCommit]
) -> tuple[VersionRequest, ...]:
    """Return the requests that are not part of a commit's subject."""
    spans: dict[int, list[MentionedCommit]] = {}
    for mention in found:
        spans.setdefault(mention.place.line, []).append(mention)
    return tuple(
        request
        for request in requests
        if not any(
            mention.place.column <= request.place.column < mention.end for mention in spans.get(request.place.line, ())
        )
    )


class _Matcher:
    """One mail. It is a class because every step compares meanings."""

    def __init__(self, meaning: Callable[[VersionRequest], Meaning]) -> None:
        self._meaning = meaning

    def of(self, tokens: Sequence[_Token]) -> dict[Oid, tuple[VersionRequest, ...]]:
        """Return the requests of each clear commit.

        A paragraph with commits and requests is judged by itself, and what lies between such paragraphs as one text.
        """
        found: _Matches = {}
        unclear: set[Oid] = set()
        apart: list[list[_Token]] = [[]]
        for _, group in groupby(tokens, key=lambda token: token.place.paragraph):
            paragraph = list(group)
            if not _has_both(paragraph):
                apart[-1] += paragraph
                continue
            apart.append([])
            self._add(found, unclear, paragraph, self._paragraph(paragraph))
        settled = set(found) | unclear
        for run in apart:
            rest = [token for token in run if not isinstance(token, _Commit) or token.oid not in settled]
            self._add(found, unclear, rest, self._sequence(rest, by_paragraph=True))
        return {oid: tuple(dict.fromkeys(requests)) for oid, requests in found.items() if oid not in unclear}

    def _add(self, found: _Matches, unclear: set[Oid], tokens: Sequence[_Token], matches: _Matches | None) -> None:
        if matches is None:
            unclear.update(token.oid for token in tokens if isinstance(token, _Commit))
            return
        unclear.update(self._join(found, matches))

    def _paragraph(self, tokens: Sequence[_Token]) -> _Matches | None:
        """Return what its lines and the paragraph as a whole agree on.

        If they do not agree, the lines alone count where each commit has a request in its line.
        """
        whole = self._sequence(tokens)
        lines: _Matches = {}
        for _, group in groupby(tokens, key=lambda token: token.place.line):
            line = list(group)
            matches = self._sequence(line) if _has_both(line) else {}
            if matches is None or self._join(lines, matches):
                return whole
        if whole is not None and all(self._all(whole[oid]) == self._all(requests) for oid, requests in lines.items()):
            return whole
        is_complete = all(token.oid in lines for token in tokens if isinstance(token, _Commit))
        return lines if is_complete else None

    def _sequence(self, tokens: Sequence[_Token], *, by_paragraph: bool = False) -> _Matches | None:
        """Return the matches where commits and requests take turns, None where they do not.

        A request is meant for the commits before it if commits begin and a request ends, else for those after it.
        """
        runs = [list(group) for _, group in groupby(tokens, key=lambda token: isinstance(token, _Commit))]
        if len(runs) % 2:
            return None
        found: _Matches = {}
        for first, second in zip(runs[::2], runs[1::2], strict=True):
            commits = [token for token in (*first, *second) if isinstance(token, _Commit)]
            requests = [token for token in (*first, *second) if isinstance(token, VersionRequest)]
            if (
                len({request.place.line for request in requests}) > 1
                and len({self._meaning(request) for request in requests}) > 1
            ):
                return None
            if first[0] is commits[0] and _has_gap(commits, requests[0], by_paragraph=by_paragraph):
                return None
            if self._join(found, {commit.oid: requests for commit in commits}):
                return None
        return found

    def _join(self, found: _Matches, more: Mapping[Oid, Sequence[VersionRequest]]) -> set[Oid]:
        """Add `more` to `found`; return the commits for which the two mean different things."""
        different = {oid for oid in more if oid in found and self._all(found[oid]) != self._all(more[oid])}
        for oid, requests in more.items():
            found.setdefault(oid, []).extend(requests)
        return different

    def _all(self, requests: Iterable[VersionRequest]) -> Meaning:
        return frozenset().union(*(self._meaning(request) for request in requests))


def _has_gap(commits: Sequence[_Commit], request: VersionRequest, *, by_paragraph: bool) -> bool:
    """Tell whether `request` may be meant for the last of `commits` only.

    That is so if they are paragraphs of their own, or entries of a list of which the last goes on with the request.
    """
    if by_paragraph:
        return len({commit.place.paragraph for commit in commits}) > 1
    same = [commit for commit in commits if commit.place.line == request.place.line]
    return len(same) < len(commits) and any(commit.leads for commit in same)


def _has_both(tokens: Sequence[_Token]) -> bool:
    return len({isinstance(token, _Commit) for token in tokens}) == 2


def _order(token: _Token) -> tuple[int, int]:
    return token.place.line, token.place.column
