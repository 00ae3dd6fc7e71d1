"""`scan`: the queue brought in line with the history, by one commit or none.

The use case around the pure functions: facts are gathered once, nominations made, every branch reconciled, and the
result written by compare-and-swap, reconciled again if another writer came first. This module must not hold a rule of
its own about who is a candidate or what happens to an item.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from itertools import chain
from types import MappingProxyType

from backportq.errors import QueueBusyError, QueueFileError
from backportq.git.read.lookup import resolve_abbreviations
from backportq.git.repository import Repository
from backportq.model.branch_relations import BranchRelations
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.item import State
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.queue.codec.misspelt import misspelt_in
from backportq.queue.store import Snapshot
from backportq.services.branches import choose_branches, problem_of, refuse_gone
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.links import Links, links_of
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.scan.last_scan import LastScan, last_scan, remember
from backportq.services.scan.losses import find_lost, find_not_merged_up
from backportq.services.scan.reconcile import BranchChanges, doubtful_ids, reconcile
from backportq.services.scan.report import Offer, ScanReport, ScanWarning, WarningKind
from backportq.services.scan.rewritten import find_rewritten, follow, not_upstream
from backportq.services.scan.stored_candidates import GatheredHistory, with_candidates
from backportq.services.scan.topics import give_up_gone_topics

_ATTEMPTS = 5  # how often the configuration may change under a scan before it gives up


def scan(project: Project, *, branches: Sequence[str] = (), dry_run: bool = False) -> ScanReport:
    """Reconcile the queue of `branches` (all maintained ones if none is named) and return what was found; then make
    what waits on a topic branch that is gone to do again.

    A branch that is gone keeps its items, and is reported. With `dry_run` nothing is written. Raise `ConfigError` for
    an unknown branch or where there is no queue, `RefError` for a named branch that is gone.
    """
    done = _reconcile(project, branches, dry_run=dry_run)
    chosen = choose_branches(done.state.config, branches)
    gone = give_up_gone_topics(project, done.state, chosen, dry_run=dry_run)
    return replace(done.report, warnings=(*gone, *done.report.warnings)) if gone else done.report


def scanned_state(project: Project) -> QueueState:
    """Return the queue as a scan would leave it; nothing is written."""
    repository, state = project.repository, project.store.snapshot().state
    history = read_history(repository, state, today(project))
    return _reconciled(repository, history, state, {branch.name for branch in choose_branches(state.config, ())}).state


def _reconcile(project: Project, branches: Sequence[str], *, dry_run: bool) -> _Done:
    """Return the report, and the queue as it is now."""
    repository, day = project.repository, today(project)
    for _ in range(_ATTEMPTS):
        snapshot = project.store.snapshot()
        chosen = {branch.name for branch in choose_branches(snapshot.state.config, branches)}
        found = HistoryOfQueue(repository, snapshot.state)
        if branches:
            refuse_gone(found.config, found.refs, chosen)
            found.refuse_unreadable(chosen)
        history = with_candidates(found, day)
        last = None if branches else last_scan(history)
        remembered = None if last is None else last.find_report(history, snapshot.commit, snapshot.state)
        if last is not None and remembered is not None:
            done = _Done(snapshot.state, remembered, snapshot.state.branches.keys() - last.files.keys())
        else:
            done = _reconciled(repository, history, snapshot.state, chosen, last)
            done = replace(done, report=_with_misspelt(project, done.report))
        commit: Oid | None = snapshot.commit
        if done.state != snapshot.state and not dry_run:
            try:
                done, commit = _write(project, history, chosen, snapshot, done, last)
            except _ConfigChangedError:
                continue
        # What could not be found out may be found out next time, with nothing else changed.
        if not dry_run and not branches and commit is not None and not history.facts.warnings:
            remember(history, commit, done.report, done.state, done.unsure)
        return replace(done, state=snapshot.state) if dry_run else done
    raise QueueBusyError("the configuration of the queue kept changing under the scan", hints=("backportq scan",))


def read_history(repository: Repository, state: QueueState, day: date) -> GatheredHistory:
    """Return the facts, tags and nominations for the configuration of `state` on `day`."""
    history = HistoryOfQueue(repository, state)
    history.tell_left_out()
    return with_candidates(history, day)


def today(project: Project) -> date:
    """Return the day that support levels are judged by; UTC's, so that it is the same for everyone."""
    return project.clock().astimezone(UTC).date()


