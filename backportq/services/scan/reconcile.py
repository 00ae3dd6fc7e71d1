"""One branch's queue brought in line with the facts: what is new, landed, reverted, withdrawn or open again.

A pure function, applied again to the newer state when another writer came first, and the reason why a scan is
idempotent: everything it writes depends on the facts and on what people decided, and on nothing else. This module must
not find candidates: `backportq.services.scan.nominate` does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from backportq.model.history.landed import LandedPick
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.decisions import is_decided_upon, reopen
from backportq.model.items.item import Item, State
from backportq.model.items.nomination import Nomination
from backportq.model.items.queue import BranchQueue
from backportq.model.priority import Priority
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.scan.nominate import Candidate, Candidates, priority_of
from backportq.services.scan.report import BranchReport, Closing, ScanWarning, WarningKind
from backportq.services.scan.urgent_follow_ups import FOLLOWING

OF_ITEMS = (WarningKind.UNKNOWN, WarningKind.KEPT, WarningKind.REVERTED_ON_BRANCH)
"""The kinds of warnings about items."""


@dataclass(frozen=True, slots=True)
class BranchChanges:
    """The branch's queue as it should be, and what was done to it."""

    queue: BranchQueue
    report: BranchReport
    warnings: tuple[ScanWarning, ...]


def reconcile(
    queue: BranchQueue,
    facts: Facts,
    entry: BranchFacts,
    nominated: Candidates,
    *,
    missing: Collection[Oid] = (),
    aside: Collection[BranchName] = (),
) -> BranchChanges:
    """Return `queue` reconciled with the facts.

    `missing` are those of `doubtful_ids` that this clone doesn't have, `aside` the branches that it doesn't have: what
    they say can't be judged here, and stays.
    """
    work = _Reconciliation(queue, facts, entry, nominated, frozenset(missing), frozenset(aside))
    for item in queue.open:
        work.judge_open(item)
    for item in queue.closed:
        work.judge_closed(item)
    work.add_new()
    return work.finish()


def doubtful_ids(queue: BranchQueue, facts: Facts, entry: BranchFacts, nominated: Candidates) -> frozenset[Oid]:
    """Return the ids that `queue` relies on and the facts don't confirm.

    Either they are true no more, or this clone is behind another one; the caller finds out which of them exist here.
    """
    candidates = nominated.branches[entry.branch.name]
    found: set[Oid] = set()
    for item in queue.open:
        candidate = candidates.get(item.commit)
        current = candidate.nominations if candidate is not None else ()
        if candidate is None and item.commit not in facts.order and not entry.contains(item.commit):
            found.add(item.commit)
        for reason in item.nominations:
            if not reason.is_decided and reason not in current:
                found.update(oid for oid in (reason.commit, reason.target) if oid is not None)
    for item in queue.closed:
        if item.state is State.LANDED and not entry.contains(item.commit):
            found.add(item.pick if item.pick is not None else item.commit)
    return frozenset(found)


