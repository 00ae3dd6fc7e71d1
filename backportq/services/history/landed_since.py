"""Which open items have landed although no scan has closed them yet.

A listing must not show what is done, and must not read the history each time either: which items were found missing in
their branch is remembered for the tips that this was found at. This module must not change the queue; the next scan
does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backportq.git.cache import Cache
from backportq.git.refs import Refs
from backportq.git.repository import Repository
from backportq.model.ids import BranchName, Oid
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.services.history.links import links_of
from backportq.services.scan.scan_memory import inputs_of

if TYPE_CHECKING:
    from backportq.services.history.facts import BranchFacts, Facts

_BLOB = "open-items-checked-2"


@dataclass(frozen=True, slots=True)
class LandedSinceScan:
    """What is known at certain tips. `items`: of each branch, which commits were looked up (its open items and what
    they need), and whether they, or upstream's revert of them, close an item. `landed`: how many picks of each branch
    are in force. `picks`: of each commit with an open item, the picks in force by branch. `order`: the branches in
    version order."""

    items: Mapping[BranchName, Mapping[Oid, bool]]
    landed: Mapping[BranchName, int]
    picks: Mapping[Oid, Sequence[tuple[BranchName, Oid]]]
    order: Sequence[BranchName]

    def closes(self, branch: BranchName, commit: Oid) -> bool:
        """Tell whether the next scan will close the item of `commit`."""
        return self.items.get(branch, {}).get(commit, False)


def landed_since_scan(repository: Repository, refs: Refs, state: QueueState) -> LandedSinceScan:
    """Return what is known of every open item of `state`, and of what these need.

    The history is read only where an item was not looked up before at these tips.
    """
    wanted = {name: _asked_of(queue) for name, queue in state.branches.items() if queue.open}
    known = _recall(repository, refs, state)
    if known is not None and all(commits <= known.items.get(name, {}).keys() for name, commits in wanted.items()):
        return known
    from backportq.services.history.gather import gather  # slow to load, and needed only now

    facts = gather(repository, state.config, links=links_of(state))
    return remember_open(repository, refs, state, facts)


def remember_open(repository: Repository, refs: Refs, state: QueueState, facts: Facts) -> LandedSinceScan:
    """Look every open item of `state`, and what it needs, up in `facts`, remember the answers, and return them.

    `refs` are those that were read before `facts`, so that what moved between makes the memory useless, never wrong.
    """
    known = _look_up(facts, state)
    body = {
        "key": _key(repository, refs, state),
        "items": {name: list(items.items()) for name, items in known.items.items()},
        "landed": dict(known.landed),
        "picks": dict(known.picks),
        "order": known.order,
    }
    Cache.open(repository).write(_BLOB, json.dumps(body, separators=(",", ":")).encode())
    return known


def _asked_of(queue: BranchQueue) -> set[Oid]:
    return {oid for item in queue.open for oid in (item.commit, *item.needs)}


def _look_up(facts: Facts, state: QueueState) -> LandedSinceScan:
    found = {
        name: dict.fromkeys(sorted(_asked_of(queue)), False) for name, queue in state.branches.items() if queue.open
    }
    for entry in facts.branches:
        items = found.get(entry.branch.name, {})
        for oid in items:
            items[oid] = entry.contains(oid) or oid in facts.reverted_by
    picks: dict[Oid, list[tuple[BranchName, Oid]]] = {}
    wanted = {oid for items in found.values() for oid in items}
    for entry in facts.branches:
        for oid in wanted:
            pick = entry.landed(oid)
            if pick is not None:
                picks.setdefault(oid, []).append((entry.branch.name, pick.commit))
    landed = {entry.branch.name: count_landed(entry) for entry in facts.branches}
    return LandedSinceScan(found, landed, picks, [entry.branch.name for entry in facts.branches])


def count_landed(entry: BranchFacts) -> int:
    """Return how many commits of the branch are picks in force."""
    return len({pick.commit for pick in entry.picks if pick.reverted_by is None})


def _recall(repository: Repository, refs: Refs, state: QueueState) -> LandedSinceScan | None:
    body = Cache.open(repository).read(_BLOB)
    kept = json.loads(body) if body is not None else None
    if kept is None or kept["key"] != _key(repository, refs, state):
        return None
    return LandedSinceScan(
        {BranchName(name): {Oid(oid): bool(shut) for oid, shut in items} for name, items in kept["items"].items()},
        {BranchName(name): int(count) for name, count in kept["landed"].items()},
        {Oid(oid): [(BranchName(name), Oid(pick)) for name, pick in its] for oid, its in kept["picks"].items()},
        [BranchName(name) for name in kept["order"]],
    )


def _key(repository: Repository, refs: Refs, state: QueueState) -> str:
    """Return a digest of all that decides whether an item has landed: tips, dialects, links; not people's decisions."""
    inputs = inputs_of(repository, refs, state.config, Oid(""))
    links = {name: sorted(its.items()) for name, its in links_of(state).items()}
    trailers = [(trailer.key, trailer.meaning, trailer.value) for trailer in state.config.trailers]
    told = json.dumps([inputs.tips, inputs.rest, links, state.config.dialects, trailers], sort_keys=True)
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()
