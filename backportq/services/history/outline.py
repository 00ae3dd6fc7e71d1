"""The outline of a newly configured project: how long its history is, and where its branches part from upstream.

It shows a person whether the configuration means what they think, before anything is derived from it; and what it read
of the history below the branches, which never changes, is kept for every command after it. This module must not look at
what commits say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backportq.git.index_file import IndexDamagedError
from backportq.git.read.lookup import read_commits
from backportq.git.refs import read_refs
from backportq.git.repository import Repository
from backportq.model.config import Config
from backportq.model.ids import BranchName, Oid
from backportq.services.history.history_range import UPSTREAM_BIT, read_history_range
from backportq.services.history.index import Index
from backportq.services.history.older_commits import OlderCommits
from backportq.services.history.upward_merges import UpwardMerges, find_upward_merges


@dataclass(frozen=True, slots=True)
class BranchPoint:
    """Where one branch parts from upstream: the merge base and its date, None for unrelated histories; how many commits
    the branch has that upstream lacks (`ahead`), and upstream that the branch lacks (`behind`); when the `last` one was
    committed on the branch."""

    branch: BranchName
    base: Oid | None
    at: datetime | None
    ahead: int
    behind: int
    last: datetime | None


@dataclass(frozen=True, slots=True)
class HistoryOutline:
    """How many commits upstream has, the configured branches in release order, and which are merged into which."""

    upstream_commits: int
    partings: tuple[BranchPoint, ...]
    upward: tuple[UpwardMerges, ...] = ()


def read_outline(repository: Repository, config: Config) -> HistoryOutline:
    """Read the history of the configured branches and return its outline.

    Raise `RefError` for a branch that is gone, `RepositoryError` for a shallow clone that does not reach back to where
    the branches part, or for missing objects.
    """
    index = Index(repository)
    history = read_history_range(repository, config, read_refs(repository))
    try:
        older = OlderCommits(repository, index, history.floor)
    except IndexDamagedError:
        older = OlderCommits(repository, Index(repository, private=True), history.floor)
    bases = [history.merge_base(entry.tip_bit) for entry in history.branches]
    wanted = (*(base for base in bases if base is not None), *(entry.tip.oid for entry in history.branches))
    commits = read_commits(repository, wanted)
    partings = []
    for entry, base in zip(history.branches, bases, strict=True):
        partings.append(
            BranchPoint(
                branch=entry.branch.name,
                base=base,
                at=commits[base].committed if base in commits else None,
                ahead=len(history.only_in((entry.tip_bit,))),
                behind=len(history.only_in((UPSTREAM_BIT,), entry.tip_bit)),
                last=commits[entry.tip.oid].committed if entry.tip.oid in commits else None,
            )
        )
    since = sum(1 for mask in history.masks.values() if mask & 1 << UPSTREAM_BIT)
    return HistoryOutline(since + len(older), tuple(partings), find_upward_merges(repository, history))