@dataclass(slots=True)
class _Reconciliation:
    """The state of one run; lists grow as items are judged."""

    before: BranchQueue
    facts: Facts
    entry: BranchFacts
    nominated: Candidates
    missing: frozenset[Oid]
    aside: frozenset[BranchName]
    open: list[Item] = field(default_factory=list)
    closed: list[Item] = field(default_factory=list)
    added: list[Oid] = field(default_factory=list)
    landed: list[Closing] = field(default_factory=list)
    withdrawn: list[Oid] = field(default_factory=list)
    reopened: list[Oid] = field(default_factory=list)
    warnings: list[ScanWarning] = field(default_factory=list)

    @property
    def candidates(self) -> Mapping[Oid, Candidate]:
        return self.nominated.branches[self.entry.branch.name]

    def judge_open(self, item: Item) -> None:
        if self.entry.contains(item.commit):
            self._close(self._landed(item))
        elif item.commit in self.facts.reverted_by:
            self._close(replace(item, state=State.REVERTED))
        elif item.commit in self.missing:
            self._warn(WarningKind.UNKNOWN, item.commit, "the commit is unknown in this clone, which may be behind")
            self.open.append(item)
        else:
            self._refresh(item)

    def judge_closed(self, item: Item) -> None:
        if item.state is State.DECLINED:
            self.closed.append(item)
        elif item.state is State.PASSED_OVER and not self.entry.contains(item.commit):
            if any(reason.is_decided for reason in item.nominations):
                self.reopened.append(item.commit)
                self._refresh(reopen(item))
            else:
                self.closed.append(item)
        elif self.entry.contains(item.commit):
            self.closed.append(self._landed(item) if item.commit not in self.facts.reverted_by else item)
        elif item.commit in self.facts.reverted_by:
            self.closed.append(replace(item, state=State.REVERTED))
        elif item.state is State.LANDED and (item.pick or item.commit) in self.missing:
            self._warn(WarningKind.UNKNOWN, item.commit, "its pick is unknown in this clone, which may be behind")
            self.closed.append(item)
        elif item.commit in self.candidates or any(reason.is_decided for reason in item.nominations):
            self.reopened.append(item.commit)
            self._refresh(replace(item, state=State.PENDING, pick=None, staged=False))
        else:
            self.closed.append(replace(item, state=State.REVERTED))

    def add_new(self) -> None:
        known = {item.commit for item in (*self.before.open, *self.before.closed)}
        new = {oid: candidate for oid, candidate in self.candidates.items() if oid not in known}
        self.facts.load(new)
        for oid, candidate in new.items():
            commit = self.facts.commits[oid]
            self.added.append(oid)
            self.open.append(
                Item(
                    commit=oid,
                    subject=commit.title,
                    author=commit.author,
                    committed=commit.committed,
                    priority=candidate.priority,
                    needs=candidate.needs,
                    nominations=candidate.nominations,
                )
            )

    def finish(self) -> BranchChanges:
        queue = replace(self.before, open=self._in_order(self.open), closed=self._in_order(self.closed))
        taken_back = {pick.upstream: pick for pick in self.entry.picks if pick.reverted_by is not None}
        for item in queue.open:
            pick = taken_back.get(item.commit)
            if pick is not None and pick.reverted_by is not None:
                self._warn(
                    WarningKind.REVERTED_ON_BRANCH,
                    item.commit,
                    f"it was picked before as {short(pick.commit)} and reverted there by {short(pick.reverted_by)}",
                )
        report = BranchReport(
            branch=self.entry.branch.name,
            tip=self.entry.tip,
            base=self.entry.base,
            candidates=len(self.candidates.keys() | {item.commit for item in queue.open}),
            pending=len(queue.open),
            landed=self.entry.landed_count,
            added=tuple(self.added),
            closed=tuple(self.landed),
            withdrawn=tuple(self.withdrawn),
            reopened=tuple(self.reopened),
        )
        return BranchChanges(queue, report, tuple(self.warnings))

    def _refresh(self, item: Item) -> None:
        candidate = self.candidates.get(item.commit)
        facts = candidate.nominations if candidate is not None else ()
        kept = tuple(reason for reason in item.nominations if reason.is_decided or self._is_unjudged(reason, facts))
        nominations = (*facts, *kept)
        named_by_tags = self.nominated.needs.get(item.commit, ())
        if not nominations and not is_decided_upon(item, named_by_tags):
            self.withdrawn.append(item.commit)
            return
        if not nominations:
            self._warn(WarningKind.KEPT, item.commit, "nothing nominates it any more; kept for what people decided")
        needs = dict.fromkeys((*(candidate.needs if candidate is not None else ()), *item.needs))
        priority = item.priority if item.priority_by is not None else self._priority(item, candidate, kept)
        self.open.append(replace(item, nominations=nominations, needs=tuple(needs), priority=priority))

    def _priority(self, item: Item, candidate: Candidate | None, kept: Collection[Nomination]) -> Priority:
        """Return the priority as the history and the rules have it; what this clone can't judge keeps what it had."""
        derived = (
            candidate.priority
            if candidate is not None
            else priority_of(self.entry, self.nominated.rules.get(item.commit, ()))
        )
        is_unjudged = any(reason.via in FOLLOWING for reason in kept)
        return min(derived, item.priority, key=lambda priority: priority.rank) if is_unjudged else derived

    def _is_unjudged(self, reason: Nomination, facts: Collection[Nomination]) -> bool:
        is_unknown = reason.commit in self.missing or reason.target in self.missing or reason.branch in self.aside
        return reason not in facts and is_unknown

    def _landed(self, item: Item) -> Item:
        pick: LandedPick | None = self.entry.landed(item.commit)
        if pick is None:
            return replace(item, state=State.LANDED, pick=None, staged=False)
        return replace(item, state=State.LANDED, pick=pick.commit, staged=pick.staged)

    def _close(self, item: Item) -> None:
        self.closed.append(item)
        self.landed.append(Closing(item.commit, item.state, item.pick, item.staged))

    def _in_order(self, items: list[Item]) -> tuple[Item, ...]:
        # What upstream's range doesn't hold (older than the oldest branch, or on no upstream branch at all) has only
        # its date to be ordered by; the same for everyone, like the id that decides between equal dates.
        def key(item: Item) -> tuple[int, datetime, Oid]:
            return (self.facts.order.get(item.commit, -1), item.committed, item.commit)

        return tuple(sorted(map(self._with_its_own_words, items), key=key))

    def _with_its_own_words(self, item: Item) -> Item:
        """Return the item with title and author as the commit has them.

        An earlier version stored them as one user's `i18n.logOutputEncoding` showed them; plain ASCII was not hurt.
        """
        if f"{item.subject}{item.author}".isascii() and "\x1b" not in item.subject:
            return item
        commit = self.facts.commits.get(item.commit)
        return item if commit is None else replace(item, subject=commit.title, author=commit.author)

    def _warn(self, kind: WarningKind, commit: Oid, text: str) -> None:
        self.warnings.append(ScanWarning(kind, commit, self.entry.branch.name, text))
