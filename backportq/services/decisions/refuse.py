"""Putting items aside and back: declining, deferring, reopening, with the reasons people give.

A refusal is offered for the older branches too, because what is not wanted on a branch is rarely wanted on an older
one. What each transition means is in `backportq.model.items.decisions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backportq.model.config import in_release_order
from backportq.model.ids import BranchName
from backportq.model.items.decisions import decline, defer, reopen
from backportq.model.items.item import State
from backportq.model.items.queue import QueueState
from backportq.services.decisions.decide import DecisionResult, decide, decider
from backportq.services.decisions.select import Selection, choose
from backportq.services.project import Project


@dataclass(frozen=True, slots=True)
class DeclineResult:
    """What was declined, and the older branches that still have one of the commits open."""

    outcome: DecisionResult
    older: tuple[BranchName, ...] = ()


def decline_items(
    project: Project,
    commits: Sequence[str],
    branches: Sequence[str],
    *,
    reason: str,
    older: bool = False,
    dry_run: bool = False,
) -> DeclineResult:
    """Refuse items with a reason; with `older` also on every older branch that has them open."""
    by = decider(project)
    state = project.store.snapshot().state
    chosen = choose(project.repository, state, commits, branches)
    below = _older_with(state, chosen)
    wanted = [*branches, *below] if older and branches else list(branches)
    outcome = decide(
        project,
        [str(commit) for commit in chosen.commits],
        wanted,
        lambda item, _branch: decline(item, by, reason),
        command="decline",
        done=f"declined: {reason}",
        dry_run=dry_run,
    )
    return DeclineResult(outcome, () if older else below)


def defer_items(
    project: Project,
    commits: Sequence[str],
    branches: Sequence[str],
    *,
    until: date | None,
    reason: str | None,
    dry_run: bool = False,
) -> DecisionResult:
    """Put items off until a day, or for a reason."""
    by = decider(project)
    when = f" until {until.isoformat()}" if until is not None else ""
    return decide(
        project,
        commits,
        branches,
        lambda item, _branch: defer(item, by, until=until, reason=reason),
        command="defer",
        done=f"deferred{when}" + (f": {reason}" if reason else ""),
        dry_run=dry_run,
    )


def reopen_items(
    project: Project, commits: Sequence[str], branches: Sequence[str], *, dry_run: bool = False
) -> DecisionResult:
    """Make declined and deferred items pending again."""
    return decide(
        project,
        commits,
        branches,
        lambda item, _branch: reopen(item),
        command="reopen",
        done="reopened",
        relevant=lambda item: item.state in {State.DECLINED, State.DEFERRED},
        closed_too=True,
        dry_run=dry_run,
    )


def _older_with(state: QueueState, chosen: Selection) -> tuple[BranchName, ...]:
    """Return the branches older than the newest chosen one that have every chosen commit open, the newest first."""
    if not chosen.is_named:
        return ()
    names = [branch.name for branch in in_release_order(state.config.branches)]
    newest = max(map(names.index, chosen.branches), default=0)
    found = []
    for name in reversed(names[:newest]):
        items = [state.queue_of(name).find(commit) for commit in chosen.commits]
        if name not in chosen.branches and all(item is not None and item.state.is_open for item in items):
            found.append(name)
    return tuple(found)
