"""The whole queue at a moment: every open change on every branch, with verdicts, people and counts.

`report` is made of it. It is put together from what `pending`, `show` and `status` give, so that no two of them can
disagree. This module must not lay anything out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from backportq.git.read.lookup import read_commits
from backportq.git.refs import read_refs
from backportq.model.commit import Commit
from backportq.model.ids import BranchName, Oid, RefName
from backportq.model.items.item import Item
from backportq.model.items.queue import QueueState
from backportq.model.likelihood.outlook import Likelihood
from backportq.model.priority import Priority
from backportq.model.trials.verdict import Prospect
from backportq.services.history.facts import BranchFacts
from backportq.services.items.grouping import Order, in_order, judge
from backportq.services.items.open_items import EffectiveState, open_items
from backportq.services.items.show import BranchState, OnBranch, state_on_branch
from backportq.services.items.status import Status, status_of
from backportq.services.items.tried_items import TriedItem, try_items
from backportq.services.project import Project
from backportq.services.scan.scan import read_history
from backportq.services.scan.stored_candidates import GatheredHistory
from backportq.services.suggest.likelihood import read_outlook

CLOSED_DAYS = 90
"""For how long a change whose items are all closed is still in the overview."""


class Answer(StrEnum):
    """What is to be said of a change on a branch, in one word: whether it applies, or where it stands."""

    APPLIES = Prospect.APPLIES.value
    AFTER = Prospect.AFTER.value
    OTHER_PICK = Prospect.OTHER_PICK.value
    CONFLICTS = Prospect.CONFLICTS.value
    EMPTY = Prospect.EMPTY.value
    UNTRIED = Prospect.UNTRIED.value
    DEFERRED = "deferred"
    WAITING = "waiting"
    LANDED = "landed"
    STAGED = "staged"
    DECLINED = "declined"
    NOT_AFFECTED = "not affected"
    CANDIDATE = "candidate"
    NOT_ASKED = "not asked for"


@dataclass(frozen=True, slots=True)
class ChangeOnBranch:
    """One change on one branch. `tried` and `likelihood` are there where its item is open."""

    place: OnBranch
    answer: Answer
    tried: TriedItem | None = None
    likelihood: Likelihood | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is an open item of the queue."""
        return self.tried is not None

    @property
    def words(self) -> str:
        """The answer with the number of items that come first, if it waits for any."""
        return self.tried.words if self.tried is not None and self.answer is Answer.AFTER else str(self.answer)


@dataclass(frozen=True)
class ReportedChange:
    """One upstream commit with its answer on every branch, in the order of the branches."""

    commit: Commit
    branches: Mapping[BranchName, ChangeOnBranch]

    @cached_property
    def open(self) -> Mapping[BranchName, ChangeOnBranch]:
        """Where it is an open item."""
        return {name: each for name, each in self.branches.items() if each.is_open}

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Its items, open and closed."""
        return tuple(each.place.item for each in self.branches.values() if each.place.item is not None)

    @cached_property
    def priority(self) -> Priority:
        """The most urgent one of its open items; of all, if none is open."""
        items = [each.place.item for each in self.open.values() if each.place.item is not None] or self.items
        return min((item.priority for item in items), key=lambda each: each.rank, default=Priority.NORMAL)

    @cached_property
    def likely(self) -> float:
        """The highest chance that one of its open items is taken."""
        return max((each.likelihood.likely for each in self.branches.values() if each.likelihood), default=0.0)

    @cached_property
    def passed_over(self) -> int:
        """How many later commits the branch took that took fewest."""
        return min((each.likelihood.passed_over for each in self.branches.values() if each.likelihood), default=0)

    @cached_property
    def is_folded(self) -> bool:
        """Whether lists show it only when asked for all."""
        judged = [each.likelihood for each in self.branches.values() if each.likelihood is not None]
        return not self.open or all(each.is_folded for each in judged)

    @cached_property
    def assignees(self) -> tuple[str, ...]:
        """The keys of those who have one of its open items."""
        keys = (each.place.item.assignee for each in self.open.values() if each.place.item is not None)
        return tuple(dict.fromkeys(key for key in keys if key is not None))

    @cached_property
    def blockers(self) -> Mapping[BranchName, tuple[Item, ...]]:
        """What its items wait for, by branch."""
        return {name: each.tried.blockers for name, each in self.open.items() if each.tried and each.tried.blockers}


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it. `branches` are those that still take fixes, in the order of the configuration; `changes` stand in the
    order of `pending`: for security, then the likeliest; what was passed over so often that it is folded, and what is
    closed, comes last. `tips` are where picks go; `queue` is the commit of the queue that it was read from,
    `refs` are all refs of the repository, `hidden` counts items that the next scan closes."""

    queue: Oid
    at: datetime
    state: QueueState
    status: Status
    branches: tuple[BranchName, ...]
    tips: Mapping[BranchName, Oid]
    changes: tuple[ReportedChange, ...]
    history: GatheredHistory
    hidden: int
    refs: Mapping[RefName, Oid]

    @property
    def today(self) -> date:
        """The day of the report; UTC's, so that it is the same for everyone."""
        return self.at.astimezone(UTC).date()


