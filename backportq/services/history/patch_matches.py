"""Picks that no line tells of: commits on a branch with the patch-id, or the author and subject, of an upstream commit.

Looking at patches costs far more than reading messages, so it is done for few commits, against few candidates, and what
was compared once is remembered. This module must not follow lines of messages; that is
`backportq.services.history.pick_lines`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from backportq.errors import BackportqError, GitFailedError, RepositoryError
from backportq.git.cache import Cache
from backportq.git.read.history import start_walk
from backportq.git.read.patch_ids import patch_ids
from backportq.git.read.touched_paths import TouchedPaths
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.history.subjects import normal_subject_of, without_branch_mark
from backportq.model.ids import Oid, is_oid, short
from backportq.services.history.pick_lines import Found
from backportq.services.history.subjects import Subjects

_COMPARED = "compared_patches_2"  # the first kept nothing of several with one patch
_MAX_PATHS = 2_000
"""A commit that touches more paths is not compared by patch-id: translations of all languages touch hundreds and are
picked without a line, but nothing is that large."""


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Commits of one branch whose messages do not say what they are picks of; `reaches` is the branch's."""

    oids: tuple[Oid, ...]
    reaches: Callable[[Oid], bool]


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Commits that are being compared with `candidates`, and the searches for the paths that all of these touch."""

    oids: tuple[Oid, ...]
    candidates: Sequence[Oid]
    looking: tuple[TouchedPaths, ...]


class Similarity:
    """Compares commits of branches with the upstream commits that could have been picked.

    `candidates` are these, newest first; `subjects` and `tip` are upstream's; `early` is what `look_early` gave. The
    comparison of patches starts with the object, runs beside other work, and is waited for by `find`. `warnings`
    collects what could not be compared, and why.
    """

    def __init__(
        self,
        repository: Repository,
        cache: Cache,
        subjects: Subjects,
        groups: Sequence[Unexplained],
        *,
        commits: Mapping[Oid, Commit],
        candidates: Sequence[Oid],
        tip: Oid,
        early: TouchedPaths | None = None,
    ) -> None:
        self.repository = repository
        self.cache = cache
        self.subjects = subjects
        self.groups = groups
        self.commits = commits
        self.candidates = candidates
        self.tip = tip
        self._early = early
        self.warnings: list[str] = []
        self._by_patch: dict[Oid, Oid] = {}
        self._by_several: dict[Oid, tuple[Oid, ...]] = {}
        self._comparisons: list[_Comparison] = []
        self._start_comparing(groups)

    def find(self) -> dict[Oid, Found]:
        """Return the evidence for those commits that have any; asked again, nothing is compared again."""
        by_subject = self._same_subject()
        by_patch = self._finish_comparing(by_subject)
        found: dict[Oid, Found] = {}
        for oid in dict.fromkeys(oid for group in self.groups for oid in group.oids):
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

    @property
    def undecided(self) -> Mapping[Oid, tuple[Oid, ...]]:
        """What `find` found several upstream commits for, with the same patch and no sign of which is meant."""
        return self._by_several

    def decide(self, oid: Oid, upstream: Oid) -> Found:
        """Return the evidence that an `undecided` commit is a pick of `upstream`, which stands for them all."""
        evidence = [Evidence(EvidenceKind.PATCH_ID, f"same patch-id as {short(upstream)}")]
        same_subject = self._original_subject(oid) == normal_subject_of(self.commits[upstream])
        if same_subject and self._has_same_author(oid, upstream):
            evidence.append(Evidence(EvidenceKind.SUBJECT, f"same author and subject as {short(upstream)}"))
        return {upstream: tuple(evidence)}

    def abandon(self) -> None:
        """Stop comparing; harmless after `find`."""
        for comparison in self._comparisons:
            for looking in comparison.looking:
                looking.abandon()

    def _is_unique(self, upstream: Oid) -> bool:
        """Tell whether all of upstream's history uses the subject of this commit once; if not, it proves nothing."""
        return self.subjects.is_unique(self.commits[upstream].subject)

    def _same_subject(self) -> dict[Oid, Oid]:
        """Return the one upstream commit with the author and subject of each commit, if its branch has one such."""
        wanted = {oid: self._original_subject(oid) for group in self.groups for oid in group.oids}
        with_subject = {
            subject: [oid for oid in self.subjects.among_read(subject) if is_ordinary(self.commits[oid])]
            for subject in set(wanted.values())
        }
        found = {}
        for group in self.groups:
            uses = Counter(wanted[oid] for oid in group.oids)
            for oid in group.oids:
                upstream = with_subject[wanted[oid]]
                is_unique = uses[wanted[oid]] == 1 and len(upstream) == 1
                if is_unique and not group.reaches(upstream[0]) and self._has_same_author(oid, upstream[0]):
                    found[oid] = upstream[0]
        return found

    def _original_subject(self, oid: Oid) -> str:
        """Return the subject that the original of a commit must have: the same, or only where upstream has none such,
        without the branch before it."""
        subject = normal_subject_of(self.commits[oid])
        return subject if self.subjects.among_read(subject) else without_branch_mark(subject)

    def _has_same_author(self, oid: Oid, other: Oid) -> bool:
        return has_same_author(self.commits[oid], self.commits[other])

    def _start_comparing(self, groups: Sequence[Unexplained]) -> None:
        """Start looking for upstream commits that touch what the unexplained ones touch, as far as not remembered."""
        oids = dict.fromkeys(oid for group in groups for oid in group.oids if is_ordinary(self.commits[oid]))
        known = self.cache.find_many(_COMPARED, oids)
        pending: dict[Oid | None, list[Oid]] = {}
        for oid in oids:
            compared, *matches = known.get(oid, b"").decode("ascii", "replace").split() or [""]
            if matches and all(is_oid(match) and match in self.commits for match in matches):
                self._keep(oid, tuple(map(Oid, matches)))
            elif compared != self.tip:
                pending.setdefault(Oid(compared) if compared in self.commits else None, []).append(oid)
        for compared_to, some in pending.items():
            try:
                self._start_group(compared_to, some)
            except (RepositoryError, GitFailedError) as error:
                self._warn(error)
        if self._early is not None:
            self._early.abandon()

    def _start_group(self, compared_to: Oid | None, oids: Sequence[Oid]) -> None:
        candidates = self._candidates_since(compared_to)
        # Limiting this to the paths of the few would be slower: git compares each changed entry with each of the paths.
        few = TouchedPaths(self.repository, map(self.commits.__getitem__, oids), self.commits)
        early, self._early = (self._early, None) if compared_to is None else (None, self._early)
        many = early or TouchedPaths(self.repository, map(self.commits.__getitem__, candidates), self.commits)
        self._comparisons.append(_Comparison(tuple(oids), candidates, (few, many)))

    def _candidates_since(self, compared_to: Oid | None) -> Sequence[Oid]:
        if compared_to is None:
            return self.candidates
        listing = start_walk(self.repository, (self.tip,), (compared_to,))
        newer = {line.decode("ascii") for line in listing.parts(b"\n")}
        return [oid for oid in self.candidates if oid in newer]

    def _finish_comparing(self, likely: Mapping[Oid, Oid]) -> dict[Oid, Oid]:
        if not self._comparisons:
            return self._by_patch
        fresh: dict[Oid, tuple[Oid, ...]] = {}
        compared: list[Oid] = []
        comparisons, self._comparisons = self._comparisons, []
        for comparison in comparisons:
            try:
                equal, uncertain = self._compare(comparison, likely)
            except (RepositoryError, GitFailedError) as error:
                self._warn(error)
            else:
                fresh |= equal
                compared += [oid for oid in comparison.oids if oid not in uncertain]
        self.cache.put_many(
            _COMPARED, {oid: " ".join((self.tip, *fresh.get(oid, ()))).encode("ascii") for oid in compared}
        )
        for oid, equal_ones in fresh.items():
            self._keep(oid, equal_ones)
        return self._by_patch

    def _keep(self, oid: Oid, equal: tuple[Oid, ...]) -> None:
        if len(equal) == 1:
            self._by_patch[oid] = equal[0]
        else:
            self._by_several[oid] = equal

    def _compare(
        self, comparison: _Comparison, likely: Mapping[Oid, Oid]
    ) -> tuple[dict[Oid, tuple[Oid, ...]], set[Oid]]:
        """Compare patch-ids, but only of commits that touch exactly the same paths: no others can be equal.

        Return which is equal to which one, or to which several that nothing tells apart, and the commits of which that
        may still be found out once all contents are here.
        """
        touched = {oid: its for looking in comparison.looking for oid, its in looking.read().items()}
        paths = {oid: touched[oid] for oid in comparison.oids if oid in touched}
        paths = {oid: its for oid, its in paths.items() if its.count(b"\0") <= _MAX_PATHS}
        wanted = set(paths.values())
        theirs = [oid for oid in comparison.candidates if touched.get(oid) in wanted]
        common = {touched[oid] for oid in theirs}
        compared = [oid for oid, its in paths.items() if its in common]
        ids = patch_ids(self.repository, [*compared, *theirs])
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
            # Applied, reverted and applied again, a patch is there twice; then the subject has to say which is meant.
            choice = equal[0] if len(equal) == 1 else likely.get(oid)
            if choice in equal:
                found[oid] = (choice,)
            elif equal:
                found[oid] = tuple(equal)
        return found, {oid for oid in compared if paths[oid] in unknown and oid not in found}

    def _warn(self, error: BackportqError) -> None:
        self.warnings.append(f"patch-ids could not be compared: {error.message}")


def look_early(
    repository: Repository, cache: Cache, candidates: Sequence[Oid], commits: Mapping[Oid, Commit]
) -> TouchedPaths | None:
    """Start looking at the paths that all candidates touch, before it is known what will be compared with them; nothing
    unless nothing ever was, for then it is wanted nearly always."""
    if cache.has_tables:
        return None
    return TouchedPaths(repository, map(commits.__getitem__, candidates), commits)


def not_here(count: int) -> str:
    """Return what to tell of so many commits that change contents which the repository does not have."""
    commits = "1 commit" if count == 1 else f"{count} commits"
    return f"the patch-ids of {commits} could not be compared: the repository lacks what they change"


def is_ordinary(commit: Commit) -> bool:
    """Tell whether a commit has one parent, so that what it changes is one patch."""
    return not commit.is_merge and not commit.is_root


def has_same_author(commit: Commit, other: Commit) -> bool:
    """Tell whether two commits have the same author, by mail or, since people change addresses, by name."""
    mine, theirs = commit.author, other.author
    if mine.mail and mine.mail.casefold() == theirs.mail.casefold():
        return True
    return bool(mine.name) and mine.name.casefold() == theirs.name.casefold()
