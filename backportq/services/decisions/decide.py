"""Deciding: a plan made on one reading of the queue, and its writing by compare-and-swap on that reading.

What every decision has in common is here (applying transitions, keeping upstream order, saying what happened), so that
a verb is a few lines. The rules of each decision are in `backportq.model.items.decisions`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from backportq.errors import BackportqError, DecisionError
from backportq.git.refs import Refs, read_refs, resolve_configured
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.item import Item
from backportq.model.items.ordering import with_item, without_item
from backportq.model.items.queue import ItemKey, QueueState
from backportq.model.items.records import Actor
from backportq.model.people.people import People
from backportq.model.words import counted, typed
from backportq.queue.store import Snapshot
from backportq.services.decisions.select import Asked, Selection, find_items, select
from backportq.services.history.stored_commits import upstream_order
from backportq.services.project import Project

Transition = Callable[[Item, BranchName], Item | None]
"""What becomes of an item; None takes it out of the queue, the same value leaves it as it is."""


_MOST_GROUPS = 3  # commands that a hint names, and commits in each: more are nothing to type
_MOST_NAMED = 12


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
class Decision:
    """What a verb does to each item that is meant.

    - `done` says in the log what was done, such as `assigned to 'ada'`.
    - `relevant`: where no branch was named and some items are relevant, the others are not meant.
    - `closed_too`: closed items are meant like open ones.
    - `people` are the people of the queue afterwards, None where they stay as they are; `notes` say why.
    """

    command: str
    done: str
    transition: Transition
    relevant: Callable[[Item], bool] = lambda _item: True
    closed_too: bool = False
    people: People | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """What a decision does to one state of the queue, item by item, in the order in which it is told. `notes` say what
    was left out or added besides, and why; `selection` is what was meant, where that was selected."""

    command: str
    done: str
    decided: tuple[ItemDecision, ...]
    commits: tuple[Oid, ...] = ()
    people: People | None = None
    notes: tuple[str, ...] = ()
    selection: Selection | None = None


Verb = Callable[[QueueState], Decision]
"""Makes the decision for a state of the queue; made again if another writer changes that."""

Plan = Callable[[QueueState], Planned]
"""A whole decision as a pure function of the queue; it raises `DecisionError` where the decision does not fit."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A decision that was made on `snapshot` and is not written yet."""

    snapshot: Snapshot
    plan: Plan
    planned: Planned


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """All that one decision did, as `planned`. `commit` is the change of the queue, None where nothing changed or
    nothing was to be written; `state` is the queue that was decided upon."""

    planned: Planned
    state: QueueState
    commit: Oid | None = None

    @property
    def decided(self) -> tuple[ItemDecision, ...]:
        """What happened to each item, by branch and commit as chosen."""
        return self.planned.decided

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out or added besides, and why."""
        return self.planned.notes


def decider(project: Project) -> Actor:
    """Return who decides, and when."""
    return Actor(project.actor(), project.clock())


def decide(project: Project, plan: Plan, *, dry_run: bool = False) -> DecisionResult:
    """Prepare the decision and write it, unless it is a `dry_run`."""
    prepared = prepare(project, plan)
    if dry_run:
        return DecisionResult(prepared.planned, prepared.snapshot.state)
    return write(project, prepared)


def prepare(project: Project, plan: Plan) -> Prepared:
    """Read the queue once and decide on what it holds; write nothing."""
    snapshot = project.store.snapshot()
    return Prepared(snapshot, plan, plan(snapshot.state))


def write(project: Project, prepared: Prepared) -> DecisionResult:
    """Write the decision in one change; decide again if another writer was first.

    Nothing is written if an item refuses, or if nothing changes.
    """
    seen, planned = prepared.snapshot, prepared.planned
    order = _UpstreamOrder(project)

    def change(state: QueueState) -> QueueState:
        nonlocal planned
        planned = prepared.planned if state is seen.state else prepared.plan(state)
        after = _applied(state, planned.decided, order)
        return after if planned.people is None else replace(after, people=planned.people)

    made = project.store.change(
        change,
        command=planned.command,
        summary=f"{_subject(planned)}: {planned.done}",
        actor=project.actor(),
        at=project.clock(),
        seen=seen,
    )
    return DecisionResult(planned, made.before, made.commit)


def item_plan(project: Project, asked: Asked, verb: Verb) -> Plan:
    """Return the plan that applies `verb` to every item that `asked` means.

    The items are selected when the plan is first made. Made again, it decides about those of them that are still there,
    and of a query's those that are still open.
    """
    selection: Selection | None = None

    def plan(state: QueueState) -> Planned:
        nonlocal selection
        decision = verb(state)
        if selection is None:
            selection = select(project, state, asked, closed_too=decision.closed_too)
        return plan_items(state, selection, decision)

    return plan


def plan_items(state: QueueState, selection: Selection, decision: Decision) -> Planned:
    """Return what `decision` does to the items of `selection`.

    A commit that was named and that the decision does not fit is an error; of what a query admits, those items are left
    out and named in a note.
    """
    items = find_items(state, selection, closed_too=decision.closed_too)
    relevant = {key: item for key, item in items.items() if selection.is_named or decision.relevant(item)}
    decided: list[ItemDecision] = []
    refusals: dict[ItemKey, DecisionError] = {}
    for key, item in (relevant or items).items():
        try:
            decided.append(ItemDecision(*key, item, decision.transition(item, key[0])))
        except DecisionError as refusal:
            refusals[key] = refusal
    notes = list(decision.notes)
    if refusals:
        first = next(iter(refusals.values()))
        if selection.matching is None or not decided:
            raise _with_other_branches(_on_its_branches(refusals), decision.command, decided)
        why = first.message if len(refusals) == 1 else f"the first because {first.message}"
        notes.append(f"{counted(len(refusals), 'item')} left out: {why}")
    gone = len(selection.matching) - len(items) if selection.matching is not None else 0
    if gone:
        notes.append(f"{counted(gone, 'item')} left out: closed meanwhile by somebody else")
    return Planned(
        decision.command,
        decision.done,
        tuple(decided),
        selection.commits,
        decision.people,
        tuple(notes),
        selection,
    )


class _UpstreamOrder:
    """The order that moved items need; the refs are read once, and only if something moves."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._refs: Refs | None = None

    def of(self, state: QueueState, commits: Collection[Oid]) -> Mapping[Oid, int]:
        """Return the place upstream of each of `commits` that upstream has; nothing where upstream is not here."""
        if len(commits) < 2:
            return MappingProxyType({})
        if self._refs is None:
            self._refs = read_refs(self._project.repository)
        try:
            tip = resolve_configured(self._refs, state.config, state.config.upstream)
        except BackportqError:
            # A clone that holds only the queue can still decide; dates then give the order until the next scan.
            return MappingProxyType({})
        return upstream_order(self._project.repository, tip.oid, commits)


