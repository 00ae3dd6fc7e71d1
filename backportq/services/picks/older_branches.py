"""What was picked to one branch and belongs on older ones too: the reminder at the moment when it helps.

What the newer branch takes is right for the next older one while people are at it, and hardly ever days later. This
module must not nominate; `tag` does, when a person wants it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backportq.errors import BackportqError
from backportq.model.branch_relations import BranchRelations
from backportq.model.config import Support
from backportq.model.ids import BranchName, Oid
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project


@dataclass(frozen=True, slots=True)
class AlsoOn:
    """Commits that were picked and the older branches, newest first, that want them by what they fix."""

    branches: tuple[BranchName, ...]
    commits: tuple[Oid, ...]


def also_on(project: Project, branch: BranchName, commits: Sequence[Oid]) -> tuple[AlsoOn, ...]:
    """Return where else these commits belong that were just picked to `branch`, those with the same answer together.

    A branch is named if it still takes more than security fixes, has what a commit fixes, and neither has the commit
    nor knows of it in the queue; of a commit that names nothing that it fixes only the next older one. Nothing goes
    wrong here: where the history or the queue can't be read, there is no reminder.
    """
    try:
        return _find(project, branch, commits)
    except BackportqError:
        return ()


def _find(project: Project, branch: BranchName, commits: Sequence[Oid]) -> tuple[AlsoOn, ...]:
    if not commits or project.store.tip() is None:
        return ()
    state = project.store.snapshot().state
    facts = HistoryOfQueue(project.repository, state).facts
    day = project.clock().date()
    relations = BranchRelations(state.config.branches)
    older = [
        entry
        for entry in reversed(facts.branches)
        if branch in relations.newer(entry.branch.name) and entry.branch.support_on(day) is Support.FULL
    ]
    groups: dict[tuple[BranchName, ...], list[Oid]] = {}
    for commit in dict.fromkeys(commits):
        wanted = tuple(
            entry.branch.name
            for entry in older
            if _is_wanted(facts, entry, commit, is_next=relations.next_newer(entry.branch.name) == branch)
            and state.queue_of(entry.branch.name).find(commit) is None
        )
        if wanted:
            groups.setdefault(wanted, []).append(commit)
    return tuple(AlsoOn(names, tuple(oids)) for names, oids in groups.items())


def _is_wanted(facts: Facts, entry: BranchFacts, commit: Oid, *, is_next: bool) -> bool:
    if commit in entry.refused or entry.contains(commit):
        return False
    tags = facts.tags.get(commit)
    targets = [target for tag in tags.fixes for target in facts.resolve(tag, commit).targets] if tags else []
    return any(map(entry.contains, targets)) if targets else is_next
