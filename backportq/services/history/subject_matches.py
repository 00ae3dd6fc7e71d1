"""Evidence by author and subject, for commits that nothing stronger explains.

It counts only where the subject is used once: on the branch among what no message explains, and in all of upstream's
history. This module must not look at patches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.history.subjects import normal_subject_of, without_branch_mark
from backportq.model.ids import Oid, short
from backportq.services.history.evidence import BranchCommits, Explained
from backportq.services.history.upstream import Upstream, has_same_author, is_ordinary


class SubjectSource:
    """The upstream commit with the author and subject of a commit, the branch before the subject aside."""

    kind = EvidenceKind.SUBJECT
    is_explicit = False

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._likely: dict[Oid, Oid] | None = None

    def explain(self, branches: Sequence[BranchCommits]) -> Explained:
        """Return the likely originals whose subject all of upstream's history uses once."""
        likely = self.likely_originals(branches)
        commits = self._upstream.commits
        return {
            branch.name: {
                oid: {likely[oid]: (same_subject(likely[oid]),)}
                for oid in branch.oids
                if oid in likely and self._upstream.is_subject_unique(commits[likely[oid]].subject)
            }
            for branch in branches
        }

    def likely_originals(self, branches: Sequence[BranchCommits]) -> Mapping[Oid, Oid]:
        """Return the one upstream commit of the range with the author and subject of each commit that has one.

        The answer to the first question stays: the comparison of patches asks about more commits than it leaves, and a
        subject that was used twice does not become unique by explaining one of the two.
        """
        if self._likely is None:
            self._likely = {oid: original for branch in branches for oid, original in self._likely_on(branch).items()}
        return self._likely

    def is_same(self, oid: Oid, original: Oid) -> bool:
        """Tell whether a commit has the author and the subject of an upstream commit."""
        commits = self._upstream.commits
        has_subject = self._original_subject(oid) == normal_subject_of(commits[original])
        return has_subject and has_same_author(commits[oid], commits[original])

    def _likely_on(self, branch: BranchCommits) -> dict[Oid, Oid]:
        commits = self._upstream.commits
        subjects = {oid: self._original_subject(oid) for oid in branch.oids if not commits[oid].is_merge}
        uses = Counter(subjects.values())
        found = {}
        for oid, subject in subjects.items():
            originals = [other for other in self._upstream.with_subject(subject) if is_ordinary(commits[other])]
            is_unique = uses[subject] == 1 and len(originals) == 1
            if is_unique and not branch.reaches(originals[0]) and has_same_author(commits[oid], commits[originals[0]]):
                found[oid] = originals[0]
        return found

    def _original_subject(self, oid: Oid) -> str:
        """Return the subject that the original of a commit must have: the same, or only where upstream has none such,
        without the branch before it."""
        subject = normal_subject_of(self._upstream.commits[oid])
        return subject if self._upstream.with_subject(subject) else without_branch_mark(subject)


def same_subject(original: Oid) -> Evidence:
    """Return the evidence of a commit with the author and subject of this one."""
    return Evidence(EvidenceKind.SUBJECT, f"same author and subject as {short(original)}")
