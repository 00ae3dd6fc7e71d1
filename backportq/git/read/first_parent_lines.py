"""The first-parent lines of branches: what was committed to each itself, merges counting as one commit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from backportq.git.read.history import commits_of, start_walk
from backportq.git.repository import Repository
from backportq.model.branch_life import LineCommit
from backportq.model.ids import Oid


def first_parent_lines(repository: Repository, tips: Collection[Oid], since: date) -> dict[Oid, list[LineCommit]]:
    """Return the first-parent line of each tip down to `since`, newest first; read by one process."""
    parents: dict[Oid, Oid | None] = {}
    lines: dict[Oid, LineCommit] = {}
    # git stops at the first older commit of each line, so it is given some days for clocks that are wrong.
    after = f"--since={(since - timedelta(days=7)).isoformat()}"
    reading = start_walk(repository, dict.fromkeys(tips), (), "--first-parent", "--header", after)
    for commit in commits_of(reading, is_told=False):
        parents[commit.oid] = commit.parents[0] if commit.parents else None
        lines[commit.oid] = LineCommit(commit.oid, commit.committed.date(), commit.subject)
    found = {}
    for tip in tips:
        line: list[LineCommit] = []
        at: Oid | None = tip
        while at is not None and at in lines:
            line.append(lines[at])
            at = parents[at]
        found[tip] = line
    return found
