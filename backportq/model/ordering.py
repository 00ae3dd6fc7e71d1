"""Commits in git's topological order, computed from their parents.

Separate from the walks of `backportq.git`, for a range that is only known once it has been read: asking git to sort it
would be reading it twice. This module must not know where parents come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backportq.model.ids import Oid


def topological_order(parents: Mapping[Oid, Sequence[Oid]]) -> list[Oid]:
    """Return the keys of `parents` as `git rev-list --topo-order` lists them: no commit before all its children.

    The mapping holds the commits of a walk as git shows it by date, newest first; parents outside it don't count.
    """
    # What git's sort_in_topological_order() does: of the commits without children the newest goes first, and then what
    # it leads to, the last parent before the others, so that the commits of one side stay together.
    children = dict.fromkeys(parents, 0)
    for its in parents.values():
        for parent in its:
            if parent in children:
                children[parent] += 1
    ready = [oid for oid, count in children.items() if not count]
    ready.reverse()
    found = []
    while ready:
        oid = ready.pop()
        found.append(oid)
        for parent in parents[oid]:
            count = children.get(parent)
            if count is not None:
                children[parent] = count - 1
                if count == 1:
                    ready.append(parent)
    return found
