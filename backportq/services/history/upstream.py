"""Upstream's history as evidence is looked for in it: which commits it holds, in which order, under which subjects.

The commits that not all branches share are at hand in full; all older ones are answered for by an index of ids and
subjects. The commits that ids and abbreviations in messages name are looked up in bulk: a scan meets thousands of them,
which one git process answers.

This module must not judge what an equal subject proves.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import cached_property

from backportq.git.read.lookup import resolve_abbreviations
from backportq.git.repository import Repository
from backportq.model.change_names import CommitNames, names_of
from backportq.model.commit import Commit
from backportq.model.history.subjects import normal_subject
from backportq.model.ids import Oid, is_oid
from backportq.services.history.older_commits import OlderCommits


class Upstream:
    """The upstream branch whose tip is `tip`.

    - `commits`: all commits of the range, of upstream and of the branches.
    - `order`: the upstream commits among these, the oldest smallest; parents before children.
    """

    def __init__(self, tip: Oid, commits: Mapping[Oid, Commit], order: Mapping[Oid, int], older: OlderCommits) -> None:
        self.tip = tip
        self.commits = commits
        self.order = order
        self._older = older
        self._names: dict[Oid, CommitNames | str] = {}

    def contains(self, oid: Oid) -> bool:
        """Tell whether upstream reaches this commit, however old it is."""
        return oid in self.order or (oid not in self.commits and self._older.contains(oid))

    @cached_property
    def candidates(self) -> Sequence[Oid]:
        """The commits of the range that could have been picked without a word, newest first: those with one parent."""
        return [oid for oid in reversed(tuple(self.order)) if is_ordinary(self.commits[oid])]

    @cached_property
    def _by_subject(self) -> dict[str, list[Oid]]:
        found: dict[str, list[Oid]] = {}
        for oid in self.order:
            found.setdefault(self.subject_of(oid), []).append(oid)
        return found

    def names_of(self, oid: Oid) -> CommitNames:
        """Return what a commit of the range is called."""
        names = self._names.get(oid)
        if names is None:
            names = names_of(self.commits[oid])
            # The subject alone for most: there may be a million, and each is asked for several times.
            self._names[oid] = names if names.others else names.subject
        return CommitNames(names, names, ()) if isinstance(names, str) else names

    def subject_of(self, oid: Oid) -> str:
        """Return the subject of a commit of the range, as it is compared."""
        names = self._names.get(oid) or self.names_of(oid)
        return names if isinstance(names, str) else names.subject

    def title_of(self, oid: Oid) -> str:
        """Return the title of a commit of the range without the marks of backports, as it is compared."""
        names = self._names.get(oid) or self.names_of(oid)
        return names if isinstance(names, str) else names.title

    def other_names_of(self, oid: Oid) -> tuple[str, ...]:
        """Return by what else than its subject a commit of the range is called."""
        names = self._names.get(oid) or self.names_of(oid)
        return () if isinstance(names, str) else names.others

    def with_subject(self, subject: str) -> Sequence[Oid]:
        """Return the commits of the range with this subject (ignoring case and spacing), oldest first."""
        return self._by_subject.get(normal_subject(subject), ())

    def newest_with_subject(self, subject: str) -> Sequence[Oid]:
        """Return those of the range and, only where there are none, the older ones, in no order."""
        return self.with_subject(subject) or self._older.find_subject(subject)

    @cached_property
    def _by_name(self) -> dict[str, list[Oid]]:
        found: dict[str, list[Oid]] = {}
        for oid in self.order:
            for name in self.other_names_of(oid):
                found.setdefault(name, []).append(oid)
        return found

    def with_name(self, name: str) -> Sequence[Oid]:
        """Return the commits of the range that are called so by their number or title, oldest first."""
        return self._by_name.get(name, ())

    def newest_with_name(self, name: str) -> Sequence[Oid]:
        """Return those of the range and, only where there are none, the older ones, in no order."""
        return self.with_name(name) or self._older.find_named(name)

    def is_subject_unique(self, subject: str) -> bool:
        """Tell whether at most one commit of all upstream has the subject."""
        count = len(self.with_subject(subject))
        return count <= 1 and count + len(self._older.find_subject(subject)) <= 1


class NamedCommits:
    """Answers for one repository; `known` are commits that surely exist, about which git need not be asked."""

    def __init__(self, repository: Repository, known: Container[Oid]) -> None:
        self._repository = repository
        self._known = known
        self._found: dict[str, tuple[Oid, ...]] = {}

    def prepare(self, digits: Iterable[str]) -> None:
        """Look these ids and abbreviations up, all at once."""
        wanted = {text.lower() for text in digits} - self._found.keys()
        known = {text for text in wanted if is_oid(text) and Oid(text) in self._known}
        self._found |= {text: (Oid(text),) if text in known else () for text in wanted}
        self._found |= resolve_abbreviations(self._repository, wanted - known)

    def answerable(self, is_upstream: Callable[[Oid], bool]) -> list[str]:
        """Return what a new upstream commit could be meant by, too: abbreviations, and ids that lead to none so far."""
        return [
            digits for digits, found in self._found.items() if not is_oid(digits) or not any(map(is_upstream, found))
        ]

    def find(self, digits: str) -> tuple[Oid, ...]:
        """Return the commits, upstream's or not, that an id or abbreviation may mean."""
        lowered = digits.lower()
        if lowered not in self._found:
            self.prepare((lowered,))
        return self._found[lowered]


def is_ordinary(commit: Commit) -> bool:
    """Tell whether a commit has one parent, so that what it changes is one patch."""
    return not commit.is_merge and not commit.is_root


def has_same_author(commit: Commit, other: Commit) -> bool:
    """Tell whether two commits have the same author, by mail or, since people change addresses, by name."""
    mine, theirs = commit.author, other.author
    if mine.mail and mine.mail.casefold() == theirs.mail.casefold():
        return True
    return bool(mine.name) and mine.name.casefold() == theirs.name.casefold()
