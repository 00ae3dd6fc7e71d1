"""The part of history in which branches differ: every commit that not all tips share, read once.

One walk gives, by passing bits from children to parents, which tips reach each commit, and with that the merge bases,
the order of upstream and each branch's own commits. This module must not look at messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backportq.git.process import failure
from backportq.git.read.commit_store import CommitStore
from backportq.git.read.history import Reading, commits_of, shallow_error, start_walk, translate, without_network
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.ids import Oid
from backportq.model.ordering import topological_order
from backportq.services.history.streamed_range import StreamedRange, stream_range


@dataclass(frozen=True, slots=True)
class HistoryRange:
    """Commits newest first, no parent before its children. Bit `n` of a commit's mask says that tip `n` reaches it.

    `floor` is the commit at which the walk ended: all tips share it and everything below; None where histories have no
    common commit and all of each was read. `is_streamed` if it was found while reading, without asking git for it.
    """

    commits: CommitStore
    masks: Mapping[Oid, int]
    floor: Oid | None
    is_streamed: bool = field(default=False, compare=False)

    def merge_base(self, bit: int, other: int) -> Oid | None:
        """Return the newest commit that both tips reach, or None for unrelated histories."""
        both = 1 << bit | 1 << other
        masks = self.masks
        return next((oid for oid in self.commits if masks[oid] & both == both), self.floor)

    def only_in(self, bits: Sequence[int], without: int) -> list[Oid]:
        """Return the commits that any tip of `bits` reaches and the tip `without` does not, oldest first."""
        wanted = sum(1 << bit for bit in set(bits))
        excluded = 1 << without
        masks = self.masks
        found = [oid for oid in self.commits if masks[oid] & wanted and not masks[oid] & excluded]
        return found[::-1]


def read_range(
    repository: Repository, tips: Sequence[Oid], listing: Reading, *, floor: Oid | None = None
) -> HistoryRange:
    """Return what the tips do not all share.

    `floor` is a guess at a common ancestor, verified by the walk itself. `listing` was started by the caller:
    `git rev-list --header` of the tips, with `--topo-order` and down to the floor if there is one. Raise
    `RepositoryError` for a shallow clone that cuts off what the tips share, or for missing objects.
    """
    if floor is not None:
        found = _walk(repository, tips, floor, listing)
        if found is not None:
            return found
    elif not repository.is_shallow:
        streamed = stream_range(tips, listing)
        if streamed is not None:
            return _sorted(streamed)
    listing.abandon()
    floor = _common_ancestor(repository, tips)
    excluded = () if floor is None else (floor,)
    listing = start_walk(repository, dict.fromkeys(tips), excluded, "--header", "--topo-order")
    found = _walk(repository, tips, floor, listing)
    if found is None:  # pragma: no cover - git's own merge base is shared by all tips
        raise AssertionError(floor)
    return found


def _sorted(streamed: StreamedRange) -> HistoryRange:
    commits = CommitStore()
    for oid in topological_order(streamed.parents):
        commits.add(streamed.commits[oid])
    commits.finish()
    return HistoryRange(commits, streamed.masks, streamed.floor, is_streamed=True)


def _common_ancestor(repository: Repository, tips: Sequence[Oid]) -> Oid | None:
    answer = without_network(repository.git).run("merge-base", "--octopus", *dict.fromkeys(tips), ok=(0, 1, 128))
    if answer.status == 128:
        raise translate(repository, failure(("merge-base",), answer.status, answer.err))
    found = answer.out.decode("ascii").split()
    return Oid(found[0]) if found else None


def _walk(repository: Repository, tips: Sequence[Oid], floor: Oid | None, listing: Reading) -> HistoryRange | None:
    """Read the walk down to `floor`; return None if it turns out that some tip does not reach it."""
    masks: dict[Oid, int] = {}
    for bit, tip in enumerate(tips):
        masks[tip] = masks.get(tip, 0) | 1 << bit
    commits = CommitStore()
    for commit in commits_of(listing):
        oid, raw = commit.oid, commit.raw
        commits.add(commit)
        mask = masks[oid]
        position = raw.find(b"\n") + 1
        while raw.startswith(b"parent ", position):
            end = raw.find(b"\n", position)
            parent = Oid(raw[position + 7 : end].decode("ascii"))
            masks[parent] = masks.get(parent, 0) | mask
            position = end + 1
    if floor is not None and masks.get(floor) != (1 << len(tips)) - 1:
        return None
    _refuse_cut_history(repository, commits)
    commits.finish()
    for oid in [oid for oid in masks if oid not in commits]:
        del masks[oid]  # parents below the floor
    return HistoryRange(commits, masks, floor)


def _refuse_cut_history(repository: Repository, commits: Mapping[Oid, Commit]) -> None:
    """Raise if the walk met the boundary of a shallow clone: what lies below cannot be told apart."""
    if not repository.is_shallow:
        return
    boundary = (repository.common_dir / "shallow").read_text(encoding="ascii").split()
    if any(oid in commits for oid in boundary):
        raise shallow_error("it does not reach back to where its branches part")
