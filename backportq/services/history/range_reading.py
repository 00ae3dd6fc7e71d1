"""Which tips are compared, and the reading of the history in which they differ, started before anything else.

git needs a while for it, in which the rest of the program can be loaded; so this module imports little, and must not
look at what the commits say.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backportq.git.cache import Cache
from backportq.git.read.history import start_walk
from backportq.git.refs import BranchTip, Refs, resolve_configured
from backportq.git.repository import Repository
from backportq.model.config import Config, StableBranch, in_release_order
from backportq.model.ids import Oid, is_oid

if TYPE_CHECKING:
    from backportq.services.history.history_range import HistoryRange

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


class RangeReading:
    """The range of one upstream and its branches, these in release order; reading starts with the object.

    Raise `RefError` for a configured branch that is gone.
    """

    def __init__(self, repository: Repository, cache: Cache, config: Config, refs: Refs) -> None:
        """Resolve the branches of `config` in `refs`, and start git."""
        self.config = config
        self.refs = refs
        self.upstream = resolve_configured(refs, config, config.upstream)
        self.branches: list[TrackedBranch] = []
        self._repository = repository
        self._cache = cache
        bit = UPSTREAM_BIT
        for branch in in_release_order(config.branches):
            tip = resolve_configured(refs, config, branch.name)
            staging = resolve_configured(refs, config, branch.staging) if branch.staging else None
            self.branches.append(TrackedBranch(branch, tip, staging, bit + 1, bit + 2 if staging else None))
            bit += 2 if staging else 1
        self._tips = [self.upstream.oid]
        for entry in self.branches:
            self._tips.append(entry.tip.oid)
            if entry.staging is not None:
                self._tips.append(entry.staging.oid)
        # Where the walk may stop rarely changes; a stale answer is noticed by the walk itself.
        names = " ".join([self.upstream.ref, *(entry.tip.ref for entry in self.branches)])
        self._name = f"floor-{zlib.crc32(names.encode('utf-8', 'surrogateescape')):08x}"
        kept = (cache.read(self._name) or b"").decode("ascii", "replace")
        self._kept = Oid(kept) if is_oid(kept) else None
        if self._kept is not None:
            options: tuple[str, ...] = ("--header", "--topo-order")
            self._listing = start_walk(repository, dict.fromkeys(self._tips), (self._kept,), *options)
        else:
            self._listing = start_walk(repository, dict.fromkeys(self._tips), (), "--header", spooled=True)

    def finish(self) -> HistoryRange:
        """Read to the end; to be asked once. Raise what `read_range` raises."""
        from backportq.services.history.history_range import read_range

        history = read_range(self._repository, self._tips, self._listing, floor=self._kept)
        # Where the walk ends is found sooner while reading than by git, which shows nothing before it has compared all.
        if history.floor is not None and history.floor != self._kept and not history.is_streamed:
            self._cache.write(self._name, history.floor.encode("ascii"))
        return history

    def abandon(self) -> None:
        """Stop reading; harmless after `finish`."""
        self._listing.abandon()
