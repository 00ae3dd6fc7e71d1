"""Evidence by identity keys: numbers of pull requests and what else names a change on both sides.

Weaker than a line that names a commit, stronger than a patch: it counts only where the key names exactly one change of
upstream, where neither or both take something back, and where the two have the title or a path in common. This module
must not read keys from messages; `backportq.model.trailers.identity_keys` does. Gerrit's Change-Id stands by itself: it
is as good as a line, because Gerrit takes commits with one Change-Id for one change whatever became of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain

from backportq.git.repository import Repository
from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.history.subjects import is_subject_of_pick
from backportq.model.ids import BranchName, Oid, short
from backportq.model.titles import bare_subject, title_of
from backportq.model.trailers.identity_keys import IdentityKey, KeyReader, is_revert
from backportq.services.history.changes import Changes
from backportq.services.history.evidence import BranchCommits, Explained, Found, on_each
from backportq.services.history.subject_matches import with_common_paths
from backportq.services.history.upstream import Upstream


class IdentityKeySource:
    """The upstream change with the identity key of a commit that is no merge."""

    kind = EvidenceKind.KEY
    is_explicit = False

    def __init__(self, repository: Repository, upstream: Upstream, changes: Changes, reader: KeyReader) -> None:
        self._repository = repository
        self._upstream = upstream
        self._changes = changes
        self._reader = reader

    def explain(self, branches: Sequence[BranchCommits]) -> Explained:
        """Match the keys of these commits with those of upstream's changes."""
        asked = [self._asked_of(branch) for branch in branches]
        keys = {oid: held for oid in dict.fromkeys(chain(*asked)) if (held := self._keys(oid))}
        if not keys:
            return {}
        named = self._changes_named({key for held in keys.values() for key in held})
        matches: dict[BranchName, dict[Oid, list[tuple[Oid, IdentityKey]]]] = {branch.name: {} for branch in branches}
        for branch, oids in zip(branches, asked, strict=True):
            for oid in oids:
                held = keys.get(oid, ())
                # Each of a list names a change by itself; of others one does.
                listed: list[tuple[IdentityKey, ...]] = [(key,) for key in held if key.is_listed]
                found = [self._match(oid, group, named, branch) for group in listed or [held]]
                matches[branch.name][oid] = list(filter(None, found))
        pairs = {(oid, other) for by_oid in matches.values() for oid, found in by_oid.items() for other, _ in found}
        convincing = self._convincing(pairs)
        return {
            name: {
                oid: {original: _evidence(original, key) for original, key in found if (oid, original) in convincing}
                for oid, found in by_oid.items()
            }
            for name, by_oid in matches.items()
        }

    def _asked_of(self, branch: BranchCommits) -> list[Oid]:
        return [oid for oid in branch.oids if not self._upstream.commits[oid].is_merge]

    def _keys(self, oid: Oid) -> tuple[IdentityKey, ...]:
        commit = self._upstream.commits[oid]
        return self._reader.read(commit.message) if self._reader.may_hold_keys(commit.raw) else ()

    def _changes_named(self, wanted: set[IdentityKey]) -> Mapping[IdentityKey, tuple[Oid, ...]]:
        """Return which upstream changes each key names: those on the first-parent line, else those that came with a
        merge; what says of itself that it is a backport of the key only where nothing else does."""
        owners: dict[IdentityKey, list[list[Oid]]] = {key: [[], [], []] for key in wanted}
        for oid in self._upstream.order:
            for key in self._keys(oid):
                if key in owners:
                    rank = 2 if key.is_of_original else 0 if oid in self._changes.line else 1
                    owners[key][rank].append(oid)
        return {key: tuple(next(filter(None, ranked), ())) for key, ranked in owners.items()}

    def _match(
        self,
        oid: Oid,
        keys: Sequence[IdentityKey],
        named: Mapping[IdentityKey, tuple[Oid, ...]],
        branch: BranchCommits,
    ) -> tuple[Oid, IdentityKey] | None:
        """Return the change that one of the keys names, first of all one with the same title."""
        commits = self._upstream.commits
        title = self._upstream.title_of(oid)
        takes_back = is_revert(bare_subject(commits[oid].subject))
        single: list[tuple[Oid, IdentityKey]] = []
        for key in keys:
            fitting = [
                other for other in named[key] if is_revert(bare_subject(title_of(commits[other].message))) == takes_back
            ]
            same = [other for other in fitting if self._upstream.title_of(other) == title]
            if len(same) == 1 and not branch.reaches(same[0]):
                return same[0], key
            if len(fitting) == 1 and not branch.reaches(fitting[0]):
                single.append((fitting[0], key))
        return single[0] if single else None

    def _convincing(self, pairs: set[tuple[Oid, Oid]]) -> set[tuple[Oid, Oid]]:
        """Return the pairs that have the title or a path in common."""
        title_of = self._upstream.title_of
        same = {pair for pair in pairs if title_of(pair[0]) == title_of(pair[1])}
        return same | with_common_paths(self._repository, pairs - same)


