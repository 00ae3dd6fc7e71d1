"""Items by a query: what a person typed, with `me` resolved, and what must be looked up to answer it.

The language is `backportq.model.items.query`. Paths are read and trials made only where a query asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date

from backportq.git.read.touched_paths import touched_paths
from backportq.git.trials import run_trials
from backportq.model.ids import BranchName, Oid
from backportq.model.items.query import Facets, ItemQuery, parse_query
from backportq.model.items.queue import QueueState
from backportq.model.trials.verdict import Trial, TrialOutcome
from backportq.services.branches import choose_branches
from backportq.services.items.open_items import OpenItem, open_items
from backportq.services.people.myself import find_myself
from backportq.services.project import Project
from backportq.services.suggest.likelihood import read_outlook

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
            paths = touched_paths(project.repository, [item.commit for item in closed]) if query.needs_paths else {}
            keys += [
                (branch.name, item.commit)
                for item in closed
                if query.admits(Facets(item, branch.name, item.state, None, paths.get(item.commit, ())), today)
            ]
    return tuple(keys)


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
    paths = touched_paths(project.repository, [entry.item.commit for entry in entries]) if query.needs_paths else {}
    if outcomes is None:
        outcomes = dict(zip(entries, try_entries(project, entries), strict=True)) if query.needs_verdicts else {}
    outlook = read_outlook(project, project.store.snapshot().state) if query.needs_likelihood else None
    admitted = []
    for entry in entries:
        outcome = outcomes.get(entry)
        verdict = str(outcome.verdict) if isinstance(outcome, Trial) else None
        likely = outlook.of(entry.item, entry.branch, project.clock()).likely if outlook is not None else None
        facets = Facets(entry.item, entry.branch, entry.standing, verdict, paths.get(entry.item.commit, ()), likely)
        if query.admits(facets, today):
            admitted.append(entry)
    return admitted


def try_entries(project: Project, entries: Sequence[OpenItem]) -> Sequence[TrialOutcome]:
    """Return the trial of each entry onto the tip that it would go to."""
    mainlines = {entry.item.commit: entry.mainline for entry in entries if entry.mainline is not None}
    return run_trials(project.repository, [(entry.item.commit, entry.onto) for entry in entries], mainlines=mainlines)
