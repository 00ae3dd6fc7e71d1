"""Evidence by patch-id, for commits whose messages name no original.

Looking at patches costs far more than reading messages, so it is done for few commits, against few candidates, and what
was compared once is remembered. This module must not read messages; where several upstream commits have one patch, the
subject says which is meant. Whoever changes what counts as equal raises the number in `_COMPARED`, since answers are
kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from backportq.errors import BackportqError, GitFailedError, RepositoryError
from backportq.git.cache import Cache
from backportq.git.read.history import start_walk
from backportq.git.read.patch_ids import patch_ids
from backportq.git.read.touched_paths import TouchedPaths
from backportq.git.repository import Repository
from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.ids import Oid, is_oid, short
from backportq.model.words import counted
from backportq.services.history.changes import Changes
from backportq.services.history.evidence import BranchCommits, Explained, Found, on_each
from backportq.services.history.history_range import HistoryRange
from backportq.services.history.subject_matches import SubjectSource, same_subject
from backportq.services.history.upstream import Upstream, is_ordinary

_COMPARED = "compared_patches_3"  # the second knew nothing of merges
_MOST_AHEAD = 20_000
_MAX_PATHS = 2_000
"""A commit that touches more paths is not compared by patch-id: translations of all languages touch hundreds and are
picked without a line, but nothing is that large."""


class PatchSource:
    """The upstream commit with the patch of a commit.

    - `undecided`: the commits whose patch several upstream commits have, with no sign of which is meant.
    - `warnings`: what could not be compared, and why.
    """

    kind = EvidenceKind.PATCH_ID
    is_explicit = False

    def __init__(
        self,
        repository: Repository,
        cache: Cache,
        upstream: Upstream,
        changes: Changes,
        subjects: SubjectSource,
        ahead: TouchedPaths | None = None,
    ) -> None:
        """Compare in this repository; what upstream's commits touch may have been asked `ahead`."""
        self._repository = repository
        self._cache = cache
        self._upstream = upstream
        self._changes = changes
        self._subjects = subjects
        self._ahead = ahead
        self.undecided: dict[Oid, tuple[Oid, ...]] = {}
        self.warnings: list[str] = []

    def explain(self, branches: Sequence[BranchCommits]) -> Explained:
        """Compare these commits with all upstream commits that they were not compared with before."""
        commits, tip = self._upstream.commits, self._upstream.tip
        likely = self._subjects.likely_originals(branches)
        oids = dict.fromkeys(oid for branch in branches for oid in branch.oids if is_ordinary(commits[oid]))
        equal: dict[Oid, tuple[Oid, ...]] = {}
        compared_to: dict[Oid | None, list[Oid]] = {}
        known = self._cache.find_many(_COMPARED, oids)
        for oid in oids:
            compared, *matches = known.get(oid, b"").decode("ascii", "replace").split() or [""]
            if matches and all(is_oid(match) and match in commits for match in matches):
                equal[oid] = tuple(map(Oid, matches))
            elif compared != tip:
                compared_to.setdefault(Oid(compared) if compared in commits else None, []).append(oid)
        for older_tip, some in compared_to.items():
            try:
                fresh, uncertain = self._compare(some, self._candidates_since(older_tip), likely)
            except (RepositoryError, GitFailedError) as error:
                self._warn(error)
                continue
            equal |= fresh
            certain = (oid for oid in some if oid not in uncertain)
            self._cache.put_many(
                _COMPARED, {oid: " ".join((tip, *fresh.get(oid, ()))).encode("ascii") for oid in certain}
            )
        self.undecided = {oid: originals for oid, originals in equal.items() if len(originals) > 1}
        found = {
            oid: self._evidence(oid, originals[0], likely) for oid, originals in equal.items() if len(originals) == 1
        }
        return on_each(branches, found)

    def decide(self, stands_for: Mapping[Oid, Oid]) -> dict[Oid, Found]:
        """Return the evidence for undecided commits whose originals are one change, merged twice; `stands_for` leads
        from the newer of two to the older."""
        decided = {}
        for oid, originals in self.undecided.items():
            standing = {stands_for.get(original, original) for original in originals}
            if len(standing) == 1:
                (original,) = standing
                same = {oid: original} if self._subjects.is_same(oid, original) else {}
                decided[oid] = self._evidence(oid, original, same)
        return decided

    def _evidence(self, oid: Oid, original: Oid, likely: Mapping[Oid, Oid]) -> Found:
        evidence = [Evidence(EvidenceKind.PATCH_ID, f"same patch-id as {short(original)}")]
        if likely.get(oid) == original:
            evidence.append(same_subject(original))
        return {original: tuple(evidence)}

    def _candidates_since(self, older_tip: Oid | None) -> Sequence[Oid]:
        candidates = (*self._upstream.candidates, *self._merges())
        if older_tip is None:
            return candidates
        listing = start_walk(self._repository, (self._upstream.tip,), (older_tip,))
        newer = {line.decode("ascii") for line in listing.parts(b"\n")}
        return [oid for oid in candidates if oid in newer]

    def _merges(self) -> Iterator[Oid]:
        """Yield the merges whose patch no single commit has: those that brought several."""
        return (merge for merge, members in self._changes.members.items() if len(members) > 1)

    def _compare(
        self, oids: Sequence[Oid], candidates: Sequence[Oid], likely: Mapping[Oid, Oid]
    ) -> tuple[dict[Oid, tuple[Oid, ...]], set[Oid]]:
        """Compare patch-ids, but only of commits that touch exactly the same paths: no others can be equal.

        Return which is equal to which one, or to which several that nothing tells apart, and the commits of which that
        may still be found out once all contents are here.
        """
        commits = self._upstream.commits
        # Limiting this to the paths of the few would be slower: git compares each changed entry with each of the paths.
        ahead, self._ahead = self._ahead, None
        known = ahead.asked if ahead is not None else frozenset()
        asked = (commits[oid] for oid in (*oids, *candidates) if oid not in known)
        touched = TouchedPaths(self._repository, asked, commits).read() | (ahead.read() if ahead is not None else {})
        paths = {oid: touched[oid] for oid in oids if oid in touched and touched[oid].count(b"\0") <= _MAX_PATHS}
        wanted = set(paths.values())
        theirs = [oid for oid in candidates if touched.get(oid) in wanted]
        common = {touched[oid] for oid in theirs}
        compared = [oid for oid, its_paths in paths.items() if its_paths in common]
        ids = patch_ids(self._repository, [*compared, *theirs])
        lacking = {oid for oid in (*compared, *theirs) if oid not in ids}
        if lacking:
            self.warnings.append(not_here(len(lacking)))
        unknown = {touched[oid] for oid in lacking}
        by_patch: dict[str, list[Oid]] = {}
        for oid in theirs:
            patch = ids.get(oid)
            if patch is not None:
                by_patch.setdefault(patch, []).append(oid)
        found: dict[Oid, tuple[Oid, ...]] = {}
        for oid in compared:
            equal = by_patch.get(ids.get(oid) or "", [])
            equal = [other for other in equal if not commits[other].is_merge] or equal
            # Applied, reverted and applied again, a patch is there twice; then the subject has to say which is meant.
            choice = equal[0] if len(equal) == 1 else likely.get(oid)
            if choice in equal:
                found[oid] = (choice,)
            elif equal:
                found[oid] = tuple(equal)
        return found, {oid for oid in compared if paths[oid] in unknown and oid not in found}

    def _warn(self, error: BackportqError) -> None:
        self.warnings.append(f"patch-ids could not be compared: {error.message}")


def ask_ahead(repository: Repository, history: HistoryRange) -> TouchedPaths | None:
    """Start looking, beside other work, at what upstream's commits touch: hardly a project names the original of every
    pick. None where that would be a long work for nothing."""
    commits, order = history.commits, history.upstream_order
    if len(order) > _MOST_AHEAD or not any(history.only_in(entry.bits) for entry in history.branches):
        return None
    return TouchedPaths(repository, (commits[oid] for oid in reversed(order) if is_ordinary(commits[oid])), commits)


def not_here(count: int) -> str:
    """Return what to tell of so many commits that change contents which the repository does not have."""
    return f"the patch-ids of {counted(count, 'commit')} could not be compared: the repository lacks what they change"
