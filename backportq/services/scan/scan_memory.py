"""What the last scan found, kept in the index, so that a scan with nothing new answers at once.

A remembered report is used only while the queue and everything that the candidates depend on are the same. This module
must not be asked for anything but what a scan would find again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from backportq.model.ids import BranchName, Oid
from backportq.model.stored_values import decoder
from backportq.services.history.index import Index
from backportq.services.scan.report import ScanReport, WarningKind

if TYPE_CHECKING:  # `pending` asks for the tips alone
    from backportq.services.scan.stored_candidates import GatheredHistory

_SECTION = "last-scan"
_KEY = "last-scan-key"
_TIPS = "last-scan-tips"


def remember(history: GatheredHistory, queue: Oid, report: ScanReport) -> None:
    """Keep what a scan that finds nothing new would report; `queue` is the commit that the scan left."""
    steady = replace(
        report,
        branches=tuple(replace(branch, added=(), closed=(), withdrawn=(), reopened=()) for branch in report.branches),
        warnings=tuple(warning for warning in report.warnings if warning.kind is not WarningKind.REWRITTEN),
    )
    upstream = history.facts.upstream
    tips = {upstream.name: upstream.oid}
    for entry in history.facts.branches:
        tips[entry.branch.name] = entry.tip
        if entry.branch.staging is not None and entry.staging_tip is not None:
            tips[entry.branch.staging] = entry.staging_tip
    with history.index.keeping():
        history.index.put_meta(_KEY, f"{history.key} {queue}")
        history.index.put_meta(_TIPS, json.dumps(tips))
        history.index.put_entries(_SECTION, [("", steady)])


def recall(history: GatheredHistory, queue: Oid) -> ScanReport | None:
    """Return what a scan now would report, or None where that has to be found out."""
    if history.index.find_meta(_KEY) != f"{history.key} {queue}":
        return None
    kept = history.index.find_entry(_SECTION, "")
    report: ScanReport | None = None if kept is None else decoder(ScanReport)(kept)
    return report


def not_merged_up_at_last_scan(index: Index) -> Mapping[BranchName, int]:
    """Return how many commits the last scan here found that only this branch has, by branch name."""
    kept = index.find_entry(_SECTION, "")
    warnings = () if kept is None else decoder(ScanReport)(kept).warnings
    return Counter(each.branch for each in warnings if each.kind is WarningKind.NOT_MERGED_UP and each.branch)


def tips_at_last_scan(index: Index) -> Mapping[BranchName, Oid]:
    """Return the tips that the last scan here saw, by branch name; empty where none is remembered."""
    kept = index.find_meta(_TIPS)
    found: Mapping[BranchName, Oid] = {} if kept is None else json.loads(kept)
    return found
