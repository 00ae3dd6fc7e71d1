"""What the last scan found, as commands ask for it that do not scan; `last_scan` keeps it in the index.

This module must not load what judges items.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from backportq.model.ids import BranchName, Oid
from backportq.model.stored_values import decoder
from backportq.services.history.index import Index
from backportq.services.scan.report import ScanReport, WarningKind

LAST_SCAN = "last-scan"
"""The section of the index that holds the report."""

LAST_TIPS = "last-scan-tips"


def not_merged_up_at_last_scan(index: Index) -> Mapping[BranchName, int]:
    """Return how many commits the last scan here found that only this branch has, by branch name."""
    kept = index.find_entry(LAST_SCAN, "")
    warnings = () if kept is None else decoder(ScanReport)(kept).warnings
    return Counter(each.branch for each in warnings if each.kind is WarningKind.NOT_MERGED_UP and each.branch)


def tips_at_last_scan(index: Index) -> Mapping[BranchName, Oid]:
    """Return the tips that the last scan here saw, by branch name; empty where none is remembered."""
    kept = index.find_meta(LAST_TIPS)
    found: Mapping[BranchName, Oid] = {} if kept is None else json.loads(kept)
    return found
