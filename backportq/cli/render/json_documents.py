"""The JSON shapes that several commands share: items, nominations, trials, scans.

Scripts rely on these keys (`docs/design.md`); they are in one place so that a commit looks the same in `pending`,
`show` and `status`. Times are ISO 8601 with the offset, ids are full. This module must not print or look things up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from backportq.model.declared import Declaration, Shape, declarations_of
from backportq.model.items.nomination import Nomination

if TYPE_CHECKING:  # only for types: a scan answered from the cache must not load the model
    from backportq.model.history.landed import Evidence
    from backportq.model.items.item import Item
    from backportq.model.trials.deviation import Deviation
    from backportq.model.trials.verdict import PathConflict, Trial
    from backportq.services.scan.report import BranchReport, ScanReport

Document = dict[str, object]


def nomination_document(nomination: Nomination) -> Document:
    """Return one reason: `via`, and the keys that belong to it; absent ones are left out, as in the queue's files."""
    known = {key: value for key, value in _record_document(nomination).items() if value is not None}
    return {**known, **_plain(nomination.extra)}


def item_document(item: Item, branch: str) -> Document:
    """Return one item with everything people decided about it, and where work on it stands."""
    document = _record_document(item)
    return {"commit": document.pop("commit"), "branch": branch, **document}


def _record_document(record: object) -> Document:
    """Return the declared fields of a record; what says nothing is null, or empty."""
    return {
        declaration.shown_as: _field_document(declaration, getattr(record, declaration.field))
        for declaration in declarations_of(cast("Any", type(record)))
    }


def _field_document(declaration: Declaration, value: Any) -> object:
    if value is None:
        return None
    match declaration.shape:
        case Shape.WORD | Shape.IDENTITY:
            return str(value)
        case Shape.MOMENT | Shape.DAY:
            return value.isoformat()
        case Shape.RECORD:
            return _record_document(value)
        case Shape.RECORDS if declaration.of is Nomination:
            return [nomination_document(nomination) for nomination in value]
        case Shape.RECORDS:
            return [_record_document(record) for record in value]
        case Shape.OIDS | Shape.TEXTS:
            return list(value)
        case _:
            return value


def conflict_document(conflict: PathConflict) -> Document:
    """Return one conflicted path."""
    return {"path": conflict.path, "kind": conflict.kind}


def trial_document(trial: Trial) -> Document:
    """Return the verdict of one trial; `tree` is null where it conflicts."""
    return {
        "onto": trial.onto,
        "mainline": trial.mainline,
        "verdict": str(trial.verdict),
        "tree": trial.tree,
        "conflicts": [conflict_document(conflict) for conflict in trial.conflicts],
    }


def deviation_document(deviation: Deviation | None) -> Document | None:
    """Return how a pick differs from its original; null where they could not be compared."""
    return None if deviation is None else {"kind": str(deviation.kind), "lines": deviation.lines}


def evidence_document(evidence: Evidence) -> Document:
    """Return one piece of evidence."""
    return {"kind": str(evidence.kind), "text": evidence.text}


def scan_document(report: ScanReport) -> Document:
    """Return what a scan found."""
    return {
        "branches": [_branch_document(branch) for branch in report.branches],
        "warnings": [
            {"commit": warning.commit, "branch": warning.branch, "kind": str(warning.kind), "text": warning.text}
            for warning in report.warnings
        ],
    }


def _branch_document(branch: BranchReport) -> Document:
    return {
        "branch": branch.branch,
        "tip": branch.tip,
        "base": branch.base,
        "candidates": branch.candidates,
        "pending": branch.pending,
        "landed": branch.landed,
        "added": list(branch.added),
        "closed": [closing.commit for closing in branch.closed],
        "closings": [
            {"commit": closing.commit, "state": closing.state, "pick": closing.pick, "staged": closing.staged}
            for closing in branch.closed
        ],
        "withdrawn": list(branch.withdrawn),
        "reopened": list(branch.reopened),
        "offered": [
            {"commit": offer.commit, "declined_on": offer.declined_on, "reason": offer.reason}
            for offer in branch.offered
        ],
    }


def _plain(value: Mapping[str, object]) -> Document:
    """Return unknown keys of a file with TOML's dates as text, which JSON has no type for."""
    return {key: _plain_value(entry) for key, entry in value.items()}


def _plain_value(value: object) -> object:
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, (list, tuple)):
        return [_plain_value(entry) for entry in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
