"""The outline of a project's history: how long it is, where branches part, and which are merged into which newer ones.

It shows a person whether the configuration means what they think, before anything is derived from it; and what it read
of the history below the branches, which never changes, is kept for every command after it.

Where a branch is merged upwards, what is made on it comes to the newer one by itself, and what is not there yet waits
to be merged. A project may do that between some of its branches and pick between the others, or do both; the newest
merges of each pair of branches tell.

- A merge counts for the branch on whose first-parent line its second parent stands; a topic that was merged into both
  branches stands on neither.
- Of several branches that share that commit, since they had not parted yet, the newest was meant.

This module must not look at what commits say, nor judge single ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from backportq.git.index_file import IndexDamagedError
from backportq.git.read.lookup import read_commits
from backportq.git.refs import read_refs
from backportq.git.repository import Repository
from backportq.model.config import Config
from backportq.model.ids import BranchName, Oid
from backportq.services.history.history_range import UPSTREAM_BIT, HistoryRange, find_floor, read_history_range
from backportq.services.history.index import Index
from backportq.services.history.older_commits import OlderCommits, start_reading_older

_NEWEST_COMMITS = 1_000  # of the line of a branch
_NEWEST_MERGES = 100  # on it, that tell its habits


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
class UpwardMerges:
    """`older` was merged into `newer`, a stable branch or upstream, by so many of its newest merges."""

    older: str
    newer: str
    count: int


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
    refs = read_refs(repository)
    floor = find_floor(repository, config, refs)
    reading = start_reading_older(repository, index, floor)
    history = read_history_range(repository, config, refs, floor)
    try:
        older = len(OlderCommits(repository, index, floor, reading))
    except IndexDamagedError:
        older = len(OlderCommits(repository, Index(repository, private=True), floor))
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
    return HistoryOutline(since + older, tuple(partings), find_upward_merges(repository, history))


def find_upward_merges(repository: Repository, history: HistoryRange) -> tuple[UpwardMerges, ...]:
    """Return each pair of branches of which one was merged into the other lately, oldest branches first."""
    tips = {entry.branch.name: entry.tip.oid for entry in history.branches}
    owned: dict[str, Mapping[Oid, None]] = {}
    brought: dict[str, list[Oid]] = {}
    for name, tip in (*tips.items(), (history.upstream.name, history.upstream.oid)):
        owned[name], brought[name] = _line(history, tip)
    if any(oid not in history.commits for oid in chain.from_iterable(brought.values())):
        # What was merged through to upstream is shared by all, so it was not read.
        owned |= {name: _whole_line(repository, tip) for name, tip in tips.items()}
    found: Counter[tuple[str, str]] = Counter()
    names = list(brought)
    for place, newer in enumerate(names):
        for oid in brought[newer]:
            older = next((name for name in reversed(names[:place]) if oid in owned[name]), None)
            if older is not None and oid not in owned[newer]:
                found[older, newer] += 1
    ordered = sorted(found.items(), key=lambda pair: list(map(names.index, pair[0])))
    return tuple(UpwardMerges(older, newer, count) for (older, newer), count in ordered)


def _line(history: HistoryRange, tip: Oid) -> tuple[Mapping[Oid, None], list[Oid]]:
    """Return the first-parent line of a branch, newest first, as far as it was read, and what its merges brought."""
    line: dict[Oid, None] = {}
    brought: list[Oid] = []
    oid: Oid | None = tip
    while oid is not None and len(line) < _NEWEST_COMMITS and len(brought) < _NEWEST_MERGES:
        commit = history.commits.get(oid)
        if commit is None:
            break
        line[oid] = None
        if commit.is_merge:
            brought.append(commit.parents[1])
        oid = commit.first_parent
    return line, brought


def _whole_line(repository: Repository, tip: Oid) -> Mapping[Oid, None]:
    listed = repository.git.run("rev-list", "--first-parent", f"--max-count={_NEWEST_COMMITS}", tip)
    return dict.fromkeys(Oid(line) for line in listed.out.decode("ascii").split())