class _ConfigChangedError(Exception):
    """Another writer changed the configuration or a link, so the facts are those of another question."""


@dataclass(frozen=True, slots=True)
class _Done:
    """The queue after a scan, the report, and the branches of which more may be found with nothing else changed."""

    state: QueueState
    report: ScanReport
    unsure: Collection[BranchName] = ()


def _write(
    project: Project,
    history: GatheredHistory,
    chosen: set[BranchName],
    seen: Snapshot,
    planned: _Done,
    last: LastScan | None,
) -> tuple[_Done, Oid | None]:
    """Write `planned`, made of what was `seen` of the queue, or what it becomes on top of what another writer committed
    first."""
    done = planned

    def decide(state: QueueState) -> QueueState:
        nonlocal done
        if state.config != history.config or links_of(state) != links_of(seen.state):
            raise _ConfigChangedError
        done = planned if state == seen.state else _reconciled(project.repository, history, state, chosen, last)
        return done.state

    change = project.store.change(
        decide,
        command="scan",
        summary=summary_of(planned.report),
        actor=project.actor(),
        at=project.clock(),
        seen=seen,
    )
    return done, change.commit if change.commit is not None else project.store.tip()


def summary_of(report: ScanReport) -> str:
    """Return what a scan did in a few words, for the log of the queue."""
    counts = {
        "added": sum(len(branch.added) for branch in report.branches),
        "closed": sum(len(branch.closed) for branch in report.branches),
        "withdrawn": sum(len(branch.withdrawn) for branch in report.branches),
        "reopened": sum(len(branch.reopened) for branch in report.branches),
    }
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nominations brought up to date"


def _reconciled(
    repository: Repository,
    history: GatheredHistory,
    state: QueueState,
    chosen: set[BranchName],
    last: LastScan | None = None,
) -> _Done:
    """Return the queue in line with the history; what the last scan found of a branch is taken where it holds."""
    results: dict[BranchName, BranchChanges] = {}
    unreadable: dict[BranchName, QueueFileError] = {}
    entries: list[BranchFacts] = []
    for entry in history.branches:
        queue = state.queue_of(entry.branch.name)
        found = last.find_branch(history, entry, queue) if last is not None else None
        problem = None if found is not None else problem_of(queue)
        if found is not None:
            results[entry.branch.name] = found
        elif problem is not None:
            unreadable[entry.branch.name] = problem
        elif entry.branch.name in chosen:
            entries.append(entry)
    queues = {entry.branch.name: state.queue_of(entry.branch.name) for entry in entries}
    queued = [item.commit for queue in queues.values() for item in queue.open]
    history.facts.prepare(queued)
    history.nominated.preparer(queued)
    doubtful = set().union(
        *(doubtful_ids(queues[entry.branch.name], history.facts, entry, history.nominated) for entry in entries)
    )
    suspects = {entry.branch.name: not_upstream(queues[entry.branch.name], history.facts, entry) for entry in entries}
    moving = list(chain.from_iterable(suspects.values()))
    missing = _missing(repository, doubtful | {item.commit for item in moving})
    moved: list[ScanWarning] = []
    if moving:
        rewritten = find_rewritten(moving, history.facts, missing)
        for name, queue in queues.items():
            queues[name], told = follow(queue, rewritten)
            moved += told
    aside = {gone.branch.name for gone in history.gone}
    for entry in entries:
        queue = queues[entry.branch.name]
        results[queue.branch] = reconcile(queue, history.facts, entry, history.nominated, missing=missing, aside=aside)
    in_order = [results[entry.branch.name] for entry in history.branches if entry.branch.name in results]
    changed = {name: result.queue for name, result in results.items() if result.queue != state.queue_of(name)}
    after = replace(state, branches=MappingProxyType({**state.branches, **changed})) if changed else state
    links = links_of(after) if changed else history.source.links
    report = _report(repository, history, after, in_order, chosen, unreadable, links)
    unsure = queues.keys() if missing else {name for name, items in suspects.items() if items}
    return _Done(after, replace(report, warnings=(*moved, *report.warnings)) if moved else report, unsure)


