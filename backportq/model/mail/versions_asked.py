"""Which of the versions that a mail names is said of which of its commits.

Apart from the reading because it is a judgement: people write `A to 4.18 and newer, B to 4.21 only`, lists below a
heading, and sentences below a commit, and where these contradict each other nobody is to guess. This module must not
read text nor know what a version means for branches: the caller says both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from backportq.model.ids import BranchName, Oid
from backportq.model.versions import VersionRange


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands in a mail: blank lines separate paragraphs, and the subject is one of its own."""

    paragraph: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class MentionedCommit:
    """A text that may name a commit, up to the column `end`; `leads` where only a bullet stands before it."""

    place: Position
    end: int
    text: str
    leads: bool


@dataclass(frozen=True, slots=True)
class VersionRequest:
    """Versions or names of branches; `is_negated` behind a `not` or `except`."""

    place: Position
    versions: VersionRange | None
    branches: tuple[str, ...]
    is_negated: bool

    @property
    def text(self) -> str:
        """What was written."""
        return ", ".join((*self.branches, *([self.versions.text] if self.versions is not None else ())))


Meaning = frozenset[BranchName]
"""The stable branches that a wish means."""


@dataclass(frozen=True, slots=True)
class VersionRequests:
    """The wishes of a mail that has different ones: `of` by commit, for those where it can be told, and `all`."""

    of: Mapping[Oid, tuple[VersionRequest, ...]]
    all: tuple[VersionRequest, ...]


@dataclass(frozen=True, slots=True)
class _Commit:
    place: Position
    oid: Oid
    leads: bool


_Token = _Commit | VersionRequest
_Said = dict[Oid, list[VersionRequest]]


def tell_wishes(
    named: Iterable[MentionedCommit],
    wishes: Iterable[VersionRequest],
    commits: Mapping[str, Oid],
    meaning: Callable[[VersionRequest], Meaning],
) -> VersionRequests | None:
    """Return which wishes are said of which commits, or None where all of them mean the same.

    `commits` maps what was named to the commits that it turned out to mean.
    """
    found = [one for one in named if one.text in commits]
    said = _outside(wishes, found)
    if len({meaning(wish) for wish in said}) < 2:
        return None
    if any(wish.is_negated for wish in said):
        return VersionRequests({}, said)
    tokens: list[_Token] = [*_once(_Commit(one.place, commits[one.text], one.leads) for one in found), *said]
    return VersionRequests(_Telling(meaning).of(sorted(tokens, key=_order)), said)


def _once(commits: Iterable[_Commit]) -> list[_Commit]:
    """Return the commits in order, without the second name of one: an id, and the subject behind it."""
    kept: list[_Commit] = []
    for one in sorted(commits, key=_order):
        if not kept or (kept[-1].oid, kept[-1].place.line) != (one.oid, one.place.line):
            kept.append(one)
    return kept


def _outside(wishes: Iterable[VersionRequest], found: Iterable[MentionedCommit]) -> tuple[VersionRequest, ...]:
    """Return the wishes without what the subject of a commit says."""
    spans: dict[int, list[MentionedCommit]] = {}
    for one in found:
        spans.setdefault(one.place.line, []).append(one)
    return tuple(
        wish
        for wish in wishes
        if not any(one.place.column <= wish.place.column < one.end for one in spans.get(wish.place.line, ()))
    )


class _Telling:
    """One mail; a class because every step compares meanings."""

    def __init__(self, meaning: Callable[[VersionRequest], Meaning]) -> None:
        self._meaning = meaning

    def of(self, tokens: Sequence[_Token]) -> dict[Oid, tuple[VersionRequest, ...]]:
        """Paragraphs that name both are judged by themselves, and the runs of others between them as one text."""
        found: _Said = {}
        unclear: set[Oid] = set()
        apart: list[list[_Token]] = [[]]
        for _, group in groupby(tokens, key=lambda token: token.place.paragraph):
            paragraph = list(group)
            if not _has_both(paragraph):
                apart[-1] += paragraph
                continue
            apart.append([])
            self._add(found, unclear, paragraph, self._paragraph(paragraph))
        told = set(found) | unclear
        for run in apart:
            rest = [token for token in run if not isinstance(token, _Commit) or token.oid not in told]
            self._add(found, unclear, rest, self._sequence(rest, by_paragraph=True))
        return {oid: tuple(dict.fromkeys(wishes)) for oid, wishes in found.items() if oid not in unclear}

    def _add(self, found: _Said, unclear: set[Oid], tokens: Sequence[_Token], said: _Said | None) -> None:
        if said is None:
            unclear.update(token.oid for token in tokens if isinstance(token, _Commit))
            return
        unclear.update(self._join(found, said))

    def _paragraph(self, tokens: Sequence[_Token]) -> _Said | None:
        """Return what its lines and the paragraph as a whole agree on; the lines alone if each commit has its own."""
        whole = self._sequence(tokens)
        lines: _Said = {}
        for _, group in groupby(tokens, key=lambda token: token.place.line):
            line = list(group)
            said = self._sequence(line) if _has_both(line) else {}
            if said is None or self._join(lines, said):
                return whole
        if whole is not None and all(self._all(whole[oid]) == self._all(wishes) for oid, wishes in lines.items()):
            return whole
        is_complete = all(token.oid in lines for token in tokens if isinstance(token, _Commit))
        return lines if is_complete else None

    def _sequence(self, tokens: Sequence[_Token], *, by_paragraph: bool = False) -> _Said | None:
        """Return what is said where commits and wishes take turns: of the commits before each wish if commits begin and
        a wish ends it, of those behind it if it is the other way round, None where it is neither."""
        runs = [list(group) for _, group in groupby(tokens, key=lambda token: isinstance(token, _Commit))]
        if len(runs) % 2:
            return None
        found: _Said = {}
        for first, second in zip(runs[::2], runs[1::2], strict=True):
            commits = [token for token in (*first, *second) if isinstance(token, _Commit)]
            wishes = [token for token in (*first, *second) if isinstance(token, VersionRequest)]
            if len({wish.place.line for wish in wishes}) > 1 and len({self._meaning(wish) for wish in wishes}) > 1:
                return None
            if first[0] is commits[0] and _has_gap(commits, wishes[0], by_paragraph=by_paragraph):
                return None
            if self._join(found, {commit.oid: wishes for commit in commits}):
                return None
        return found

    def _join(self, found: _Said, more: Mapping[Oid, Sequence[VersionRequest]]) -> set[Oid]:
        """Add `more` to `found`, and return the commits of which the two say different things."""
        different = {oid for oid in more if oid in found and self._all(found[oid]) != self._all(more[oid])}
        for oid, wishes in more.items():
            found.setdefault(oid, []).extend(wishes)
        return different

    def _all(self, wishes: Iterable[VersionRequest]) -> Meaning:
        return frozenset().union(*(self._meaning(wish) for wish in wishes))


def _has_gap(commits: Sequence[_Commit], wish: VersionRequest, *, by_paragraph: bool) -> bool:
    """Tell whether `wish` may be said of the last of `commits` only: they are paragraphs of their own, or entries of a
    list of which the last goes on with it."""
    if by_paragraph:
        return len({commit.place.paragraph for commit in commits}) > 1
    same = [commit for commit in commits if commit.place.line == wish.place.line]
    return len(same) < len(commits) and any(commit.leads for commit in same)


def _has_both(tokens: Sequence[_Token]) -> bool:
    return len({isinstance(token, _Commit) for token in tokens}) == 2


def _order(token: _Token) -> tuple[int, int]:
    return token.place.line, token.place.column
