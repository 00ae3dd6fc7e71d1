"""Changes that upstream took twice, side by side: one patch from two maintainers, each of whom had it merged.

Where pull requests are merged this happens every few hundred commits, and both commits ask for the same backport. Apart
from `backportq.services.history.merged_back`, because no message says so: author, subject and patch-id do. This module
must not judge who wants what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType

from backportq.git.read.patch_ids import patch_ids
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.history.landed import Evidence, EvidenceKind, LandedPick
from backportq.model.ids import Oid, short
from backportq.model.trailers.reader import NO_TAGS, CommitTrailers
from backportq.services.history.merged_back import end_of
from backportq.services.history.patch_matches import has_same_author, is_ordinary

_FARTHEST = 20_000
"""So many commits are looked at to tell whether one commit reaches another; beyond, they are no twins."""


@dataclass(frozen=True, slots=True)
class Twins:
    """The upstream commits that repeat an older one, which stands for both; `older` maps them to it."""

    older: Mapping[Oid, Oid] = field(default_factory=lambda: MappingProxyType({}))

    def with_copies(self, copies: Mapping[Oid, Oid]) -> dict[Oid, Oid]:
        """Return both kinds of repetition as one mapping, each to what stands for it in the end."""
        if not self.older:
            return dict(copies)
        steps = {**self.older, **copies}  # each to an older one
        return {oid: end_of(steps, oid) for oid in steps}

    def picks_in(self, reaches: Callable[[Oid], bool]) -> Iterator[LandedPick]:
        """Yield as picks of the older one those of which a branch reaches only the other."""
        for twin, older in self.older.items():
            if reaches(twin) and not reaches(older):
                evidence = Evidence(EvidenceKind.PATCH_ID, f"same patch-id as {short(older)}, merged there as well")
                yield LandedPick(older, twin, (evidence,))

    def share_tags(self, tags: Mapping[Oid, CommitTrailers]) -> Mapping[Oid, CommitTrailers]:
        """Return `tags` so that the older of two has what either says."""
        saying = {twin: tags[twin] for twin in self.older if twin in tags}
        return {**tags, **_joined(saying, self.older, tags)}

    def share_reverts(self, reverted_by: Mapping[Oid, Oid]) -> dict[Oid, Oid]:
        """Return `reverted_by` so that who took one of two back took back both."""
        of_older = {older: reverted_by[twin] for twin, older in self.older.items() if twin in reverted_by}
        both = {**of_older, **reverted_by}
        return {**both, **{twin: both[older] for twin, older in self.older.items() if older in both}}


def find_twins(
    repository: Repository,
    repeated: Iterable[Sequence[Oid]],
    commits: Mapping[Oid, Commit],
    order: Mapping[Oid, int],
    asked: AbstractSet[Oid],
    reverted_by: Mapping[Oid, Oid],
) -> Twins:
    """Return the twins among the groups of upstream commits with one subject (`repeated`), as far as one of a group is
    `asked` about. `order` is topological.

    None of two reaches the other: a commit on top of one with the same patch applies again what was lost in between.
    Nor was one taken back before there was the other. Raise `RepositoryError` where all contents are missing.
    """
    pairs: list[tuple[Oid, Oid]] = []
    for group in repeated:
        if asked.isdisjoint(group):
            continue
        members = sorted((commits[oid].seconds, oid) for oid in group if is_ordinary(commits[oid]))
        pairs += [
            (older, twin)
            for (_, older), (made, twin) in pairwise(members)
            if has_same_author(commits[older], commits[twin])
            and all(commits[reverted_by[oid]].seconds >= made for oid in (older, twin) if oid in reverted_by)
        ]
    pairs = [pair for pair in pairs if _are_parallel(*pair, commits, order)]
    patches = patch_ids(repository, (oid for pair in pairs for oid in pair)) if pairs else {}
    found: dict[Oid, Oid] = {}
    for older, twin in pairs:
        if patches.get(twin) is not None and patches.get(twin) == patches.get(older):
            found[twin] = found.get(older, older)
    return Twins(MappingProxyType(found))


def _are_parallel(one: Oid, other: Oid, commits: Mapping[Oid, Commit], order: Mapping[Oid, int]) -> bool:
    """Tell whether none of two upstream commits reaches the other."""
    lower, upper = sorted((one, other), key=order.__getitem__)
    seen, pending = {upper}, [upper]
    while pending:
        for parent in commits[pending.pop()].parents:
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
    for twin, more in saying.items():
        its = joined.get(older[twin]) or tags.get(older[twin], NO_TAGS)
        joined[older[twin]] = replace(
            its,
            fixes=tuple(dict.fromkeys((*its.fixes, *more.fixes))),
            requests=tuple(dict.fromkeys((*its.requests, *more.requests))),
            opt_outs=tuple(dict.fromkeys((*its.opt_outs, *more.opt_outs))),
            prerequisites=tuple(dict.fromkeys((*its.prerequisites, *more.prerequisites))),
        )
    return joined
