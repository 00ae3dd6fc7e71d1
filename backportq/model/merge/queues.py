"""Three-way merge of queues, record by record and field by field, never by line.

Two people who decide about different items, or about different fields of one item, never conflict. Two different values
for one field of one item: the later decision wins, and the other one stays in the item's history and is reported. The
merge is pure, so that its laws (commutative, idempotent, loses nothing) can be tested; when something was decided is
answered by the caller, who knows the audit log. It must not read clocks or repositories.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from backportq.model.declared import declarations_of
from backportq.model.ids import BranchName, Oid
from backportq.model.items.aspects import Aspect, Collected
from backportq.model.items.item import ITEM_FIELDS, Item, State
from backportq.model.items.nomination import Nomination, nomination_order
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.model.items.records import Check, SupersededValue, TaskEvent, Vote, event_order, vote_order
from backportq.model.merge.collections import merge_mapping, merge_order, merge_sequence, merge_set, plain_text

_FIELDS: Mapping[Aspect, tuple[str, ...]] = {
    aspect: tuple(
        sorted(
            (declaration.field for declaration in ITEM_FIELDS if declaration.merge is aspect),
            key=lambda name: name != aspect,
        )
    )
    for aspect in Aspect
    if aspect is not Aspect.EXTRA
}
"""The fields of each aspect, the one that it is called after first."""
_ASPECT_OF = {name: aspect for aspect, names in _FIELDS.items() for name in names} | {"extra": Aspect.EXTRA}
_UNION_ORDER: Mapping[object, Callable[[Any], tuple[str, ...]]] = {
    Nomination: nomination_order,
    TaskEvent: event_order,
    Vote: vote_order,
}

_FACT_STATES = frozenset({State.LANDED, State.REVERTED})
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

DecidedAt = Callable[[BranchName, Oid, Aspect], datetime | None]
"""When one side last decided an aspect of an item; None where that is not known (it then counts as long ago). Asked
only where both sides decided differently, so that it may be costly."""


def aspect_of(field_name: str) -> Aspect | None:
    """Return the aspect that a field of `Item` belongs to; None for fields that merge without choosing."""
    return _ASPECT_OF.get(field_name)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two queues that are merged, and when its decisions were made."""

    state: QueueState
    decided_at: DecidedAt = field(default=lambda _branch, _commit, _aspect: None)


@dataclass(frozen=True, slots=True)
class OverruledField:
    """A decision that lost: reported to the person who merges."""

    branch: BranchName
    commit: Oid
    kept: SupersededValue
    lost: SupersededValue


@dataclass(frozen=True, slots=True)
class RevivedItem:
    """An item that one side dropped and that stays, because the other side decided something about it meanwhile."""

    branch: BranchName
    commit: Oid


@dataclass(frozen=True, slots=True)
class QueueMerge:
    """The merged items of every branch, what was overruled, and what stays though it was dropped. Configuration and
    people are merged as files, because they carry comments: `backportq.queue.sync.merge_documents`."""

    branches: Mapping[BranchName, BranchQueue]
    overruled: tuple[OverruledField, ...]
    revived: tuple[RevivedItem, ...] = ()


def merge_queues(base: QueueState | None, ours: Side, theirs: Side) -> QueueMerge:
    """Merge what both sides did since `base` (None: two queues that began independently)."""
    names = {*ours.state.branches, *theirs.state.branches}
    overruled: list[OverruledField] = []
    revived: list[RevivedItem] = []
    branches = {}
    for name in sorted(names):
        was = base.queue_of(name) if base is not None else BranchQueue(name)
        merging = _Branch(name, ours.decided_at, theirs.decided_at)
        branches[name] = merging.merge(was, ours.state.queue_of(name), theirs.state.queue_of(name))
        overruled += sorted(merging.overruled, key=lambda loss: (loss.commit, loss.lost.field))
        revived += [RevivedItem(name, commit) for commit in sorted(merging.revived)]
    return QueueMerge(branches, tuple(overruled), tuple(revived))


def _by_commit(queue: BranchQueue) -> dict[Oid, Item]:
    return {item.commit: item for item in (*queue.open, *queue.closed)}


def _upstream_order(queue: BranchQueue) -> list[Oid]:
    """Return the commits of open and closed items as one sequence; each file is in upstream order by itself."""
    return merge_sequence(
        [item.commit for item in queue.open],
        [item.commit for item in queue.closed],
        key=lambda commit: _place(queue, commit),
        of=_by_commit(queue),
    )


