"""Evidence by author and subject, or by author and title, for commits that nothing stronger explains.

- A subject counts only where it is used once: on the branch among what no message explains, and in all of upstream's
  history.
- A title is the subject without the marks that backports put around it, and of a merge the title of what was merged. It
  counts where one change of upstream has it, one unexplained commit of the branch, and both touch a path.
- A title that is used again and again ("Update the data") counts where all lines that the commit changes are among
  those of one such change, or the other way round, and of no second one: by the same author, within some days.
- By another author, a backporter or a robot, a title counts only with most of the lines of the change. Without these,
  the commit is probably a pick, which a person has to say.

This module must not compare patches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cached_property

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.read.patch_lines import read_patches
from backportq.git.read.touched_paths import touched_paths
from backportq.git.repository import Repository
from backportq.model.change_names import comparable_title
from backportq.model.commit import Commit
from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.history.subjects import without_branch_mark
from backportq.model.ids import BranchName, Oid, short
from backportq.services.history.changes import Changes
from backportq.services.history.evidence import BranchCommits, Explained
from backportq.services.history.upstream import Upstream, has_same_author, is_ordinary

_MOST_LINES = 0.75
_SAME_DAYS = timedelta(days=14)


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
        has_subject = self._original_subject(oid) == self._upstream.subject_of(original)
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
        subject = self._upstream.subject_of(oid)
        return subject if self._upstream.with_subject(subject) else without_branch_mark(subject)


def same_subject(original: Oid) -> Evidence:
    """Return the evidence of a commit with the author and subject of this one."""
    return Evidence(EvidenceKind.SUBJECT, f"same author and subject as {short(original)}")


class TitleSource:
    """The upstream change with the title of a commit, and with its author or most of its lines."""

    kind = EvidenceKind.SUBJECT
    is_explicit = False

    def __init__(self, repository: Repository, upstream: Upstream, changes: Changes) -> None:
        self._repository = repository
        self._upstream = upstream
        self._changes = changes

    def explain(self, branches: Sequence[BranchCommits]) -> Explained:
        """Return the changes that have the title of these commits, by the same author or with most of their lines."""
        likely = {branch.name: self._likely(branch) for branch in branches}
        pairs = {pair for found in likely.values() for pair in found.items()}
        convincing = with_common_paths(self._repository, pairs)
        words = {pair: "author and title" for pair in convincing if self._has_author_of(*pair)}
        close = with_most_lines(self._repository, convincing - words.keys())
        words |= dict.fromkeys(close, "title and most lines")
        for name, found in self._by_lines(branches, likely).items():
            likely[name] |= found
            words |= dict.fromkeys(found.items(), "author and title, and all lines,")
        return {
            name: {
                oid: {original: (Evidence(EvidenceKind.SUBJECT, f"same {words[pair]} as {short(original)}"),)}
                for oid, original in found.items()
                if (pair := (oid, original)) in words
            }
            for name, found in likely.items()
        }

    def proposed(self, branches: Sequence[BranchCommits]) -> dict[BranchName, dict[Oid, Oid]]:
        """Return which of these commits are probably picks of which upstream change: they have its title alone."""
        likely = {branch.name: self._likely(branch) for branch in branches}
        pairs = {pair for found in likely.values() for pair in found.items()}
        convincing = with_common_paths(self._repository, pairs)
        return {
            name: {oid: original for oid, original in found.items() if (oid, original) in convincing}
            for name, found in likely.items()
        }

    def _likely(self, branch: BranchCommits) -> dict[Oid, Oid]:
        commits = self._upstream.commits
        titles = {oid: self._upstream.title_of(oid) for oid in branch.oids if not commits[oid].is_merge}
        uses = Counter(titles.values())
        found = {}
        for oid, title in titles.items():
            having = [other for other in self.with_title(title) if not branch.reaches(other)]
            # A pick keeps the second in which its original was written: that tells apart what is called the same.
            written = [other for other in having if commits[other].authored == commits[oid].authored]
            if len(written) == 1 and self._has_author_of(oid, written[0]):
                found[oid] = written[0]
                continue
            is_unique = uses[title] == 1 and len(having) == len(self.with_title(title)) == 1
            if is_unique and self._upstream.is_subject_unique(commits[having[0]].subject):
                found[oid] = having[0]
        return found

    def _by_lines(
        self, branches: Sequence[BranchCommits], likely: Mapping[BranchName, Mapping[Oid, Oid]]
    ) -> dict[BranchName, dict[Oid, Oid]]:
        """Return which change of a title that several have each commit is a pick of, by its lines."""
        having: dict[BranchName, dict[Oid, list[Oid]]] = {}
        for branch in branches:
            having[branch.name] = {}
            for oid in branch.oids:
                if oid not in likely[branch.name] and not self._upstream.commits[oid].is_merge:
                    others = [other for other in self._of_the_same_days(oid) if not branch.reaches(other)]
                    having[branch.name] |= {oid: others} if others else {}
        pairs = {(oid, other) for by_oid in having.values() for oid, others in by_oid.items() for other in others}
        same = with_all_lines(self._repository, pairs)
        found: dict[BranchName, dict[Oid, Oid]] = {}
        for name, by_oid in having.items():
            single = {}
            for oid, others in by_oid.items():
                fitting = [other for other in others if (oid, other) in same]
                if len(fitting) == 1:
                    single[oid] = fitting[0]
            uses = Counter(single.values())
            found[name] = {oid: original for oid, original in single.items() if uses[original] == 1}
        return found

    def _of_the_same_days(self, oid: Oid) -> Iterator[Oid]:
        commits = self._upstream.commits
        written = commits[oid].authored
        for other in self._by_title.get(self._upstream.title_of(oid), ()):
            is_near = abs(commits[other].authored - written) <= _SAME_DAYS and not commits[other].is_merge
            if is_near and has_same_author(commits[oid], commits[other]):
                yield other

    def with_title(self, title: str) -> Sequence[Oid]:
        """Return the commits with this title, and the merges none of whose members has it."""
        having = self._by_title.get(title, ())
        brought_by = {self._changes.merge_of.get(oid) for oid in having}
        return [oid for oid in having if oid not in brought_by]

    def knows_title_of(self, commit: Commit) -> bool:
        """Tell whether a commit of upstream has the title of this one."""
        return comparable_title(commit) in self._by_title

    def repeated(self) -> Iterator[Sequence[Oid]]:
        """Yield the commits of upstream that share a title, oldest first, where there are several."""
        return (oids for oids in self._by_title.values() if len(oids) > 1)

    def _has_author_of(self, oid: Oid, original: Oid) -> bool:
        """Tell whether a commit has the author of a change: who merged it, or who wrote what was merged."""
        commits = self._upstream.commits
        made = (original, *self._changes.members.get(original, ()))
        return any(has_same_author(commits[oid], commits[other]) for other in made)

    @cached_property
    def _by_title(self) -> Mapping[str, Sequence[Oid]]:
        """The commits of upstream, and the merges on its first-parent line, by their title."""
        found: dict[str, list[Oid]] = {}
        for oid in self._upstream.order:
            if oid in self._changes.members or not self._upstream.commits[oid].is_merge:
                found.setdefault(self._upstream.title_of(oid), []).append(oid)
        return found


def with_most_lines(repository: Repository, pairs: Collection[tuple[Oid, Oid]]) -> set[tuple[Oid, Oid]]:
    """Return the pairs of commits that have most of the lines in common that either adds or removes."""
    patches = dict(read_patches(repository, sorted({oid for pair in pairs for oid in pair})))
    lines = {oid: Counter(line for file in patch for line in file.changed) for oid, patch in patches.items()}
    found = set()
    for oid, other in pairs:
        if oid in lines and other in lines:
            common = (lines[oid] & lines[other]).total()
            if 2 * common >= _MOST_LINES * (lines[oid].total() + lines[other].total()) > 0:
                found.add((oid, other))
    return found


def with_all_lines(repository: Repository, pairs: Collection[tuple[Oid, Oid]]) -> set[tuple[Oid, Oid]]:
    """Return the pairs of commits of which one changes all lines that the other one changes."""
    patches = dict(read_patches(repository, sorted({oid for pair in pairs for oid in pair})))
    lines = {oid: Counter(line for file in patch for line in file.changed) for oid, patch in patches.items()}
    found = set()
    for oid, other in pairs:
        mine, theirs = lines.get(oid), lines.get(other)
        if mine and theirs and (mine <= theirs or theirs <= mine):
            found.add((oid, other))
    return found


def with_common_paths(repository: Repository, pairs: Iterable[tuple[Oid, Oid]]) -> set[tuple[Oid, Oid]]:
    """Return the pairs of commits that touch a path both; where paths can't be read, all of them."""
    asked = set(pairs)
    try:
        touched = touched_paths(repository, sorted({oid for pair in asked for oid in pair}))
    except (RepositoryError, GitFailedError):
        return asked  # contents are missing, of which the comparison of patches warns
    paths = {oid: frozenset(its_paths) for oid, its_paths in touched.items()}
    return {(oid, other) for oid, other in asked if paths[oid] & paths[other]}
