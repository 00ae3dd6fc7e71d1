"""The part of history in which upstream and the stable branches differ: every commit that not all tips share.

One `git rev-list` reads it. Passing bits from children to parents tells which tips reach each commit, and with that the
merge bases, the order of upstream and the commits of each branch. This module must not look at messages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from backportq.git.process import failure
from backportq.git.read.commit_store import CommitStore
from backportq.git.read.history import commits_of, shallow_error, start_walk, translate
from backportq.git.refs import BranchTip, Refs, resolve_configured
from backportq.git.repository import Repository
from backportq.model.branch_relations import in_release_order
from backportq.model.commit import Commit
from backportq.model.config import Config, StableBranch
from backportq.model.ids import Oid

UPSTREAM_BIT = 0


@dataclass(frozen=True, slots=True)
class TrackedBranch:
    """A configured branch with its tips and their bits in the masks of the range."""

    branch: StableBranch
    tip: BranchTip
    staging: BranchTip | None
    tip_bit: int
    staging_bit: int | None

    @property
    def bits(self) -> tuple[int, ...]:
        """The bits of its tips."""
        return (self.tip_bit,) if self.staging_bit is None else (self.tip_bit, self.staging_bit)


@dataclass(frozen=True, slots=True)
class HistoryRange:
    """What the tips of `upstream` and of the `branches` (in release order) do not all share.

    - `commits`: newest first, no parent before its children.
    - `masks`: bit `n` of a commit's mask says that tip `n` reaches it; bit 0 is upstream's.
    - `upstream_order`: those of upstream as git sorts upstream alone, oldest first.
    - `floor`: all tips share it and everything below; None where histories have no common commit.
    """

    upstream: BranchTip
    branches: tuple[TrackedBranch, ...]
    commits: CommitStore
    upstream_order: Sequence[Oid]
    masks: Mapping[Oid, int]
    floor: Oid | None

    def merge_base(self, bit: int) -> Oid | None:
        """Return the newest commit that upstream and this tip reach, or None for unrelated histories."""
        both = 1 << UPSTREAM_BIT | 1 << bit
        masks = self.masks
        return next((oid for oid in self.commits if masks[oid] & both == both), self.floor)

    def only_in(self, bits: Sequence[int], without: int = UPSTREAM_BIT) -> list[Oid]:
        """Return the commits that any tip of `bits` reaches and the tip `without` does not, oldest first."""
        wanted = sum(1 << bit for bit in set(bits))
        excluded = 1 << without
        masks = self.masks
        found = [oid for oid in self.commits if masks[oid] & wanted and not masks[oid] & excluded]
        return found[::-1]


def read_history_range(repository: Repository, config: Config, refs: Refs, floor: Oid | None) -> HistoryRange:
    """Return what the configured tips do not all share, down to their `floor`.

    Raise `RefError` for a configured branch that is gone, `RepositoryError` for a shallow clone that cuts off what the
    tips share, or for missing objects.
    """
    upstream = resolve_configured(refs, config, config.upstream)
    # A fix counts from wherever it lands first: what any of them has is upstream, in one order.
    more = [resolve_configured(refs, config, name).oid for name in config.more_upstreams]
    tips = [upstream.oid]
    branches = []
    for branch in in_release_order(config.branches):
        tip = resolve_configured(refs, config, branch.name)
        staging = resolve_configured(refs, config, branch.staging) if branch.staging else None
        bit = len(tips)
        branches.append(TrackedBranch(branch, tip, staging, bit, bit + 1 if staging is not None else None))
        tips += [tip.oid] if staging is None else [tip.oid, staging.oid]
    commits, masks = _walk(repository, tips, floor, more)
    order = _in_topological_order(commits, masks, [upstream.oid, *more])[::-1]
    return HistoryRange(upstream, tuple(branches), commits, order, masks, floor)


def find_floor(repository: Repository, config: Config, refs: Refs) -> Oid | None:
    """Return the newest commit that all configured tips share, None where there is none; raise what
    `read_history_range` raises."""
    names = [*config.upstreams, *chain.from_iterable((each.name, each.staging) for each in config.branches)]
    tips = [resolve_configured(refs, config, name).oid for name in names if name is not None]
    answer = repository.git.run("merge-base", "--octopus", *dict.fromkeys(tips), ok=(0, 1, 128))
    if answer.status == 128:
        raise translate(repository, failure(("merge-base",), answer.status, answer.err))
    found = answer.out.decode("ascii").split()
    return Oid(found[0]) if found else None


def _in_topological_order(commits: CommitStore, masks: Mapping[Oid, int], tips: Sequence[Oid]) -> list[Oid]:
    """Return the commits that `tips` of upstream reach as `git rev-list --topo-order` lists these tips alone, newest
    first: other tips would have a say in how side branches are put in order."""
    children: dict[Oid, int] = {}
    for oid, mask in masks.items():
        if mask & 1 << UPSTREAM_BIT:
            for parent in commits[oid].parents:
                children[parent] = children.get(parent, 0) + 1
    starts = [tip for tip in dict.fromkeys(tips) if tip in masks and tip not in children]
    # As git does: of several tips the newest first; then each parent as soon as all its children came, the last first.
    ready = sorted(starts, key=lambda tip: -commits[tip].seconds)[::-1]
    found = []
    while ready:
        oid = ready.pop()
        found.append(oid)
        for parent in commits[oid].parents:
            children[parent] -= 1
            if not children[parent] and parent in masks:
                ready.append(parent)
    return found


def _walk(
    repository: Repository, tips: Sequence[Oid], floor: Oid | None, more: Sequence[Oid] = ()
) -> tuple[CommitStore, dict[Oid, int]]:
    """Read the commits down to `floor`, and which tips reach each; what `more` tips reach is upstream's, too."""
    masks: dict[Oid, int] = {}
    for tip in more:
        masks[tip] = masks.get(tip, 0) | 1 << UPSTREAM_BIT
    for bit, tip in enumerate(tips):
        masks[tip] = masks.get(tip, 0) | 1 << bit
    excluded = () if floor is None else (floor,)
    commits = CommitStore()
    walk = start_walk(repository, dict.fromkeys([*tips, *more]), excluded, "--header", "--topo-order")
    for commit in commits_of(walk):
        commits.add(commit)
        mask = masks[commit.oid]
        for parent in commit.parents:
            masks[parent] = masks.get(parent, 0) | mask
    _refuse_cut_history(repository, commits)
    commits.finish()
    for oid in [oid for oid in masks if oid not in commits]:
        del masks[oid]  # parents below the floor
    return commits, masks


def _refuse_cut_history(repository: Repository, commits: Mapping[Oid, Commit]) -> None:
    """Raise if the walk met the boundary of a shallow clone: what lies below cannot be told apart."""
    if not repository.is_shallow:
        return
    boundary = (repository.common_dir / "shallow").read_text(encoding="ascii").split()
    if any(oid in commits for oid in boundary):
        raise shallow_error("it does not reach back to where its branches part")
