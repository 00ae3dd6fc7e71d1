"""What upgrading from one stable branch to a newer one may lose, found out once for the tips.

It takes looking at all picks of all branches, which does not change by what people decide. This module must not find
anything out itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TypeVar

from backportq.git.repository import Repository
from backportq.model.ids import Oid
from backportq.model.items.item import State
from backportq.model.items.queue import QueueState
from backportq.model.stored_values import decoder
from backportq.services.history.facts import BranchFacts
from backportq.services.scan.not_merged_up import not_merged_up
from backportq.services.scan.regressions import MissingPick, find_missing_picks, missing_in_newer, still_lost
from backportq.services.scan.report import ScanWarning
from backportq.services.scan.stored_candidates import GatheredHistory

_T = TypeVar("_T")
_ONLY_HERE = "only-here"
_MISSING = "missing-picks"


def find_lost(
    repository: Repository, history: GatheredHistory, branches: Sequence[BranchFacts], state: QueueState
) -> tuple[ScanWarning, ...]:
    """Return what a newer one of these branches lacks, as far as nobody declined it there in `state`."""
    missing = _found_once(
        history,
        branches,
        _MISSING,
        decoder(tuple[MissingPick, ...]),
        lambda: find_missing_picks(history.facts, branches, history.nominated),
        is_concerned=lambda oid: any(oid in entry.by_upstream for entry in history.facts.branches),
    )
    queues = [state.queue_of(name) for name in dict.fromkeys(each.newer for each in missing)]
    declined = {
        queue.branch: {item.commit for item in queue.closed if item.state is State.DECLINED} for queue in queues
    }
    pending = {queue.branch: {item.commit for item in queue.open} for queue in queues}
    return still_lost(repository, branches, missing_in_newer(missing, declined, pending))


def find_not_merged_up(history: GatheredHistory, branches: Sequence[BranchFacts]) -> tuple[ScanWarning, ...]:
    """Return what `not_merged_up` says of these branches."""
    return _found_once(
        history,
        branches,
        _ONLY_HERE,
        decoder(tuple[ScanWarning, ...]),
        lambda: not_merged_up(history.facts, branches),
        is_concerned=lambda oid: oid not in history.facts.order,  # a pick that is called like what one branch has
    )


def _found_once(
    history: GatheredHistory,
    branches: Sequence[BranchFacts],
    section: str,
    decode: Callable[[object], tuple[_T, ...]],
    find: Callable[[], tuple[_T, ...]],
    *,
    is_concerned: Callable[[Oid], bool],
) -> tuple[_T, ...]:
    """Return what is found in all commits that these branches have, remembered until something changes about a commit
    that it concerns."""
    names = [entry.branch.name for entry in branches]
    before, asked = json.loads(history.index.find_meta(f"{section}-of") or "[null,null]")
    changed = history.changed_since(before) if asked == names else None
    if changed is not None and not any(map(is_concerned, changed)):
        return decode(history.index.find_entry(section, ""))
    found = find()
    if not history.facts.warnings:
        with history.index.keeping():
            history.index.put_meta(f"{section}-of", json.dumps([history.key, names]))
            history.index.put_entries(section, [("", found)])
    return found
