"""`stats`: who backports how much and how late, from git alone; and what became of the tasks, from the queue.

Every pick in the history counts, queued or not, years back. Nothing is estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property

from backportq.errors import ConfigError
from backportq.git.read.lookup import read_commits
from backportq.git.refs import read_refs
from backportq.model.branch_families import propose_branches
from backportq.model.commit import Commit, Identity
from backportq.model.config import Config, StableBranch
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.queue import QueueState
from backportq.model.people.robots import Robots
from backportq.model.reports.statistics import Backport, Row, TaskRow, summarise, summarise_tasks
from backportq.services.branches import choose_branches, readable, refuse_gone
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.links import links_of
from backportq.services.history.stored_facts import facts_of
from backportq.services.people.identities import Identities, identities_of
from backportq.services.project import Project


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
    else:
        facts = facts_of(project.repository, state)
        wanted = {branch.name for branch in chosen}
        facts = replace(facts, branches=tuple(entry for entry in facts.branches if entry.branch.name in wanted))
    backports = [backport for backport in backports_of(project, state, facts) if not years or backport.year in years]
    names = [entry.branch.name for entry in facts.branches]
    by_year = sorted({backport.year for backport in backports})
    return Stats(
        summarise("all", backports),
        tuple(summarise(name, [backport for backport in backports if backport.branch == name]) for name in names),
        tuple(summarise(str(year), [backport for backport in backports if backport.year == year]) for year in by_year),
        summarise_tasks(_tasks(project, state, chosen)),
    )


def backports_of(project: Project, state: QueueState, facts: Facts) -> list[Backport]:
    """Return every pick that holds. Each commit of a branch counts once, however many upstream commits it carries."""
    found: dict[tuple[BranchName, Oid], Oid] = {}
    mergers = {entry.branch.name: _Mergers(facts, entry) for entry in facts.branches}
    for entry in facts.branches:
        for pick in entry.picks:
            if pick.reverted_by is None:
                found.setdefault((entry.branch.name, pick.commit), pick.upstream)
    named = {oid for (_, commit), upstream in found.items() for oid in (commit, upstream)}
    commits = read_commits(project.repository, named)
    identities = identities_of(project.repository, state)
    known = [(commits.get(upstream), commits[commit]) for (_, commit), upstream in found.items()]
    identities.load(
        person for original, made in known if original is not None for person in (original.author, made.maker)
    )
    backports = []
    # A project has few people, and each made many backports.
    is_robot = cache(identities.robots.has)
    person = cache(lambda identity: _person(identities, identity))
    for (branch, commit), (original, made) in zip(found, known, strict=True):
        if original is None:
            continue
        maker = made.maker
        backports.append(
            Backport(
                commit,
                branch,
                person(maker if not is_robot(maker) else _human(identities.robots, made, original, mergers[branch])),
                person(original.author),
                made.committed,
                original.committed,
            )
        )
    return backports


class _Mergers:
    """Who merged the commits of a branch: for each commit that a merge brought, the people who made the merge."""

    def __init__(self, facts: Facts, entry: BranchFacts) -> None:
        self._facts = facts
        self._entry = entry

    def of(self, oid: Oid) -> tuple[Identity, ...]:
        """Return author and committer of the merge that brought a commit to the branch."""
        merge = self._merge_of.get(oid)
        return (merge.author, merge.committer) if merge is not None else ()

    @cached_property
    def _merge_of(self) -> dict[Oid, Commit]:
        own = tuple(self._entry.own)
        self._facts.load(own)
        commits = {oid: self._facts.commits[oid] for oid in own}
        line: set[Oid] = set()
        at: Oid | None = self._entry.onto
        while at is not None and at in commits:
            line.add(at)
            at = commits[at].first_parent
        found: dict[Oid, Commit] = {}
        for merge in (commits[oid] for oid in own if oid in line and commits[oid].is_merge):
            pending = list(merge.parents[1:])
            while pending:
                member = pending.pop()
                if member in commits and member not in line and member not in found:
                    found[member] = merge
                    pending += commits[member].parents
        return found


def _human(robots: Robots, made: Commit, original: Commit, mergers: _Mergers) -> Identity:
    """Return whom a commit counts for that a robot made: who merged it, the human of its trailers, or the author of the
    original."""
    people = (made.author, *mergers.of(made.oid), *robots.humans_beside(made), original.author)
    return next(robots.people_in(people), made.maker)


def _person(identities: Identities, identity: Identity) -> str:
    """Return the key of a person of the queue, else the name: people change their mail more often than their name."""
    match = identities.find(identity)
    canonical = identities.canonical(identity)
    return match.key or canonical.name or canonical.mail


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
