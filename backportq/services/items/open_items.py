"""`pending`: the open items, whether they are due, and whether they apply.

It answers "what do I do next", many times a day, so it reads the queue, the tips and remembered verdicts, and the
history only where something moved. This module must not decide who is a candidate: the last scan did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from backportq.git.refs import Refs, resolve_configured
from backportq.model.config import Config, StableBranch, Support
from backportq.model.history.landed import PicksElsewhere
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item, State
from backportq.model.items.nomination import Nomination
from backportq.model.items.queue import QueueState
from backportq.model.items.work import is_picked
from backportq.model.picks.topic import TopicState, WorkStage, stage_of
from backportq.model.priority import Priority
from backportq.services.branches import choose_branches, refuse_gone, set_gone_aside
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.scan.last_scan_results import tips_at_last_scan
from backportq.services.scan.topics import TopicBranches, topic_branches
from backportq.services.trials.mainlines import default_mainlines


class EffectiveState(StrEnum):
    """How an open item stands today: its state, but a deferral that ended is pending, and what asks to wait waits."""

    PENDING = "pending"
    IN_PROGRESS = "in-progress"
    DEFERRED = "deferred"
    WAITING = "waiting"


LATER = frozenset({EffectiveState.DEFERRED, EffectiveState.WAITING})
"""What is not to be done now."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open item of one branch as it stands today.

    `due` is when a deferral or a wait ends, None where that isn't known or nothing is waited for; `wait` what is waited
    for in words. `onto` is where a pick of it would go, `mainline` the parent that a merge is picked against. `lacking`
    are the recorded needs that neither the branch nor its queue has. `topic` is what has become of its topic branch;
    `is_rewound` tells that this stands on commits that the branch no longer has; `redo` are then all picks on it.
    """

    item: Item
    branch: BranchName
    onto: Oid
    standing: EffectiveState
    due: datetime | None = None
    wait: str | None = None
    lacking: tuple[Oid, ...] = ()
    mainline: int | None = None
    topic: TopicState | None = None
    is_rewound: bool = False
    redo: tuple[Oid, ...] = ()

    @property
    def stage(self) -> WorkStage | None:
        """How far the work on it is, None where nobody has it."""
        return stage_of(self.item, self.topic)


@dataclass(frozen=True, slots=True)
class OpenItems:
    """What is open on the branches that were asked for, branch by branch in upstream order.

    `moved` are the branches whose tip is not the one that the last scan here saw; `hidden` counts the items left out
    because the history closes them. `landed` counts the picks in force on each branch; `history` is what they were
    read from.
    """

    items: tuple[OpenItem, ...]
    moved: tuple[BranchName, ...]
    hidden: int
    branches: tuple[StableBranch, ...]
    landed: Mapping[BranchName, int]
    history: HistoryOfQueue

    @property
    def elsewhere(self) -> Callable[[Iterable[Oid]], PicksElsewhere]:
        """What tells which commits other branches carry."""
        return self.history.facts.picks_elsewhere

    @property
    def state(self) -> QueueState:
        """The queue that they were read from."""
        return self.history.state


@dataclass(frozen=True, slots=True)
class Filter:
    """Which open items are wanted; empty values want all. `assignees` are keys of people."""

    assignees: tuple[str, ...] = ()
    unassigned: bool = False
    standings: tuple[EffectiveState, ...] = ()
    priorities: tuple[Priority, ...] = ()

    def admits(self, entry: OpenItem) -> bool:
        """Tell whether `entry` is wanted."""
        item = entry.item
        if self.assignees and item.assignee not in self.assignees:
            return False
        if self.unassigned and item.assignee is not None:
            return False
        if self.standings and entry.standing not in self.standings:
            return False
        return not self.priorities or item.priority in self.priorities


def open_items(
    project: Project,
    *,
    branches: Sequence[str] = (),
    state: QueueState | None = None,
    history: HistoryOfQueue | None = None,
) -> OpenItems:
    """Return the open items of `branches`, all maintained ones if none is named; of `state`, or of the `history` of a
    state, if that was read already.

    A branch that is gone, or whose files cannot be read, is left out, with a word. Raise `ConfigError` for an unknown
    branch or where there is no queue, `RefError` for a named branch that is gone, `QueueFileError` for its files.
    """
    if history is None:
        history = HistoryOfQueue(project.repository, project.store.snapshot().state if state is None else state)
    state, now = history.state, project.clock()
    chosen = _chosen(state.config, history.refs, branches, now)
    history.refuse_unreadable(branch.name for branch in chosen if branches)
    history.tell_left_out()
    chosen = tuple(branch for branch in chosen if branch.name not in history.unreadable)
    facts = history.facts
    facts.prepare(item.commit for branch in chosen for item in state.queue_of(branch.name).open)
    found = []
    hidden = 0
    for branch in chosen:
        queue = state.queue_of(branch.name).open
        here = facts.branch(branch.name)
        is_done = _closed_by(facts, here)
        queued = {item.commit for item in queue}
        for item in queue:
            if is_done(item.commit):
                hidden += 1
                continue
            entry = effective_state(item, branch.name, here.onto, now)
            lacking = [oid for oid in item.needs if oid not in queued and not is_done(oid)]
            found.append(replace(entry, lacking=tuple(lacking)) if lacking else entry)
    found = _with_topics(project, history.refs, state.config, found)
    tips = [resolve_configured(history.refs, state.config, name).oid for name in state.config.upstreams]
    mainlines = default_mainlines(project.repository, tips, (entry.item.commit for entry in found))
    if mainlines:
        found = [replace(entry, mainline=mainlines.get(entry.item.commit)) for entry in found]
    return OpenItems(
        tuple(found),
        _moved(history, chosen),
        hidden,
        chosen,
        {entry.branch.name: entry.landed_count for entry in facts.branches},
        history,
    )


def _with_topics(project: Project, refs: Refs, config: Config, found: list[OpenItem]) -> list[OpenItem]:
    """Return the same with the states of their topic branches; an item whose branch is gone is to do again."""
    if not any(is_picked(entry.item) for entry in found):
        return found
    topics = topic_branches(project.repository, refs)
    tips: dict[BranchName, list[Oid]] = {}
    changed = []
    for entry in found:
        if entry.branch not in tips:
            tips[entry.branch] = [entry.onto, resolve_configured(refs, config, entry.branch).oid]
        changed.append(with_topic(topics, entry, tips[entry.branch]))
    return changed


def with_topic(topics: TopicBranches, entry: OpenItem, tips: Sequence[Oid]) -> OpenItem:
    """Return the same with the state of its topic branch; `tips` are those that picks for its branch may stand on."""
    state = topics.state(entry.item)
    if state is None:
        return entry
    is_rewound = topics.is_rewound(entry.item.topic or "", entry.branch, tips)
    standing = EffectiveState.PENDING if state is TopicState.GONE else entry.standing
    redo = topics.picks_on(entry.item.topic or "") if is_rewound else ()
    return replace(entry, standing=standing, topic=state, is_rewound=is_rewound, redo=redo)


def _closed_by(facts: Facts, entry: BranchFacts) -> Callable[[Oid], bool]:
    """Return what tells whether the next scan will close the item of a commit on this branch."""
    return lambda oid: oid in facts.reverted_by or entry.contains(oid)


def effective_state(item: Item, branch: BranchName, onto: Oid, now: datetime) -> OpenItem:
    """Return how `item` stands at `now`."""
    if item.state is State.IN_PROGRESS:
        return OpenItem(item, branch, onto, EffectiveState.IN_PROGRESS)
    if item.state is State.DEFERRED and (item.until is None or now.astimezone(UTC).date() < item.until):
        ends = None if item.until is None else datetime(item.until.year, item.until.month, item.until.day, tzinfo=UTC)
        return OpenItem(item, branch, onto, EffectiveState.DEFERRED, ends, item.reason)
    if item.nominations and all(_waits(nomination, now) for nomination in item.nominations):
        return _waiting(item, branch, onto)
    return OpenItem(item, branch, onto, EffectiveState.PENDING)


def _waiting(item: Item, branch: BranchName, onto: Oid) -> OpenItem:
    dates = [nomination.due for nomination in item.nominations if nomination.due is not None]
    words = [nomination.wait for nomination in item.nominations if nomination.wait is not None]
    return OpenItem(item, branch, onto, EffectiveState.WAITING, min(dates, default=None), words[0] if words else None)


def _waits(nomination: Nomination, now: datetime) -> bool:
    return nomination.wait is not None or (nomination.due is not None and nomination.due > now)


def _chosen(config: Config, refs: Refs, names: Sequence[str], now: datetime) -> tuple[StableBranch, ...]:
    if names:  # a branch that is asked for by name is shown even after its end of life
        chosen = choose_branches(config, names)
        refuse_gone(config, refs, (branch.name for branch in chosen))
        return chosen
    day = now.astimezone(UTC).date()
    present, _ = set_gone_aside(config, refs)
    return tuple(branch for branch in present.branches if branch.support_on(day) is not Support.END_OF_LIFE)


def _moved(history: HistoryOfQueue, chosen: Sequence[StableBranch]) -> tuple[BranchName, ...]:
    """Return upstream and those of the branches whose tip the last scan in this clone did not see."""
    seen = tips_at_last_scan(history.index)
    refs, config = history.refs, history.config
    names = list(config.upstreams)
    for branch in chosen:
        names += [branch.name] if branch.staging is None else [branch.name, branch.staging]
    return tuple(name for name in names if seen.get(name) and seen[name] != resolve_configured(refs, config, name).oid)
