"""The JSON shapes that several commands share: items, nominations, trials, scans.

Scripts rely on these keys (`docs/design.md`); they are in one place so that a commit looks the same in `pending`,
`show` and `status`. Times are ISO 8601 with the offset, ids are full. This module must not print or look things up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # only for types: a scan answered from the cache must not load the model
    from backportq.model.history.landed import Evidence
    from backportq.model.items.item import Item
    from backportq.model.items.nomination import Nomination
    from backportq.model.items.records import TaskEvent
    from backportq.model.trials.deviation import Deviation
    from backportq.model.trials.verdict import PathConflict, Trial
    from backportq.services.scan.report import BranchReport, ScanReport

Document = dict[str, object]


def nomination_document(nomination: Nomination) -> Document:
    """Return one reason: `via`, and the keys that belong to it; absent ones are left out, as in the queue's files."""
    known = {
        "text": nomination.text,
        "by": nomination.by,
        "at": nomination.at.isoformat() if nomination.at is not None else None,
        "target": nomination.target,
        "branch": nomination.branch,
        "commit": nomination.commit,
        "rule": nomination.rule,
        "message_id": nomination.message_id,
        "due": nomination.due.isoformat() if nomination.due is not None else None,
    }
    return {
        "via": str(nomination.via),
        **{key: value for key, value in known.items() if value is not None},
        **_plain(nomination.extra),
    }


def item_document(item: Item, branch: str) -> Document:
    """Return one item with everything people decided about it, and where work on it stands."""
    from backportq.model.items.work import check_of, topic_of

    check = check_of(item)
    return {
        "commit": item.commit,
        "branch": branch,
        "subject": item.subject,
        "author": str(item.author),
        "committed": item.committed.isoformat(),
        "state": str(item.state),
        "assignee": item.assignee,
        "priority": str(item.priority),
        "priority_by": item.priority_by,
        "note": item.note,
        "reason": item.reason,
        "until": item.until.isoformat() if item.until is not None else None,
        "due": item.due.isoformat() if item.due is not None else None,
        "pick": item.pick,
        "needs": list(item.needs),
        "topic": topic_of(item),
        "check": None
        if check is None
        else {
            "command": check.command,
            "result": str(check.result),
            "commit": check.commit,
            "by": check.by,
            "at": check.at.isoformat(),
        },
        "nominations": [nomination_document(nomination) for nomination in item.nominations],
        "tasks": [_event_document(event) for event in item.tasks],
        "votes": [
            {"vote": str(vote.ballot), "by": vote.by, "at": vote.at.isoformat(), "reason": vote.reason}
            for vote in item.votes
        ],
    }


def _event_document(event: TaskEvent) -> Document:
    """Return one event of an item's life as a task."""
    return {
        "what": str(event.what),
        "who": event.who,
        "at": event.at.isoformat(),
        "by": event.by,
        "due": event.due.isoformat() if event.due is not None else None,
        "text": event.text,
        "message_id": event.message_id,
    }


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
    return {key: _plain_value(its) for key, its in value.items()}


def _plain_value(value: object) -> object:
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, (list, tuple)):
        return [_plain_value(one) for one in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value
