"""Which branches are merged into which newer ones: a habit of each pair of branches, told by the newest merges.

Where a branch is merged upwards, what is made on it comes to the newer one by itself, and what is not there yet waits
to be merged. A project may do that between some of its branches and pick between the others, or do both.

- A merge counts for the branch on whose first-parent line its second parent stands; a topic that was merged into both
  branches stands on neither.
- Of several branches that share that commit, since they had not parted yet, the newest was meant.

This module must not judge single commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from backportq.git.repository import Repository
from backportq.model.ids import Oid
from backportq.services.history.history_range import HistoryRange

_NEWEST_COMMITS = 1_000  # of the line of a branch
_NEWEST_MERGES = 100  # on it, that tell its habits


@dataclass(frozen=True, slots=True)
class UpwardMerges:
    """`older` was merged into `newer`, a stable branch or upstream, by so many of its newest merges."""

    older: str
    newer: str
    count: int


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
