"""Deciding about every item that a query admits, in one change.

The items are chosen when the command begins and are decided about one by one in the change, so that what somebody else
did meanwhile is kept. This module must not know what a query can say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC

from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.query import ItemQuery
from backportq.model.items.queue import QueueState
from backportq.services.assignment.propose import filter_entries
from backportq.services.decisions.decide import DecisionResult, ItemDecision, write_plan
from backportq.services.decisions.select import Selection, choose
from backportq.services.items.open_items import open_items
from backportq.services.project import Project


def matching_items(
    project: Project, query: ItemQuery, commits: Sequence[str] = (), branches: Sequence[str] = ()
) -> tuple[tuple[BranchName, Oid], ...]:
    """Return the open items that `query` admits, of these commits and branches if any are named, by branch and in
    upstream order."""
    opened = open_items(project, branches=branches)
    chosen = choose(project.repository, opened.state, commits, branches) if commits else None
    entries = [one for one in opened.items if chosen is None or one.item.commit in chosen.commits]
    today = project.clock().astimezone(UTC).date()
    return tuple((one.branch, one.item.commit) for one in filter_entries(project, entries, query, today))


def decide_matching(
    project: Project,
    matching: Collection[tuple[BranchName, Oid]],
    transition: Callable[[Item, BranchName], Item],
    *,
    command: str,
    done: str,
    dry_run: bool = False,
) -> DecisionResult:
    """Apply `transition` to the items of `matching` that are still open."""
    commits = tuple(dict.fromkeys(commit for _, commit in matching))

    def plan(state: QueueState) -> dict[tuple[BranchName, Oid], ItemDecision]:
        found = {}
        for branch, commit in matching:
            item = state.queue_of(branch).find(commit)
            if item is not None and item.state.is_open:
                found[branch, commit] = ItemDecision(branch, commit, item, transition(item, branch))
        return found

    return write_plan(
        project, Selection(commits, (), is_named=False), plan, command=command, done=done, dry_run=dry_run
    )
