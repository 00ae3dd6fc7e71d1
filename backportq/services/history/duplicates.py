"""Changes that upstream has twice. Who wants such a change wants it once, so the older commit stands for both.

- Merged back: as it was made, and as the pick for a release that was merged back. The message of the pick says so.
- Merged twice: side by side, one patch from two maintainers, each of whom had it merged; or as the pick for a release
  that was merged back without a word. No pick line says so. Author and title do, with the patch-id, the number of the
  request, the moment in which it was written, or most of the lines. Where pull requests are merged this happens every
  few hundred commits.

This module must not judge who wants what.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.read.patch_ids import patch_ids
from backportq.git.repository import Repository
from backportq.model.change_names import comparable_title, names_of
from backportq.model.commit import Commit
from backportq.model.history.landed import Evidence, EvidenceKind, LandedPick
from backportq.model.ids import Oid, short
from backportq.model.trailers.identity_keys import KeyReader
from backportq.model.trailers.values import NO_TAGS, CommitTrailers
from backportq.services.history.evidence import BranchCommits, Found
from backportq.services.history.subject_matches import TitleSource, with_common_paths, with_most_lines
from backportq.services.history.upstream import NamedCommits, Upstream, has_same_author, is_ordinary

_NUMBERS = KeyReader()
_FARTHEST = 20_000
"""So many commits are looked at to tell whether one commit reaches another; beyond, they count as one line."""


def find_merged_back(
    saying: Mapping[Oid, Sequence[str]], upstream: Upstream, names: NamedCommits, reverted_by: Mapping[Oid, Oid]
) -> dict[Oid, Oid]:
    """Return, for each upstream commit that repeats an older one, the commit that stands for both in the end.

    `saying` are the upstream commits whose message names originals, with the ids that it names. What was made after its
    original was taken back (`reverted_by`) applies the change again and is no mere copy.
    """

    def is_older(oid: Oid, other: Oid) -> bool:
        # Not by their order: the release may be the first parent of the merge.
        return (upstream.commits[oid].seconds, oid) < (upstream.commits[other].seconds, other)

    found: dict[Oid, Oid] = {}
    for oid, named in saying.items():
        meant = (original for digits in named for original in names.find(digits))
        older = [original for original in meant if original in upstream.order and is_older(original, oid)]
        if older:
            found[oid] = min(older, key=lambda original: upstream.commits[original].seconds)
    ends = {oid: end_of(found, oid) for oid in found}
    return {
        copy: original
        for copy, original in ends.items()
        if original not in reverted_by or is_older(copy, reverted_by[original])
    }


def share_reverts(
    reverted_by: Mapping[Oid, Oid], merged_back: Mapping[Oid, Oid], stands_for: Mapping[Oid, Oid]
) -> dict[Oid, Oid]:
    """Return `reverted_by` so that who took an original back took back its copies, and so that a revert which upstream
    has twice is named by the commit that `stands_for` both, whichever parent of the merge is the release."""
    by_original = {oid: stands_for.get(revert, revert) for oid, revert in reverted_by.items()}
    copies = {copy: by_original[original] for copy, original in merged_back.items() if original in by_original}
    return {**by_original, **{copy: revert for copy, revert in copies.items() if copy not in by_original}}


def end_of(steps: Mapping[Oid, Oid], oid: Oid) -> Oid:
    """Return where `steps`, which lead to ever older commits, end."""
    while oid in steps:
        oid = steps[oid]
    return oid


@dataclass(frozen=True, slots=True)
class MergedTwice:
    """The upstream commits that repeat an older one, which stands for both. `older` maps them to it, `evidence` to how
    that is known."""

    older: Mapping[Oid, Oid] = field(default_factory=lambda: MappingProxyType({}))
    evidence: Mapping[Oid, Evidence] = field(default_factory=lambda: MappingProxyType({}))

    def with_merged_back(self, merged_back: Mapping[Oid, Oid]) -> dict[Oid, Oid]:
        """Return both kinds of repetition as one mapping, each to what stands for it in the end."""
        if not self.older:
            return dict(merged_back)
        steps = {**self.older, **merged_back}  # each to an older one
        return {oid: end_of(steps, oid) for oid in steps}

    def picks_in(self, reaches: Callable[[Oid], bool]) -> Iterator[LandedPick]:
        """Yield as picks of the older one those of which a branch reaches only the other."""
        for newer, older in self.older.items():
            if reaches(newer) and not reaches(older):
                yield LandedPick(older, newer, (self.evidence[newer],))

    def share_tags(self, tags: Mapping[Oid, CommitTrailers]) -> Mapping[Oid, CommitTrailers]:
        """Return `tags` so that the older of two has what either says."""
        saying = {newer: tags[newer] for newer in self.older if newer in tags}
        return {**tags, **_joined(saying, self.older, tags)}

    def share_reverts(self, reverted_by: Mapping[Oid, Oid]) -> dict[Oid, Oid]:
        """Return `reverted_by` so that who took one of two back took back both."""
        of_older = {older: reverted_by[newer] for newer, older in self.older.items() if newer in reverted_by}
        both = {**of_older, **reverted_by}
        return {**both, **{newer: both[older] for newer, older in self.older.items() if older in both}}


def find_merged_twice(
    repository: Repository,
    upstream: Upstream,
    titled: Iterable[Sequence[Oid]],
    is_asked: Callable[[Oid, Oid], bool],
    reverted_by: Mapping[Oid, Oid],
) -> MergedTwice:
    """Return what upstream has twice among the commits that are `titled` alike, as far as a pair `is_asked` about.

    Neither may be an ancestor of the other; that would be a re-application. Nor may one have been taken back before the
    other was made.
    """
    commits = upstream.commits
    pairs: list[tuple[Oid, Oid]] = []
    for group in titled:
        members = sorted((commits[oid].seconds, oid) for oid in group if is_ordinary(commits[oid]))
        pairs += [
            (older, newer)
            for (_, older), (made, newer) in pairwise(members)
            if is_asked(older, newer)
            and has_same_author(commits[older], commits[newer])
            and all(commits[reverted_by[oid]].seconds >= made for oid in (older, newer) if oid in reverted_by)
        ]
    pairs = [pair for pair in pairs if _are_parallel(*pair, upstream)]
    found: dict[Oid, Oid] = {}
    evidence: dict[Oid, Evidence] = {}
    for (older, newer), kind, same in _alike(repository, commits, pairs):
        found[newer] = found.get(older, older)
        evidence[newer] = Evidence(kind, f"same {same} as {short(older)}, merged there as well")
    return MergedTwice(MappingProxyType(found), MappingProxyType(evidence))


def find_picks_below(
    repository: Repository, upstream: Upstream, titles: TitleSource, branch: BranchCommits, below: Sequence[Commit]
) -> dict[Oid, Found]:
    """Return which commits `below` the merge base of a branch with upstream are picks, without a word, of what upstream
    has besides and the branch lacks: made for a release that was merged back.

    They are younger than their originals; what is older was applied again later.
    """
    commits = ChainMap({commit.oid: commit for commit in below}, upstream.commits)  # type: ignore[arg-type]
    pairs = []
    for commit in below:
        if commit.oid in upstream.order or not is_ordinary(commit):
            continue  # of the range: what stands in it twice is known
        having = [oid for oid in titles.with_title(comparable_title(commit)) if not branch.reaches(oid)]
        pairs += [
            (oid, commit.oid)
            for oid in having
            if has_same_author(commits[oid], commit) and commits[oid].seconds <= commit.seconds
        ]
    found: dict[Oid, Found] = {}
    for (original, pick), kind, same in _alike(repository, commits, pairs):
        text = f"same {same} as {short(original)}, merged back with a release"
        found[pick] = {original: (Evidence(kind, text),)}
    return found


def _alike(
    repository: Repository, commits: Mapping[Oid, Commit], pairs: Sequence[tuple[Oid, Oid]]
) -> Iterator[tuple[tuple[Oid, Oid], EvidenceKind, str]]:
    """Yield the pairs that are one change, with what is the same: the patch, or the title and what else tells."""
    sure = {pair for pair in pairs if _names_number_of(commits[pair[1]], commits[pair[0]])}
    written = {pair for pair in pairs if commits[pair[0]].authored == commits[pair[1]].authored} - sure
    left = [pair for pair in pairs if pair not in sure and pair not in written]  # to look at patches costs more
    try:
        touching = with_common_paths(repository, pairs)
        patches = patch_ids(repository, (oid for pair in left for oid in pair)) if left else {}
        equal = {pair for pair in left if patches.get(pair[0]) is not None and patches[pair[0]] == patches.get(pair[1])}
        close = with_most_lines(repository, touching.intersection(left) - equal)
    except (RepositoryError, GitFailedError):
        return  # contents are missing, of which the comparison of picks warns
    for pair in pairs:
        if pair in equal:
            yield pair, EvidenceKind.PATCH_ID, "patch-id"
        elif pair in sure and pair in touching:
            yield pair, EvidenceKind.KEY, "author, title and number"
        elif pair in written and pair in touching:
            yield pair, EvidenceKind.SUBJECT, "author, title and date"
        elif pair in close:
            yield pair, EvidenceKind.SUBJECT, "author, title and most lines"


def _names_number_of(newer: Commit, older: Commit) -> bool:
    """Tell whether a commit says that it is a backport of the request that the other is."""
    keys = _NUMBERS.read(newer.message) if _NUMBERS.may_hold_keys(newer.raw) else ()
    wanted = {f"{key.kind}{key.value}" for key in keys if key.is_of_original}
    return bool(wanted) and not wanted.isdisjoint(names_of(older).others)


def _are_parallel(left: Oid, right: Oid, upstream: Upstream) -> bool:
    """Tell whether none of two upstream commits reaches the other."""
    order = upstream.order
    lower, upper = sorted((left, right), key=order.__getitem__)
    seen, pending = {upper}, [upper]
    while pending:
        for parent in upstream.commits[pending.pop()].parents:
            if parent == lower or len(seen) > _FARTHEST:
                return False
            if order.get(parent, -1) > order[lower] and parent not in seen:
                seen.add(parent)
                pending.append(parent)
    return True


def _joined(
    saying: Mapping[Oid, CommitTrailers], older: Mapping[Oid, Oid], tags: Mapping[Oid, CommitTrailers]
) -> dict[Oid, CommitTrailers]:
    joined: dict[Oid, CommitTrailers] = {}
    for newer, more in saying.items():
        trailers = joined.get(older[newer]) or tags.get(older[newer], NO_TAGS)
        joined[older[newer]] = replace(
            trailers,
            fixes=tuple(dict.fromkeys((*trailers.fixes, *more.fixes))),
            requests=tuple(dict.fromkeys((*trailers.requests, *more.requests))),
            opt_outs=tuple(dict.fromkeys((*trailers.opt_outs, *more.opt_outs))),
            prerequisites=tuple(dict.fromkeys((*trailers.prerequisites, *more.prerequisites))),
        )
    return joined
