"""Picks that no line tells of: commits on a branch with the patch-id, or the author and subject, of an upstream commit.

Looking at patches costs far more than reading messages, so it is done for few commits, against few candidates, and what
was compared once is remembered. This module must not follow lines of messages; that is `backportq.services.evidence`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.cache import Cache
from backportq.git.history import start_walk
from backportq.git.patches import patch_ids, touched_paths
from backportq.git.repository import Repository
from backportq.git.upstream_index import UpstreamIndex, normal_subject
from backportq.model.commit import Commit
from backportq.model.ids import Oid, is_oid, short
from backportq.model.landed import Evidence, EvidenceKind
from backportq.services.evidence import Found

_COMPARED = "compared_patches_1"
_MAX_PATHS = 200
"""A commit that touches more paths is not compared by patch-id: no pick without a line is that large."""


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Commits of one branch whose messages do not say what they are picks of; `reaches` is the branch's."""

    oids: tuple[Oid, ...]
    reaches: Callable[[Oid], bool]


@dataclass(slots=True)
class Similarity:
    """Compares with the upstream commits `candidates`, newest first, whose tip is `tip`.

    `warnings` collects what could not be compared, and why.
    """

    repository: Repository
    commits: Mapping[Oid, Commit]
    candidates: Sequence[Oid]
    tip: Oid
    index: UpstreamIndex
    warnings: list[str] = field(default_factory=list)

    def find(self, groups: Sequence[Unexplained]) -> dict[Oid, Found]:
        """Return the evidence for those commits that have any."""
        by_subject = self._same_subject(groups)
        by_patch = self._same_patch(groups, by_subject)
        found: dict[Oid, Found] = {}
        for oid in dict.fromkeys(oid for group in groups for oid in group.oids):
            evidence = []
            upstream = by_patch.get(oid)
            if upstream is not None:
                evidence.append(Evidence(EvidenceKind.PATCH_ID, f"same patch-id as {short(upstream)}"))
            named = by_subject.get(oid)
            if named is not None and (upstream == named or (upstream is None and self._is_unique(named))):
                upstream = named
                evidence.append(Evidence(EvidenceKind.SUBJECT, f"same author and subject as {short(named)}"))
            if upstream is not None:
                found[oid] = {upstream: tuple(evidence)}
        return found

    def _is_unique(self, upstream: Oid) -> bool:
        """Tell whether all of upstream's history uses the subject of this commit once; if not, it proves nothing."""
        return len(self.index.find_subject(self.commits[upstream].subject)) <= 1

    def _same_subject(self, groups: Sequence[Unexplained]) -> dict[Oid, Oid]:
        """Return the one upstream commit with the author and subject of each commit, if its branch has one such."""
        wanted = {oid: normal_subject(self.commits[oid].subject) for group in groups for oid in group.oids}
        with_subject: dict[str, list[Oid]] = {subject: [] for subject in wanted.values()}
        # Comparing the raw first line first keeps this from decoding every message of upstream.
        for oid in self.candidates:
            same = with_subject.get(normal_subject(self.commits[oid].subject))
            if same is not None:
                same.append(oid)
        found = {}
        for group in groups:
            uses = Counter(wanted[oid] for oid in group.oids)
            for oid in group.oids:
                upstream = with_subject[wanted[oid]]
                is_unique = uses[wanted[oid]] == 1 and len(upstream) == 1
                if is_unique and not group.reaches(upstream[0]) and self._has_same_author(oid, upstream[0]):
                    found[oid] = upstream[0]
        return found

    def _has_same_author(self, oid: Oid, other: Oid) -> bool:
        return has_same_author(self.commits[oid], self.commits[other])

    def _same_patch(self, groups: Sequence[Unexplained], likely: Mapping[Oid, Oid]) -> dict[Oid, Oid]:
        """Return the upstream commit with the patch-id of each commit that has one; ask only what is not remembered."""
        oids = dict.fromkeys(oid for group in groups for oid in group.oids if len(self.commits[oid].parents) == 1)
        found: dict[Oid, Oid] = {}
        pending: dict[Oid | None, list[Oid]] = {}
        cache = Cache.open(self.repository)
        known = cache.find_many(_COMPARED, oids)
        for oid in oids:
            compared, _, match = known.get(oid, b"").decode("ascii", "replace").partition(" ")
            if is_oid(match) and match in self.commits:
                found[oid] = Oid(match)
            elif compared != self.tip:
                pending.setdefault(Oid(compared) if compared in self.commits else None, []).append(oid)
        fresh: dict[Oid, Oid] = {}
        try:
            for compared_to, some in pending.items():
                fresh |= self._compare(some, self._candidates_since(compared_to), likely)
        except (RepositoryError, GitFailedError) as error:
            self.warnings.append(f"patch-ids could not be compared: {error.message}")
        else:
            asked = [oid for some in pending.values() for oid in some]
            cache.put_many(_COMPARED, {oid: f"{self.tip} {fresh.get(oid, '')}".encode("ascii") for oid in asked})
        cache.close()
        return found | fresh

    def _candidates_since(self, compared_to: Oid | None) -> Sequence[Oid]:
        if compared_to is None:
            return self.candidates
        listing = start_walk(self.repository, (self.tip,), (compared_to,))
        newer = {line.decode("ascii") for line in listing.parts(b"\n")}
        return [oid for oid in self.candidates if oid in newer]

    def _compare(self, oids: Sequence[Oid], candidates: Sequence[Oid], likely: Mapping[Oid, Oid]) -> dict[Oid, Oid]:
        """Compare patch-ids, but only of commits that touch exactly the same paths: no others can be equal."""
        if not oids or not candidates:
            return {}
        mine = {
            oid: frozenset(paths)
            for oid, paths in touched_paths(self.repository, oids).items()
            if 0 < len(paths) <= _MAX_PATHS
        }
        wanted = set(mine.values())
        theirs = {
            oid: frozenset(paths)
            for oid, paths in touched_paths(self.repository, candidates).items()
            if frozenset(paths) in wanted
        }
        common = set(theirs.values())
        compared = [oid for oid, paths in mine.items() if paths in common]
        ids = patch_ids(self.repository, [*compared, *theirs])
        by_patch: dict[str, list[Oid]] = {}
        for oid in theirs:
            patch = ids[oid]
            if patch is not None:
                by_patch.setdefault(patch, []).append(oid)
        found = {}
        for oid in compared:
            equal = by_patch.get(ids[oid] or "", [])
            # Applied, reverted and applied again, a patch is there twice; then the subject has to say which is meant.
            choice = equal[0] if len(equal) == 1 else likely.get(oid)
            if choice in equal:
                found[oid] = choice
        return found


def has_same_author(commit: Commit, other: Commit) -> bool:
    """Tell whether two commits have the same author, by mail or, since people change addresses, by name."""
    mine, theirs = commit.author, other.author
    if mine.mail and mine.mail.casefold() == theirs.mail.casefold():
        return True
    return bool(mine.name) and mine.name.casefold() == theirs.name.casefold()