def _missing(repository: Repository, oids: set[Oid]) -> frozenset[Oid]:
    if not oids:
        return frozenset()
    found = resolve_abbreviations(repository, oids)
    return frozenset(oid for oid in oids if not found.get(oid))


def _report(
    repository: Repository,
    history: GatheredHistory,
    state: QueueState,
    results: Sequence[BranchChanges],
    chosen: set[BranchName],
    unreadable: Mapping[BranchName, QueueFileError],
    links: Links,
) -> ScanReport:
    branches = tuple(entry for entry in history.branches if entry.branch.name not in unreadable)
    declined = {
        entry.branch.name: {
            item.commit: item.reason or ""
            for item in state.queue_of(entry.branch.name).closed
            if item.state is State.DECLINED
        }
        for entry in branches
    }
    relations = BranchRelations([entry.branch for entry in branches])
    lost = find_lost(repository, history, branches, state)
    unknown = [ScanWarning(WarningKind.NOT_COMPARED, None, None, text) for text in history.facts.warnings]
    of_items = [warning for result in results for warning in result.warnings]
    of_items += [warning for entry in branches for warning in _of_picks(history.facts, entry, declined)]
    left_out = [ScanWarning(WarningKind.GONE, None, each.branch.name, each.text) for each in history.gone]
    left_out += [ScanWarning(WarningKind.UNREADABLE, None, name, each.message) for name, each in unreadable.items()]
    lost += find_not_merged_up(history, branches)
    warnings = [*unknown, *_bad_links(history, links), *history.nominated.warnings, *of_items, *lost]
    return ScanReport(
        tuple(
            replace(result.report, offered=_offers(result.queue, declined, relations.newer(result.queue.branch)))
            for result in results
        ),
        (*left_out, *(warning for warning in warnings if warning.branch is None or warning.branch in chosen)),
    )


def _with_misspelt(project: Project, report: ScanReport) -> ScanReport:
    said = misspelt_in(project.store.files())
    found = tuple(ScanWarning(WarningKind.MISSPELT, None, None, words) for words in said)
    return replace(report, warnings=(*found, *report.warnings)) if found else report


def _of_picks(
    facts: Facts, entry: BranchFacts, declined: Mapping[BranchName, Mapping[Oid, str]]
) -> Iterator[ScanWarning]:
    """Yield what is probably a pick, and what names an original that is not here."""
    name = entry.branch.name
    facts.load((*entry.proposed, *entry.proposed.values()))
    for pick, original in entry.proposed.items():
        if original not in declined.get(name, {}):
            author = facts.commits[original].author.name
            text = f"probably a pick of {short(original)}: the same title, by {author or 'nobody named'} upstream"
            yield ScanWarning(WarningKind.PROPOSED, pick, name, text)
    for pick, why in entry.dangling.items():
        if pick not in entry.proposed:
            yield ScanWarning(WarningKind.DANGLING, pick, name, why)


def _bad_links(history: GatheredHistory, links: Links) -> Iterator[ScanWarning]:
    """Yield the links to commits that the branch doesn't have of its own; they prove nothing."""
    for entry in history.branches:
        name = entry.branch.name
        own = frozenset(entry.own)
        for pick, original in links.get(name, {}).items():
            if pick not in own:
                text = f"'{short(pick)}' is none of the commits that {name} has and upstream lacks; link the right one"
                yield ScanWarning(WarningKind.LINK, original, name, text)


def _offers(
    queue: BranchQueue, declined: Mapping[BranchName, Mapping[Oid, str]], newer: Sequence[BranchName]
) -> tuple[Offer, ...]:
    """Return the open items whose commit was declined on one of the `newer` branches, the nearest of them named."""
    if not any(declined.get(name) for name in newer):
        return ()  # most often; then the items need not be read
    found = []
    for item in queue.open:
        refused = next((name for name in newer if item.commit in declined.get(name, ())), None)
        if refused is not None:
            found.append(Offer(item.commit, refused, declined[refused][item.commit]))
    return tuple(found)
