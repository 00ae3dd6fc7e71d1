"""Items by a query: what a person typed, with `me` resolved, and what must be looked up to answer it.

The language is `backportq.model.items.query`. Paths are read and trials made only where a query asks for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date

from backportq.git.read.lookup import read_commits
from backportq.git.read.touched_paths import touched_paths
from backportq.git.repository import Repository
from backportq.git.trials import run_trials
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.query import Facets, ItemQuery, parse_query
from backportq.model.items.queue import QueueState
from backportq.model.trials.verdict import TrialOutcome
from backportq.services.branches import choose_branches
from backportq.services.history.stored_facts import facts_of
from backportq.services.items.open_items import OpenItem, open_items
from backportq.services.people.myself import find_myself
from backportq.services.project import Project
from backportq.services.suggest.likelihood import read_outlook
from backportq.services.trials.deviation import deviations_of

NO_QUERY = ItemQuery()


def query_of(project: Project, text: str, state: QueueState | None = None) -> ItemQuery:
    """Return the query that `text` spells: `assignee:me` is the one whose git identity this is, and a version stands
    for its branch. Raise `UsageError` or `ConfigError` for what is unknown."""
    query = parse_query(text)
    keys = {condition.key for condition in query.conditions}
    if not keys & {"assignee", "branch"}:
        return query
    known = project.store.snapshot().state if state is None else state
    conditions = tuple(
        replace(condition, values=tuple(branch.name for branch in choose_branches(known.config, condition.values)))
        if condition.key == "branch"
        else condition
        for condition in query.conditions
    )
    is_personal = any("me" in condition.values for condition in conditions if condition.key == "assignee")
    person = find_myself(project, known.people) if is_personal else None
    return ItemQuery(conditions, person.key if person is not None else None)


def matching_items(
    project: Project, state: QueueState, text: str, branches: Sequence[str] = (), *, closed_too: bool = False
) -> tuple[tuple[BranchName, Oid], ...]:
    """Return the open items that the query `text` admits, by branch and in upstream order; with `closed_too` also
    closed ones."""
    query = query_of(project, text, state)
    today = project.clock().astimezone(UTC).date()
    entries = open_items(project, branches=branches, state=state).items
    keys = [(entry.branch, entry.item.commit) for entry in filter_entries(project, entries, query, today)]
    if closed_too:
        for branch in choose_branches(state.config, branches):
            closed = state.queue_of(branch.name).closed
            commits = [item.commit for item in closed]
            known = _read(project, state, commits, query)
            keys += [
                (branch.name, item.commit)
                for item in closed
                if query.admits(known.facets(item, branch.name, item.state), today)
            ]
    return tuple(keys)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was looked up for a query: only what it asks for."""

    paths: Mapping[Oid, tuple[str, ...]]
    messages: Mapping[Oid, str]
    branches: Mapping[Oid, int]
    deviations: Mapping[Oid, tuple[str, ...]]

    def facets(
        self, item: Item, branch: BranchName, standing: str, verdict: str | None = None, likely: float | None = None
    ) -> Facets:
        commit = item.commit
        return Facets(
            item,
            branch,
            standing,
            verdict,
            self.paths.get(commit, ()),
            likely,
            self.branches.get(commit, 0),
            self.messages.get(commit, ""),
            self.deviations.get(commit, ()),
        )


def _read(project: Project, state: QueueState, commits: Sequence[Oid], query: ItemQuery) -> _Known:
    repository = project.repository
    return _Known(
        touched_paths(repository, commits) if query.asks_for("path") else {},
        {oid: commit.message for oid, commit in read_commits(repository, commits).items()}
        if query.asks_for("text")
        else {},
        Counter(item.commit for queue in state.branches.values() for item in queue.open)
        if query.asks_for("branches")
        else {},
        _deviations(repository, state, commits) if query.asks_for("deviation") else {},
    )


def _deviations(repository: Repository, state: QueueState, commits: Sequence[Oid]) -> Mapping[Oid, tuple[str, ...]]:
    """Return how the picks of the commits on any branch deviate from them, in a word each."""
    elsewhere = facts_of(repository, state).picks_elsewhere(commits)
    pairs = [(pick, commit) for commit in commits for _, pick in elsewhere.picks.get(commit, ())]
    found: dict[Oid, dict[str, None]] = {}
    for (_, commit), deviation in deviations_of(repository, pairs).items():
        found.setdefault(commit, {})[str(deviation.kind)] = None
    return {commit: tuple(kinds) for commit, kinds in found.items()}


def filter_entries(
    project: Project,
    entries: Sequence[OpenItem],
    query: ItemQuery,
    today: date,
    outcomes: Mapping[OpenItem, TrialOutcome] | None = None,
) -> list[OpenItem]:
    """Return the entries that `query` admits; `outcomes` are their trials where these were made already."""
    if not query.conditions:
        return list(entries)
    state = project.store.snapshot().state
    known = _read(project, state, list(dict.fromkeys(entry.item.commit for entry in entries)), query)
    if outcomes is None:
        outcomes = dict(zip(entries, try_entries(project, entries), strict=True)) if query.needs_verdicts else {}
    outlook = read_outlook(project, state) if query.asks_for("likely") else None
    admitted = []
    for entry in entries:
        outcome = outcomes.get(entry) if outcomes else None
        verdict = str(outcome.verdict) if outcome is not None and outcome.verdict is not None else None
        likely = outlook.of(entry.item, entry.branch, project.clock()).likely if outlook is not None else None
        if query.admits(known.facets(entry.item, entry.branch, entry.standing, verdict, likely), today):
            admitted.append(entry)
    return admitted


def try_entries(project: Project, entries: Sequence[OpenItem]) -> Sequence[TrialOutcome]:
    """Return the trial of each entry onto the tip that it would go to."""
    mainlines = {entry.item.commit: entry.mainline for entry in entries if entry.mainline is not None}
    return run_trials(project.repository, [(entry.item.commit, entry.onto) for entry in entries], mainlines=mainlines)
