"""Voting on backports, where a project wants that: approvals and objections with their reasons.

What a vote means is in `backportq.model.items.votes`. This module must not refuse a pick; `apply` does.
"""

from __future__ import annotations

from collections.abc import Sequence

from backportq.model.items.votes import approve, object_to
from backportq.services.decisions.decide import DecisionResult, decide, decider
from backportq.services.project import Project


def approve_items(
    project: Project, commits: Sequence[str], branches: Sequence[str], *, dry_run: bool = False
) -> DecisionResult:
    """Approve items; takes back one's own objection."""
    by = decider(project)
    return decide(
        project,
        commits,
        branches,
        lambda item, _branch: approve(item, by),
        command="approve",
        done="approved",
        dry_run=dry_run,
    )


def object_to_items(
    project: Project, commits: Sequence[str], branches: Sequence[str], *, reason: str, dry_run: bool = False
) -> DecisionResult:
    """Object to items, for a reason; takes back one's own approval."""
    by = decider(project)
    return decide(
        project,
        commits,
        branches,
        lambda item, _branch: object_to(item, by, reason),
        command="object",
        done=f"objected to: {reason}",
        dry_run=dry_run,
    )
