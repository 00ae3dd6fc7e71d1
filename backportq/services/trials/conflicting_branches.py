"""On which stable branches a commit conflicts, for whoever asks why without naming one.

Apart from the explanation, which is of one branch. This module must not search for what a conflict waits for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backportq.errors import RefError
from backportq.git.trials import run_trials
from backportq.model.ids import BranchName, Oid, short
from backportq.model.trials.verdict import Verdict
from backportq.services.commits import find_commit
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.trials.mainlines import default_mainlines, upstream_tips


@dataclass(frozen=True, slots=True)
class WhereItConflicts:
    """The branches on which a commit conflicts, the newest first, and those on which it applies or changes nothing."""

    commit: Oid
    conflicting: Sequence[BranchName]
    others: Sequence[BranchName]


def where_it_conflicts(project: Project, text: str) -> WhereItConflicts:
    """Return where the commit that `text` names conflicts, among the maintained branches that lack it.

    Those that have it in their queue are meant, if any has. Raise `RefError` where it names none, or where every branch
    has it.
    """
    state = project.store.snapshot().state
    oid = find_commit(project.repository, state, text)
    entries = [entry for entry in HistoryOfQueue(project.repository, state).facts.branches if not entry.contains(oid)]
    if not entries:
        raise RefError(f"every stable branch has '{short(oid)}'", hints=(f"backportq show {short(oid)}",))
    queued = [entry for entry in entries if any(item.commit == oid for item in state.queue_of(entry.branch.name).open)]
    asked = queued or entries
    mainlines = default_mainlines(project.repository, upstream_tips(project), [oid])
    outcomes = run_trials(project.repository, [(oid, entry.onto) for entry in asked], mainlines=mainlines)
    found = {
        entry.branch.name: outcome.verdict is Verdict.CONFLICT for entry, outcome in zip(asked, outcomes, strict=True)
    }
    return WhereItConflicts(
        oid,
        tuple(name for name in reversed(found) if found[name]),
        tuple(name for name in found if not found[name]),
    )
