"""Changes that upstream has twice: as they were made, and as the pick for a release that was merged back.

Who wants the change wants it once, so the pick is a copy and the original stands for both. This module must not judge
who wants what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backportq.model.ids import Oid
from backportq.services.history.named_commits import NamedCommits
from backportq.services.history.upstream import Upstream


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