def _applied(state: QueueState, decided: Sequence[ItemDecision], order: _UpstreamOrder) -> QueueState:
    changed = [each for each in decided if each.is_change]
    if not changed:
        return state
    places = order.of(state, _moving(state, changed))
    queues = dict(state.branches)
    for each in changed:
        queue = queues.get(each.branch, state.queue_of(each.branch))
        queues[each.branch] = (
            without_item(queue, each.commit) if each.after is None else with_item(queue, each.after, places)
        )
    return replace(state, branches=MappingProxyType(queues))


def _moving(state: QueueState, changed: Sequence[ItemDecision]) -> set[Oid]:
    """Return the commits whose order must be known: of the items that move, and of those that they come to stand by."""
    moving = [
        each
        for each in changed
        if each.after is not None and (each.before is None or each.before.state.is_open != each.after.state.is_open)
    ]
    beside = {each.commit for each in moving}
    for each in moving:
        queue = state.queue_of(each.branch)
        beside.update(item.commit for item in (queue.open if each.item.state.is_open else queue.closed))
    return beside


def _on_its_branches(refusals: Mapping[ItemKey, DecisionError]) -> DecisionError:
    """Return the first refusal; the commands of its hints, which an item gives, name the branches that it is about."""
    (_, commit), first = next(iter(refusals.items()))
    branches = [
        branch for (branch, other), each in refusals.items() if (other, each.message) == (commit, first.message)
    ]
    where = " ".join(f"-b {typed(branch)}" for branch in branches)
    command = re.compile(rf"(backportq (?!show\b)[a-z -]*\b{short(commit)})\b")
    first.hints = tuple(command.sub(rf"\1 {where}", hint) for hint in first.hints)
    return first


def _with_other_branches(refusal: DecisionError, command: str, decided: Sequence[ItemDecision]) -> DecisionError:
    """Return the refusal with hints that name what the same decision fits: the commits with their branches."""
    fitting: dict[Oid, list[BranchName]] = {}
    for each in decided:
        fitting.setdefault(each.commit, []).append(each.branch)
    groups: dict[tuple[BranchName, ...], list[Oid]] = {}
    for commit, branches in fitting.items():
        groups.setdefault(tuple(branches), []).append(commit)
    if len(groups) <= _MOST_GROUPS and all(len(commits) <= _MOST_NAMED for commits in groups.values()):
        refusal.hints += tuple(
            f"backportq {command} {' '.join(map(short, commits))} {' '.join(f'-b {typed(name)}' for name in branches)}"
            ", for the rest"
            for branches, commits in groups.items()
        )
    return refusal


def _subject(planned: Planned) -> str:
    branches = list(dict.fromkeys(each.branch for each in planned.decided))
    commits = list(dict.fromkeys(each.commit for each in planned.decided)) or list(planned.commits)
    where = f" on {branches[0]}" if len(branches) == 1 else f" on {len(branches)} branches" if branches else ""
    if len(commits) == 1:
        subject = planned.decided[0].item.subject if planned.decided else ""
        return f"{short(commits[0])}{where} ({subject})" if subject else f"{short(commits[0])}{where}"
    return f"{len(commits)} commits{where}"
