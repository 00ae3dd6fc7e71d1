"""Deciding about items: the commits and branches that were typed, one pure transition for each, one commit for all.

What every decision has in common is here (choosing, applying, keeping upstream order, telling what happened), so that a
verb is a few lines. The rules of each decision are in `backportq.model.items.decisions`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from backportq.errors import BackportqError
from backportq.git.read.history import order_of
from backportq.git.refs import read_refs, resolve_branch
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.item import Item
from backportq.model.items.ordering import with_item, without_item
from backportq.model.items.queue import QueueState
from backportq.model.items.records import Actor
from backportq.services.decisions.select import Selection, choose, find_items
from backportq.services.project import Project

Transition = Callable[[Item, BranchName], Item | None]
"""What becomes of an item; None takes it out of the queue, the same value leaves it as it is."""


@dataclass(frozen=True, slots=True)
class ItemDecision:
    """What happened to one item: `before` is None for a new one, `after` None for one that left the queue; equal ones
    say that there was nothing to do."""

    branch: BranchName
    commit: Oid
    before: Item | None
    after: Item | None

    @property
    def item(self) -> Item:
        """The item as it is now, or as it last was."""
        if self.after is not None:
            return self.after
        if self.before is not None:
            return self.before
        raise ValueError("a decision is about an item that is or was there")

    @property
    def is_change(self) -> bool:
        """Whether anything is different now."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """All that one decision did, by branch and commit as chosen; `commit` is the change of the queue, None where
    nothing changed or nothing was to be written. `notes` say what was not done, and why."""

    decided: tuple[ItemDecision, ...]
    commit: Oid | None = None
    notes: tuple[str, ...] = ()


def decider(project: Project) -> Actor:
    """Return who decides, and when."""
    return Actor(project.actor(), project.clock())


def decide(
    project: Project,
    commits: Sequence[str],
    branches: Sequence[str],
    transition: Transition,
    *,
    command: str,
    done: str,
    relevant: Callable[[Item], bool] = lambda _item: True,
    closed_too: bool = False,
    dry_run: bool = False,
) -> DecisionResult:
    """Apply `transition` to every item that is meant, in one change, and return what it did.

    Without branches named every branch counts that has the commit open (with `closed_too`: at all), and of these only
    `relevant` items where there are any. `done` says in the log what was done, such as `assigned to 'ada'`. Nothing is
    written if any of the items refuses.
    """
    chosen = choose(project.repository, project.store.snapshot().state, commits, branches)

    def plan(state: QueueState) -> dict[tuple[BranchName, Oid], ItemDecision]:
        items = find_items(state, chosen, closed_too=closed_too)
        some = {key: item for key, item in items.items() if chosen.is_named or relevant(item)}
        return {key: ItemDecision(*key, item, transition(item, key[0])) for key, item in (some or items).items()}

    return write_plan(project, chosen, plan, command=command, done=done, dry_run=dry_run)


def write_plan(
    project: Project,
    chosen: Selection,
    plan: Callable[[QueueState], Mapping[tuple[BranchName, Oid], ItemDecision]],
    *,
    command: str,
    done: str,
    dry_run: bool = False,
    also: Callable[[QueueState], QueueState] = lambda state: state,
) -> DecisionResult:
    """Write what `plan` makes of the queue, again if another writer was first; `also` changes what is no item."""
    last: tuple[ItemDecision, ...] = ()

    def change(state: QueueState) -> QueueState:
        nonlocal last
        last = tuple(plan(state).values())
        return also(_applied(project, state, last))

    if dry_run:
        change(project.store.snapshot().state)
        return DecisionResult(last)
    first = project.store.snapshot().state
    subject = _subject(tuple(plan(first).values()), chosen)
    made = project.store.change(
        change, command=command, summary=f"{subject}: {done}", actor=project.actor(), at=project.clock()
    )
    return DecisionResult(last, made.commit)


def upstream_order(project: Project, state: QueueState, commits: Collection[Oid]) -> Mapping[Oid, int]:
    """Return the place upstream of each of `commits` that upstream has; nothing where upstream is not in this clone."""
    try:
        tip = resolve_branch(read_refs(project.repository), state.config.upstream, state.config.remote)
    except BackportqError:
        # A clone that holds only the queue can still decide; dates then give the order until the next scan.
        return MappingProxyType({})
    return order_of(project.repository, tip.oid, commits)


def _applied(project: Project, state: QueueState, decided: Sequence[ItemDecision]) -> QueueState:
    changed = [one for one in decided if one.is_change]
    if not changed:
        return state
    order = _order_for(project, state, changed)
    queues = dict(state.branches)
    for one in changed:
        queue = queues.get(one.branch, state.queue_of(one.branch))
        queues[one.branch] = (
            without_item(queue, one.commit) if one.after is None else with_item(queue, one.after, order)
        )
    return replace(state, branches=MappingProxyType(queues))


def _order_for(project: Project, state: QueueState, changed: Sequence[ItemDecision]) -> Mapping[Oid, int]:
    """Return the order that the moves of `changed` need; reading it costs a walk, so only if something moves."""
    moving = [
        one
        for one in changed
        if one.after is not None and (one.before is None or one.before.state.is_open != one.after.state.is_open)
    ]
    beside = {one.commit for one in moving}
    for one in moving:
        queue = state.queue_of(one.branch)
        beside.update(item.commit for item in (queue.open if one.item.state.is_open else queue.closed))
    return upstream_order(project, state, beside) if len(beside) > 1 else MappingProxyType({})


def _subject(decided: Sequence[ItemDecision], chosen: Selection) -> str:
    branches = list(dict.fromkeys(one.branch for one in decided))
    commits = list(dict.fromkeys(one.commit for one in decided)) or list(chosen.commits)
    where = f" on {branches[0]}" if len(branches) == 1 else f" on {len(branches)} branches" if branches else ""
    if len(commits) == 1:
        subject = decided[0].item.subject if decided else ""
        return f"{short(commits[0])}{where} ({subject})" if subject else f"{short(commits[0])}{where}"
    return f"{len(commits)} commits{where}"