class MergeKeySource(IdentityKeySource):
    """The same for merges on a branch, for which the commits that they brought do not answer: to be asked last."""

    def _asked_of(self, branch: BranchCommits) -> list[Oid]:
        unexplained = set(branch.oids)
        merges = [oid for oid in branch.oids if self._upstream.commits[oid].is_merge]
        line = self._line(merges[-1], None) if merges else frozenset()
        return [oid for oid in merges if all(member in unexplained for member in self._brought(oid, line))]

    def _brought(self, merge: Oid, branch_line: Collection[Oid]) -> list[Oid]:
        """Return what a merge on a branch brought from its topic: along first parents, as far as upstream lacks it."""
        commits = self._upstream.commits
        base = commits[merge].first_parent
        line = branch_line if base in branch_line else self._line(base, _MOST_MEMBERS)
        brought: list[Oid] = []
        topic: Oid | None = commits[merge].parents[1]
        while topic is not None and topic in commits and topic not in line and not self._upstream.contains(topic):
            brought.append(topic)
            topic = commits[topic].first_parent if len(brought) < _MOST_MEMBERS else None
        return brought

    def _line(self, oid: Oid | None, most: int | None) -> Collection[Oid]:
        """Return a commit and its first parents as far as they were read, at `most` so many."""
        commits = self._upstream.commits
        line: set[Oid] = set()
        while oid is not None and oid in commits and len(line) != most:
            line.add(oid)
            oid = commits[oid].first_parent
        return line


_MOST_MEMBERS = 200


def _evidence(original: Oid, key: IdentityKey) -> tuple[Evidence, ...]:
    return (Evidence(EvidenceKind.KEY, f"'{key.text}' names {short(original)}, and no other change"),)


_CHANGE_ID = b"\nChange-Id: I"
_HEXADECIMAL = frozenset(b"0123456789abcdef")
_CHANGE_ID_DIGITS = 40


class ChangeIdSource:
    """Commits with the Change-Id of one upstream commit, or of several and the subject of one of these."""

    kind = EvidenceKind.TRAILER
    is_explicit = False

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    def explain(self, branches: Sequence[BranchCommits]) -> Explained:
        """Match the Change-Ids of these commits with those of upstream's."""
        commits = self._upstream.commits
        asked = dict.fromkeys(oid for branch in branches for oid in branch.oids)
        wanted = {oid: change for oid in asked if (change := change_id(commits[oid].raw)) is not None}
        if not wanted:
            return {}
        having: dict[bytes, list[Oid]] = {change: [] for change in wanted.values()}
        for oid in self._upstream.candidates:
            change = change_id(commits[oid].raw)
            if change in having:
                having[change].append(oid)
        found: dict[Oid, Found] = {}
        for oid, change in wanted.items():
            original = self._choose(oid, having[change])
            if original is not None:
                text = f"Change-Id: I{change.decode('ascii')}, as {short(original)} has"
                found[oid] = {original: (Evidence(EvidenceKind.TRAILER, text),)}
        return on_each(branches, found)

    def _choose(self, oid: Oid, having: list[Oid]) -> Oid | None:
        if len(having) > 1:
            subject = self._upstream.subject_of(oid)
            having = [other for other in having if is_subject_of_pick(subject, self._upstream.subject_of(other))]
        return having[0] if len(having) == 1 else None


def change_id(raw: bytes) -> bytes | None:
    """Return the digits of the last Change-Id of a message: that of the commit, where others are quoted."""
    start = raw.rfind(_CHANGE_ID)
    if start == -1:
        return None
    start += len(_CHANGE_ID)
    end = start + _CHANGE_ID_DIGITS
    digits = raw[start:end]
    is_whole = len(digits) == _CHANGE_ID_DIGITS and raw[end : end + 1] in (b"", b"\n", b"\r", b" ")
    return digits if is_whole and _HEXADECIMAL.issuperset(digits) else None
