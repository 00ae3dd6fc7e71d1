"""`stats`: who backports how much and how late, from git alone; and what became of the tasks, from the queue.

Every pick in the history counts, queued or not, years back. Nothing is estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backportq.errors import ConfigError
from backportq.git.read.lookup import read_commits
from backportq.git.refs import read_refs
from backportq.model.branch_families import propose_branches
from backportq.model.commit import Commit
from backportq.model.config import Config, StableBranch
from backportq.model.items.item import Item
from backportq.model.items.queue import QueueState
from backportq.model.reports.statistics import Backport, Row, TaskRow, summarise, summarise_tasks
from backportq.services.branches import choose_branches, readable, refuse_gone
from backportq.services.history.links import links_of
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.reports.backports import backports_of, remembered_backports


@dataclass(frozen=True, slots=True)
class Stats:
    """The figures: in all, by branch (oldest version first), by year (latest last), and the people's tasks."""

    total: Row
    branches: tuple[Row, ...]
    years: tuple[Row, ...]
    tasks: tuple[TaskRow, ...]


def stats(
    project: Project, *, branches: Sequence[str] = (), every_branch: bool = False, years: Sequence[int] = ()
) -> Stats:
    """Return the figures of `branches`, all configured ones if none is named.

    `years` keeps only backports made in these years. `every_branch` adds stable branches that the configuration leaves
    out.
    """
    state = project.store.snapshot().state
    config = with_every_branch(project, state.config) if every_branch else state.config
    chosen = choose_branches(config, branches)
    if branches:
        refuse_gone(config, read_refs(project.repository), (branch.name for branch in chosen))
    if every_branch:
        # What looks for evidence takes 60 ms to load, which the index makes unnecessary for configured branches.
        from backportq.services.history.gather import gather

        facts = gather(project.repository, replace(config, branches=chosen), links=links_of(state))
        found = backports_of(project.repository, state, facts)
    else:
        history = HistoryOfQueue(project.repository, state)
        history.tell_left_out()
        facts = history.facts
        found = remembered_backports(history)
    wanted = {branch.name for branch in chosen}
    names = [entry.branch.name for entry in facts.branches if entry.branch.name in wanted]
    backports = [each for each in found if each.branch in wanted and (not years or each.year in years)]
    by_branch: dict[str, list[Backport]] = {name: [] for name in names}
    by_year: dict[int, list[Backport]] = {}
    for backport in backports:
        by_branch[backport.branch].append(backport)
        by_year.setdefault(backport.year, []).append(backport)
    return Stats(
        summarise("all", backports),
        tuple(summarise(name, found) for name, found in by_branch.items()),
        tuple(summarise(str(year), found) for year, found in sorted(by_year.items())),
        summarise_tasks(_tasks(project, state, chosen)),
    )


def _tasks(project: Project, state: QueueState, branches: Sequence[StableBranch]) -> list[tuple[Item, datetime | None]]:
    # Also closed items: most tasks that were ever given are done.
    items = [
        item
        for queue in readable(state.queue_of(branch.name) for branch in branches)
        for item in (*queue.open, *queue.closed)
        if item.tasks or item.assignee is not None
    ]
    picks = read_commits(project.repository, [item.pick for item in items if item.pick is not None])
    return [(item, _landed(picks.get(item.pick)) if item.pick is not None else None) for item in items]


def _landed(pick: Commit | None) -> datetime | None:
    return pick.committed if pick is not None else None


def with_every_branch(project: Project, config: Config) -> Config:
    """Return the configuration with every stable branch that the repository has."""
    known = {branch.name for branch in config.branches}
    proposal = propose_branches(read_refs(project.repository).branch_names(config.remote))
    others = tuple(branch for branch in proposal.stable if branch.name not in known)
    if not others and not config.branches:
        raise ConfigError("no stable branch was found", hints=("backportq init --branch NAME",))
    return replace(config, branches=(*others, *config.branches))
