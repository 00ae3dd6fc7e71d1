"""`check`: whether a branch is ready for a release, by what is pending on it and what a newer branch lacks.

It reports what the queue and the history say now and does not scan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from backportq.model.ids import BranchName, Oid
from backportq.model.priority import Priority
from backportq.services.branches import choose_branches, readable
from backportq.services.items.open_items import LATER, open_items
from backportq.services.items.tried_items import TriedItem, try_items
from backportq.services.project import Project
from backportq.services.scan.losses import find_lost, find_not_merged_up
from backportq.services.scan.report import ScanWarning
from backportq.services.scan.scan import today
from backportq.services.scan.stored_candidates import with_candidates
from backportq.services.suggest.likelihood import read_outlook


@dataclass(frozen=True, slots=True)
class ReleaseCheck:
    """The open items of a branch that are not put off, those of the highest priority and then the likeliest first, with
    how likely the project takes each (`likely`, by commit); its picks that a newer branch lacks (`missing`), and what
    was made on it and neither a newer one nor upstream has: a word to whoever releases, which holds nothing up."""

    branch: BranchName
    pending: tuple[TriedItem, ...]
    missing: tuple[ScanWarning, ...]
    not_merged_up: tuple[ScanWarning, ...] = ()
    likely: Mapping[Oid, float] = field(default_factory=lambda: MappingProxyType({}))

    def stand_in_the_way(self, least: Priority) -> tuple[TriedItem, ...]:
        """Return the pending items of priority `least` or more urgent."""
        return tuple(item for item in self.pending if item.entry.item.priority.rank <= least.rank)

    def is_ready(self, least: Priority) -> bool:
        """Whether nothing of priority `least` or more urgent is pending, and no newer branch lacks a fix."""
        return not self.stand_in_the_way(least) and not self.missing


def check_release(project: Project, name: str) -> ReleaseCheck:
    """Return the check of one branch; raise `ConfigError` for one that is not configured."""
    found = open_items(project, branches=(name,))
    branch = choose_branches(found.state.config, [name])[0]
    tried = [
        item for item in try_items(project.repository, found.items, found.elsewhere) if item.entry.standing not in LATER
    ]
    outlook, now = read_outlook(project, found.state, found.history), project.clock()
    likely = {item.entry.item.commit: outlook.of(item.entry.item, branch.name, now).likely for item in tried}
    tried.sort(key=lambda item: (item.entry.item.priority.rank, -likely[item.entry.item.commit]))
    history = with_candidates(found.history, today(project))
    queues = readable(found.state.queue_of(entry.branch.name) for entry in history.branches)
    names = [queue.branch for queue in queues]
    entries = [entry for entry in history.branches if entry.branch.name in names]
    newer = frozenset(names[names.index(branch.name) + 1 :]) if branch.name in names else frozenset()
    lost = [each for each in find_lost(project.repository, history, entries, found.state) if each.branch in newer]
    here = history.facts.find_branch(branch.name)
    history.facts.prepare(each.commit for each in lost if each.commit is not None)
    # Only what this branch has: a fix lost between two other branches is for their checks to report.
    missing = tuple(
        each for each in lost if here is not None and each.commit is not None and here.landed(each.commit) is not None
    )
    only_here = tuple(each for each in find_not_merged_up(history, entries) if each.branch == branch.name)
    return ReleaseCheck(branch.name, tuple(tried), missing, only_here, likely)