def read_overview(project: Project, branches: Sequence[str] = ()) -> Overview:
    """Return the overview of `branches`, of all that still take fixes if none is named.

    Raise `ConfigError` for an unknown branch or where there is no queue, `RefError` for a configured branch that is
    gone.
    """
    snapshot = project.store.snapshot()
    state = snapshot.state
    now = project.clock()
    found = open_items(project, branches=branches, state=state)
    names = tuple(branch.name for branch in found.branches)
    outlook = read_outlook(project, state)
    tried = {
        (each.entry.branch, each.entry.item.commit): each
        for each in try_items(project.repository, found.items, found.elsewhere)
    }
    judged = judge(found.items, outlook, now)
    likelihoods = {item.key: item.likelihood for item in judged}
    order = {change.commit: at for at, change in enumerate(in_order(judged, Order.LIKELY))}
    history = read_history(project.repository, state, now.astimezone(UTC).date())
    wanted = dict.fromkeys((*(entry.item.commit for entry in found.items), *_closed_lately(state, names, now)))
    commits = read_commits(project.repository, wanted)
    shown: dict[Oid, dict[BranchName, ChangeOnBranch]] = {oid: {} for oid in commits}  # what is not here scan reports
    _read_at_once(history, commits)
    for name in names:
        entry = history.facts.find_branch(name)
        queue = state.queue_of(name)
        items = {item.commit: item for item in (*queue.closed, *queue.open)}
        for oid, commit in commits.items():
            open_item = tried.get((name, oid))
            if open_item is not None:
                likelihood = likelihoods[name, oid]
                place = _open_place(open_item, entry, oid)
                shown[oid][name] = ChangeOnBranch(place, _answer(open_item), open_item, likelihood)
            elif entry is not None:
                place = state_on_branch(history, entry, commit, items.get(oid), now)
                shown[oid][name] = ChangeOnBranch(place, _PLACES[place.place])
    changes = [ReportedChange(commit, shown[oid]) for oid, commit in commits.items()]
    tips = {entry.branch.name: entry.onto for entry in history.facts.branches if entry.branch.name in names}
    return Overview(
        snapshot.commit,
        now,
        state,
        status_of(found, now),
        names,
        tips,
        tuple(sorted(changes, key=lambda change: _by_urgency(change, order))),
        history,
        found.hidden,
        read_refs(project.repository).oids,
    )


def _closed_lately(state: QueueState, names: Iterable[BranchName], now: datetime) -> list[Oid]:
    since = now - timedelta(days=CLOSED_DAYS)
    return [
        item.commit
        for name in names
        for item in state.queue_of(name).closed
        if (item.at is not None and item.at >= since)
    ]


def _read_at_once(history: GatheredHistory, commits: Iterable[Oid]) -> None:
    """Read what will be asked for one by one, which takes a question of the index or of git each."""
    targets = history.nominated.targets
    history.facts.load({*commits, *(target for oid in commits for target in targets.get(oid, ()))})
    for entry in history.facts.branches:
        entry.by_upstream.values()


def _open_place(tried: TriedItem, entry: BranchFacts | None, oid: Oid) -> OnBranch:
    item, standing = tried.entry.item, tried.entry.standing
    state = BranchState.DEFERRED if standing is EffectiveState.DEFERRED else BranchState.PENDING
    picks = tuple(entry.by_upstream.get(oid, ())) if entry is not None else ()
    version = entry.branch.version if entry is not None else ""
    return OnBranch(
        tried.entry.branch,
        version,
        tried.entry.onto,
        state,
        picks=picks,
        item=item,
        standing=standing,
        nominations=item.nominations,
    )


def _answer(tried: TriedItem) -> Answer:
    if tried.entry.standing is EffectiveState.DEFERRED:
        return Answer.DEFERRED
    if tried.entry.standing is EffectiveState.WAITING:
        return Answer.WAITING
    return Answer(tried.prospect)


_PLACES = {
    BranchState.LANDED: Answer.LANDED,
    BranchState.STAGED: Answer.STAGED,
    BranchState.DECLINED: Answer.DECLINED,
    BranchState.DEFERRED: Answer.DEFERRED,
    BranchState.NOT_AFFECTED: Answer.NOT_AFFECTED,
    BranchState.NOT_NOMINATED: Answer.NOT_ASKED,
    BranchState.PENDING: Answer.CANDIDATE,  # a candidate that the next scan queues
}


def _by_urgency(change: ReportedChange, order: Mapping[Oid, int]) -> tuple[object, ...]:
    return (
        not change.open,
        change.is_folded,
        all(on.answer in (Answer.DEFERRED, Answer.WAITING) for on in change.open.values()),
        order.get(change.commit.oid, -change.commit.seconds),
    )