def _place(queue: BranchQueue, commit: Oid) -> tuple[datetime, Oid]:
    item = queue.find(commit)
    return (item.committed if item is not None else _LONG_AGO, commit)


@dataclass(slots=True)
class _Branch:
    """The merge of one branch; what is to be reported grows as items are merged."""

    name: BranchName
    ours: DecidedAt
    theirs: DecidedAt
    overruled: list[OverruledField] = field(default_factory=list)
    revived: list[Oid] = field(default_factory=list)

    def merge(self, base: BranchQueue, mine: BranchQueue, others: BranchQueue) -> BranchQueue:
        was, left, right = _by_commit(base), _by_commit(mine), _by_commit(others)
        items: dict[Oid, Item] = {}
        for commit in {**left, **right}:
            merged = self._presence(was.get(commit), left.get(commit), right.get(commit))
            if merged is not None:
                items[commit] = merged
        order = merge_sequence(
            _upstream_order(mine),
            _upstream_order(others),
            key=lambda commit: (items[commit].committed, commit),
            of=items,
        )
        placed = [items[commit] for commit in order]
        return BranchQueue(
            self.name,
            tuple(item for item in placed if item.state.is_open),
            tuple(item for item in placed if not item.state.is_open),
            merge_mapping(base.extra, mine.extra, others.extra),
            merge_mapping(base.closed_extra, mine.closed_extra, others.closed_extra),
        )

    def _presence(self, was: Item | None, left: Item | None, right: Item | None) -> Item | None:
        """Merge one item that may be missing on a side: dropped by one and unchanged on the other means dropped;
        dropped by one and changed by the other means kept, because a decision is never dropped in silence."""
        if left is not None and right is not None:
            return self._item(was, left, right)
        present = left if left is not None else right
        if was is not None and present == was:
            return None
        if was is not None and present is not None:
            self.revived.append(present.commit)
        return present

    def _item(self, was: Item | None, left: Item, right: Item) -> Item:
        if left == right:
            return left
        start = was if was is not None else Item(left.commit, left.subject, left.author, left.committed)
        # Facts of the commit are git's to tell and equal on both sides; should they differ, any fixed choice will do
        # until the next scan.
        known = min(left, right, key=lambda item: (item.subject, item.committed, str(item.author)))
        values: dict[str, object] = {}
        lost: list[SupersededValue] = []
        for aspect, names in _FIELDS.items():
            winner = self._choose(aspect, start, left, right, lost)
            values.update({key: getattr(winner, key) for key in names})
        for declaration in ITEM_FIELDS:
            versions = [getattr(item, declaration.field) for item in (start, left, right)]
            if declaration.merge is Collected.UNION:
                values[declaration.field] = merge_set(*versions, key=_UNION_ORDER[declaration.of])
            elif declaration.merge is Collected.ORDERED:
                values[declaration.field] = merge_order(*versions, key=str)
        extra = self._extra(start, left, right, lost)
        merged = replace(
            known,
            **values,  # type: ignore[arg-type]  # the names and types come from `Item` itself
            extra=extra,
        )
        return replace(merged, history=_history(start, left, right, lost, merged))

    def _choose(self, aspect: Aspect, was: Item, left: Item, right: Item, lost: list[SupersededValue]) -> Item:
        """Return the item whose value of `aspect` is taken; what it overrules is reported and added to `lost`."""
        if _value(aspect, left) == _value(aspect, right) or _value(aspect, right) == _value(aspect, was):
            return left
        if _value(aspect, left) == _value(aspect, was):
            return right
        winner, loser = sorted(
            self._versions(aspect, left, right), key=lambda version: _strength(aspect, version), reverse=True
        )
        if aspect is Aspect.PRIORITY and loser.item.priority_by is None:
            return winner.item  # derived by a scan, not decided: nothing of a person is lost
        if aspect is Aspect.STATE and winner.item.state is loser.item.state and loser.item.state in _FACT_STATES:
            return winner.item  # two scans saw more and less of the branch; the next one will tell
        self._report(_superseded(aspect, winner), _superseded(aspect, loser), loser.item.commit, lost)
        return winner.item

    def _extra(self, was: Item, left: Item, right: Item, lost: list[SupersededValue]) -> Mapping[str, object]:
        """Merge keys of other versions, and what doing the work leaves: each is a field of its own."""
        if left.extra == right.extra:
            return left.extra

        def choose(key: str, mine: object, others: object) -> object:
            name = plain_text(key)
            pairs = zip(self._versions(Aspect.EXTRA, left, right), (mine, others), strict=True)
            (winner, kept), (loser, gone) = sorted(
                pairs,
                key=lambda pair: (pair[0].at or _LONG_AGO, pair[1] is not None, plain_text(pair[1])),
                reverse=True,
            )
            self._report(
                SupersededValue(name, plain_text(kept), None, winner.at),
                SupersededValue(name, plain_text(gone), None, loser.at),
                was.commit,
                lost,
            )
            return kept

        return merge_mapping(was.extra, left.extra, right.extra, choose=choose)

    def _versions(self, aspect: Aspect, left: Item, right: Item) -> tuple[_Version, _Version]:
        commit = left.commit
        return (
            _Version(left, self.ours(self.name, commit, aspect)),
            _Version(right, self.theirs(self.name, commit, aspect)),
        )

    def _report(self, kept: SupersededValue, gone: SupersededValue, commit: Oid, lost: list[SupersededValue]) -> None:
        self.overruled.append(OverruledField(self.name, commit, kept, gone))
        lost.append(gone)


