"""The part of history in which branches differ, read newest first until every way on leads to what all tips share.

For a first scan, when nobody knows yet where that is: asking git for the merge base first would make it read the same
commits twice. It gives up, rather than guess, where dates are out of order or histories are tangled or long; then
`backportq.services.history.history_range` asks git. This module must not look at messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backportq.git.read.history import Reading, commits_of
from backportq.model.commit import Commit
from backportq.model.ids import Oid

_LONGEST = 40_000
"""Beyond so many commits git's own sorting, which needs less memory, is worth the second reading."""

_BEYOND = 32
"""How many commits below the common ancestor are looked at for dates that are out of order."""


@dataclass(slots=True)
class StreamedRange:
    """What was read: commits by date, newest first, with their parents and what reaches them. `floor` is the one best
    common ancestor of all tips; None where histories have none and all of each was read."""

    commits: Mapping[Oid, Commit]
    parents: Mapping[Oid, tuple[Oid, ...]]
    masks: Mapping[Oid, int]
    floor: Oid | None


def stream_range(tips: Sequence[Oid], listing: Reading) -> StreamedRange | None:
    """Return what the tips do not all share; None where that can't be told for certain in one reading.

    `listing` is `git rev-list --header` of the tips; it is not read further than needed.
    """
    masks: dict[Oid, int] = {}
    for bit, tip in enumerate(tips):
        masks[tip] = masks.get(tip, 0) | 1 << bit
    shared = (1 << len(tips)) - 1
    unread = set(masks)
    unshared = sum(mask != shared for mask in masks.values())  # of those unread
    commits: dict[Oid, Commit] = {}
    parents: dict[Oid, tuple[Oid, ...]] = {}
    beyond = _BEYOND
    try:
        for commit in commits_of(listing):
            oid = commit.oid
            mask = masks[oid]
            unread.discard(oid)
            unshared -= mask != shared
            its = parents[oid] = commit.parents
            commits[oid] = commit
            for parent in its:
                known = masks.get(parent)
                if known is None:
                    masks[parent] = mask
                    unread.add(parent)
                    unshared += mask != shared
                elif parent not in unread:
                    return None  # shown before its child: by dates nobody can tell where to stop
                elif known | mask != known:
                    masks[parent] = known | mask
                    unshared -= known | mask == shared
            if not unshared and (beyond < _BEYOND or len(unread) <= 1):
                if not beyond:
                    break
                beyond -= 1
            elif len(commits) >= _LONGEST:
                return None
    finally:
        listing.abandon()
    return _without_shared(commits, parents, masks, shared)


def _without_shared(
    commits: dict[Oid, Commit], parents: dict[Oid, tuple[Oid, ...]], masks: dict[Oid, int], shared: int
) -> StreamedRange | None:
    common = [oid for oid, mask in masks.items() if mask == shared]
    below = {parent for oid in common for parent in parents.get(oid, ())}
    best = [oid for oid in common if oid not in below]
    if len(best) > 1:
        return None
    for oid in common:
        commits.pop(oid, None)
        parents.pop(oid, None)
        del masks[oid]
    return StreamedRange(commits, parents, masks, best[0] if best else None)
