"""How likely each open item is to be taken: read from the history once, then remembered for the tips.

    outlook = read_outlook(project, state)
    for entry in open_items(project).items:
        judged = outlook.of(entry.item, entry.branch, project.clock())
        judged.likely        # 0 to 1
        judged.reasons       # in words, the weightiest first
        judged.passed_over   # how many later commits the branch took
        judged.is_folded     # lists leave it out unless asked for all

Every list that puts items in order of likelihood (`pending`, `show`, `check`, letters, `assign --auto`, `mine`) asks
here, so that two of them cannot disagree. Without learned weights the project's own counts decide (see
`backportq.model.likelihood.counts`). The answer depends on the tips alone, not on the day, so that everybody with the
same branches gets the same order. This module must not change the queue.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from backportq.git.cache import Cache
from backportq.git.refs import Refs, read_refs
from backportq.git.repository import Repository
from backportq.model.ids import BranchName, Oid
from backportq.model.items.queue import QueueState
from backportq.model.likelihood.counts import Counts, Kind
from backportq.model.likelihood.outlook import Outlook
from backportq.services.history.links import links_of
from backportq.services.project import Project
from backportq.services.scan.scan_memory import inputs_of

if TYPE_CHECKING:
    from backportq.services.history.facts import Facts

_BLOB = "outlook-1"


def read_outlook(project: Project, state: QueueState) -> Outlook:
    """Return the outlook of every open item of `state`; the history is read only where something moved."""
    repository = project.repository
    refs = read_refs(repository)
    known = _recall(repository, refs, state)
    if known is not None:
        return known
    from backportq.services.history.gather import gather  # slow to load, and needed only now

    return _remember(repository, refs, state, gather(repository, state.config, links=links_of(state)))


def _remember(repository: Repository, refs: Refs, state: QueueState, facts: Facts) -> Outlook:
    """Make the outlook of `state` from `facts`, keep it in the cache, and return it.

    `refs` are those that were read before `facts`, so that what moved between makes the memory useless, never wrong.
    """
    outlook = _make(state, facts)
    body = {
        "key": _key(repository, refs, state),
        "places": {oid: outlook.places.get(oid) for oid in sorted(_commits(state))},
        "taken": {name: list(places) for name, places in outlook.taken.items()},
        "counts": {name: _body_of(counts) for name, counts in outlook.counts.items()},
    }
    Cache.open(repository).write(_BLOB, json.dumps(body, separators=(",", ":")).encode())
    return outlook


def _make(state: QueueState, facts: Facts) -> Outlook:
    from backportq.services.suggest.candidates import count_past, is_old, last_moment
    from backportq.services.suggest.past import past_of

    past = past_of(facts)
    until = last_moment(past)
    places = {oid: past.place_of(oid) for oid in _commits(state)}
    counts = {old: count_past(past, until, old=old) for old in {is_old(branch, until) for branch in past.branches}}
    return Outlook(
        {oid: place for oid, place in places.items() if place is not None},
        {branch.name: sorted(taking.place for taking in branch.takings) for branch in past.branches},
        {branch.name: counts[is_old(branch, until)] for branch in past.branches},
    )


def _commits(state: QueueState) -> set[Oid]:
    return {item.commit for queue in state.branches.values() for item in queue.open}


def _recall(repository: Repository, refs: Refs, state: QueueState) -> Outlook | None:
    body = Cache.open(repository).read(_BLOB)
    kept = json.loads(body) if body is not None else None
    if kept is None or kept["key"] != _key(repository, refs, state) or not _commits(state) <= kept["places"].keys():
        return None
    return Outlook(
        {Oid(oid): int(place) for oid, place in kept["places"].items() if place is not None},
        {BranchName(name): places for name, places in kept["taken"].items()},
        {BranchName(name): _counts_of(body) for name, body in kept["counts"].items()},
    )


def _body_of(counts: Counts) -> Mapping[str, object]:
    return {
        "seen": {kind: list(row) for kind, row in counts.seen.items()},
        "taken": {kind: list(row) for kind, row in counts.taken.items()},
        "folds_after": counts.folds_after,
    }


def _counts_of(body: Mapping[str, Any]) -> Counts:
    return Counts(_rows(body["seen"]), _rows(body["taken"]), int(body["folds_after"]))


def _rows(kept: Mapping[str, Any]) -> Mapping[Kind, Sequence[int]]:
    return {Kind(kind): tuple(row) for kind, row in kept.items()}


def _key(repository: Repository, refs: Refs, state: QueueState) -> str:
    """Return a digest of all that the outlook is made from, except which items are open."""
    inputs = inputs_of(repository, refs, state.config, Oid(""))
    links = {name: sorted(links.items()) for name, links in links_of(state).items()}
    trailers = [(trailer.key, trailer.meaning, trailer.value) for trailer in state.config.trailers]
    versions = [(branch.name, branch.version) for branch in state.config.branches]
    said = json.dumps([inputs.tips, inputs.rest, links, state.config.dialects, trailers, versions], sort_keys=True)
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()