@dataclass(frozen=True, slots=True)
class _Version:
    item: Item
    at: datetime | None


def _history(
    was: Item, left: Item, right: Item, lost: list[SupersededValue], merged: Item
) -> tuple[SupersededValue, ...]:
    """Return the decisions that lost: those that both sides knew, and what either lost since unless it stands now."""
    standing = {(aspect.value, _spelled(aspect, merged)) for aspect in _FIELDS}
    entries = dict.fromkeys((*left.history, *right.history, *lost))
    keys = {plain_text(key): value for key, value in merged.extra.items()}
    standing |= {
        (entry.field, plain_text(keys.get(entry.field))) for entry in entries if aspect_of(entry.field) is None
    }
    kept = (entry for entry in entries if entry in was.history or (entry.field, entry.value) not in standing)
    return tuple(sorted(kept, key=_history_key))


def _strength(aspect: Aspect, version: _Version) -> tuple[int, datetime, str]:
    """Order versions: facts before decisions, decisions before derived values, later before earlier; the last part
    only makes the choice the same whoever merges."""
    item = version.item
    rank = 0
    at = version.at or _LONG_AGO
    if aspect is Aspect.STATE and item.state in _FACT_STATES:
        rank = 1
        at = _LONG_AGO  # a fact has no time: the log may only tell when a decision was made that it overruled
    elif aspect is Aspect.PRIORITY:
        rank = int(item.priority_by is not None)
    text = _spelled(aspect, item)
    if aspect is Aspect.PRIORITY and item.priority_by is None:
        text = str(-item.priority.rank)
    elif aspect is Aspect.STATE and rank:
        text = f"{int(not item.staged)} {text}"  # picks go from the staging branch to the branch, seldom back
    return (rank, at, text)


def _value(aspect: Aspect, item: Item) -> tuple[object, ...]:
    return tuple(getattr(item, key) for key in _FIELDS[aspect])


def _spelled(aspect: Aspect, item: Item) -> str:
    """Return the value as it is kept in the history: its main word first, the rest as `key = value`."""
    main, *rest = _FIELDS[aspect]
    words = [_plain(getattr(item, main))]
    for key in rest:
        value = getattr(item, key)
        if value not in (None, False, ()):
            words.append(f"{key} = {_plain(value)}")
    return ", ".join(words)


def _plain(value: object) -> str:
    if isinstance(value, Check):
        value = {
            **{declaration.name: getattr(value, declaration.field) for declaration in declarations_of(Check)},
            **value.extra,
        }
    return plain_text(value)


def _superseded(aspect: Aspect, version: _Version) -> SupersededValue:
    by = {Aspect.STATE: version.item.by, Aspect.PRIORITY: version.item.priority_by}.get(aspect)
    return SupersededValue(aspect.value, _spelled(aspect, version.item), by, version.at)


def _history_key(entry: SupersededValue) -> tuple[datetime, str, str, str]:
    return (entry.at or _LONG_AGO, entry.field, entry.value, entry.by or "")
