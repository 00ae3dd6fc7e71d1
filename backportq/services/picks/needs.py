"""What a conflicting pick needs first, as far as the queue knows: recorded needs, and earlier items that block it.

Apart from the pick because it is about the queue, and worked out only once something conflicts. This module must not
search for prerequisites in the history: `explain` does.
"""

from __future__ import annotations

from collections.abc import Collection

from backportq.model.ids import BranchName, Oid
from backportq.services.items.open_items import open_items
from backportq.services.items.tried_items import TriedItem, try_items
from backportq.services.project import Project


def needed_first(project: Project, branch: BranchName, commit: Oid, picked: Collection[Oid]) -> tuple[Oid, ...]:
    """Return what to pick to `branch` before `commit`, in pick order; nothing where the queue knows of nothing.

    Left out is what the branch has, and what was `picked` already. Costs what `pending` of this branch costs.
    """
    opened = open_items(project, branches=(branch,))
    if not any(entry.item.commit == commit for entry in opened.items):
        return ()
    tried = {each.entry.item.commit: each for each in try_items(project.repository, opened.items)}
    found: dict[Oid, None] = {}
    _add_needs(commit, tried, found, {commit, *picked})
    return tuple(found)


def _add_needs(commit: Oid, tried: dict[Oid, TriedItem], found: dict[Oid, None], seen: set[Oid]) -> None:
    """Add what `commit` needs to `found`, each after what it needs itself."""
    if commit not in tried:
        return
    each = tried[commit]
    recorded = [oid for oid in each.entry.item.needs if oid in tried or oid in each.entry.lacking]
    for oid in (*recorded, *each.blocked_by):
        if oid not in seen:
            seen.add(oid)
            _add_needs(oid, tried, found, seen)
            found[oid] = None
