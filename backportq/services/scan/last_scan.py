"""What the last scan found, kept in the index, so that a scan looks only at what has changed since.

- Its report holds while the queue is the same and nothing that it tells of can be another, whatever moved.
- Else each branch's part holds while its files are the same, and nothing changed about a commit that they name.

This module must not be asked for anything but what a scan would find again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from backportq.model.ids import BranchName, Oid
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.model.stored_values import decoder
from backportq.queue.codec.stored_state import StoredBranchQueue
from backportq.services.history.facts import BranchFacts
from backportq.services.scan.last_scan_results import LAST_SCAN, LAST_TIPS, tips_at_last_scan
from backportq.services.scan.reconcile import OF_ITEMS, BranchChanges
from backportq.services.scan.report import ScanReport, WarningKind
from backportq.services.scan.stored_candidates import GatheredHistory

_KEY = "last-scan-key"
_FILES = "files"
_TOOK_REVERTS = "took-reverts"


@dataclass(frozen=True, slots=True)
class LastScan:
    """What the last scan found, when the history and the queue had this `key`.

    `files` are the ids of the files of those branches of which a scan would find the same while nothing moves, `tips`
    the branches as they were. `changed` are the commits about which anything has changed since.
    """

    key: str
    report: ScanReport
    files: Mapping[BranchName, Sequence[str]]
    tips: Mapping[BranchName, Oid]
    changed: Collection[Oid]

    def find_branch(self, history: GatheredHistory, entry: BranchFacts, queue: BranchQueue) -> BranchChanges | None:
        """Return what was found of a branch, where a scan would find the same of this queue of it."""
        name = queue.branch
        if not isinstance(queue, StoredBranchQueue) or queue.file_ids != tuple(self.files.get(name, ())):
            return None
        candidates = history.nominated.branches[name]
        found = next((each for each in self.report.branches if each.branch == name), None)
        if found is None or any(oid in candidates or queue.mentions(oid) for oid in self.changed):
            return None
        report = replace(found, tip=entry.tip, base=entry.base, landed=entry.landed_count)
        told = (each for each in self.report.warnings if each.branch == name and each.kind in OF_ITEMS)
        return BranchChanges(queue, report, tuple(told))

    def find_report(self, history: GatheredHistory, queue: Oid, state: QueueState) -> ScanReport | None:
        """Return what a scan of the queue at this commit would report, None where that has to be found out."""
        if self.key == f"{history.key} {queue}":
            return self.report
        if self.key.rpartition(" ")[2] != queue or self._concerns(history):
            return None
        upstream = {history.facts.upstream.name: history.facts.upstream.oid}
        is_still = {**self.tips, **upstream} == _tips(history)
        queues = [(entry, state.queue_of(entry.branch.name)) for entry in history.branches]
        is_same = is_still and all(self.find_branch(history, entry, queue) is not None for entry, queue in queues)
        return self.report if is_same else None

    def _concerns(self, history: GatheredHistory) -> bool:
        """Tell whether something changed that the report tells of besides the items."""
        told = {each.commit for each in (*self.report.warnings, *history.nominated.warnings)}
        return any(
            oid in told or any(oid in entry.by_upstream for entry in history.facts.branches) for oid in self.changed
        )


def last_scan(history: GatheredHistory) -> LastScan | None:
    """Return what the last scan found, None where all may be something else."""
    index = history.index
    key = index.find_meta(_KEY) or ""
    kept = index.entries(LAST_SCAN)
    before, took_reverts = key.rpartition(" ")[0], bool(kept.get(_TOOK_REVERTS))
    changed = history.changed_since(before, took_reverts=took_reverts) if _FILES in kept else None
    if changed is None:
        return None
    return LastScan(key, decoder(ScanReport)(kept[""]), kept[_FILES], tips_at_last_scan(index), changed)


def remember(
    history: GatheredHistory, queue: Oid, report: ScanReport, state: QueueState, unsure: Collection[BranchName]
) -> None:
    """Keep what a scan that finds nothing new would report; `queue` is the commit that the scan left. What it found of
    branches that are `unsure`, or whose files in the queue are not those of `state`, is used for nothing else."""
    steady = replace(
        report,
        branches=tuple(replace(branch, added=(), closed=(), withdrawn=(), reopened=()) for branch in report.branches),
        warnings=tuple(warning for warning in report.warnings if warning.kind is not WarningKind.REWRITTEN),
    )
    stored = [each for each in state.branches.values() if isinstance(each, StoredBranchQueue)]
    files = {each.branch: each.file_ids for each in stored if each.branch not in unsure}
    key = f"{history.key} {queue}"
    if history.index.find_meta(_KEY) == key:
        return
    with history.index.keeping():
        history.index.put_meta(_KEY, key)
        history.index.put_meta(LAST_TIPS, json.dumps(_tips(history)))
        values = {"": steady, _FILES: files, _TOOK_REVERTS: history.nominated.takes_reverts}
        history.index.put_entries(LAST_SCAN, values.items())


def _tips(history: GatheredHistory) -> dict[BranchName, Oid]:
    tips = {history.facts.upstream.name: history.facts.upstream.oid}
    for entry in history.facts.branches:
        tips[entry.branch.name] = entry.tip
        if entry.branch.staging is not None and entry.staging_tip is not None:
            tips[entry.branch.staging] = entry.staging_tip
    return tips
