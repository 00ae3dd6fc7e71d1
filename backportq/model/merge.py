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
from enum import StrEnum

from backportq.model.ids import BranchName, Oid
from backportq.model.item import Item, State, Superseded
from backportq.model.merge_values import merge_mapping, merge_sequence, merge_set
from backportq.model.nomination import nomination_order
from backportq.model.queue import BranchQueue, QueueState
from backportq.model.tasks import event_order
from backportq.model.votes import vote_order


class Aspect(StrEnum):
    """What one decision is about. The fields of an aspect belong together and are taken from one side as a whole."""

    STATE = "state"
    ASSIGNEE = "assignee"
    PRIORITY = "priority"
    NOTE = "note"
    DUE = "due"
    LINKED = "linked"


_FIELDS: Mapping[Aspect, tuple[str, ...]] = {
    Aspect.STATE: ("state", "reason", "by", "at", "until", "pick", "staged"),
    Aspect.ASSIGNEE: ("assignee",),
    Aspect.PRIORITY: ("priority", "priority_by"),
    Aspect.NOTE: ("note",),
    Aspect.DUE: ("due",),
    Aspect.LINKED: ("linked",),
}

_FACT_STATES = frozenset({State.LANDED, State.REVERTED})
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

DecidedAt = Callable[[BranchName, Oid, Aspect], datetime | None]
"""When one side last decided an aspect of an item; None where that is not known (it then counts as long ago)."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two queues that are merged, and when its decisions were made."""

    state: QueueState
    decided_at: DecidedAt = field(default=lambda _branch, _commit, _aspect: None)


@dataclass(frozen=True, slots=True)
class Overruled:
    """A decision that lost: reported to the person who merges."""

    branch: BranchName
    commit: Oid
    kept: Superseded
    lost: Superseded


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged items of every branch, and what was overruled. Configuration and people are merged by
    `merge_mapping` on their files, because they carry comments."""

    branches: Mapping[BranchName, BranchQueue]
    overruled: tuple[Overruled, ...]


def merge_queues(base: QueueState | None, ours: Side, theirs: Side) -> Merged:
    """Merge what both sides did since `base` (None: two queues that began independently)."""
    names = {*ours.state.branches, *theirs.state.branches}
    overruled: list[Overruled] = []
    branches = {}
    for name in sorted(names):
        was = base.queue_of(name) if base is not None else BranchQueue(name)
        queue, lost = _merge_branch(was, name, ours, theirs)
        branches[name] = queue
        overruled += lost
    return Merged(branches, tuple(overruled))


def _merge_branch(base: BranchQueue, name: BranchName, ours: Side, theirs: Side) -> tuple[BranchQueue, list[Overruled]]:
    mine, others = ours.state.queue_of(name), theirs.state.queue_of(name)
    was, left, right = _by_commit(base), _by_commit(mine), _by_commit(others)
    items: dict[Oid, Item] = {}
    overruled: list[Overruled] = []
    for commit in {**left, **right}:
        merged, lost = _merge_presence(name, was.get(commit), left.get(commit), right.get(commit), ours, theirs)
        overruled += lost
        if merged is not None:
            items[commit] = merged
    order = merge_sequence(
        _upstream_order(mine), _upstream_order(others), key=lambda commit: (items[commit].committed, commit), of=items
    )
    placed = [items[commit] for commit in order]
    queue = BranchQueue(
        name,
        tuple(item for item in placed if item.state.is_open),
        tuple(item for item in placed if not item.state.is_open),
        merge_mapping(base.extra, mine.extra, others.extra),
        merge_mapping(base.closed_extra, mine.closed_extra, others.closed_extra),
    )
    return queue, sorted(overruled, key=lambda one: (one.commit, one.lost.field))


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


def _merge_presence(
    name: BranchName, was: Item | None, left: Item | None, right: Item | None, ours: Side, theirs: Side
) -> tuple[Item | None, list[Overruled]]:
    """Merge one item that may be missing on a side: dropped by one and unchanged on the other means dropped; dropped
    by one and changed by the other means kept, because a decision is never dropped in silence."""
    if left is not None and right is not None:
        return _merge_item(name, was, left, right, ours, theirs)
    present = left if left is not None else right
    if was is not None and present == was:
        return None, []
    return present, []


def _merge_item(
    name: BranchName, was: Item | None, left: Item, right: Item, ours: Side, theirs: Side
) -> tuple[Item, list[Overruled]]:
    if left == right and left.extra == right.extra:
        return left, []
    start = was if was is not None else Item(left.commit, left.subject, left.author, left.committed)
    # Facts of the commit are git's to tell and equal on both sides; should they differ, any fixed choice will do until
    # the next scan.
    known = min(left, right, key=lambda item: (item.subject, item.committed, str(item.author)))
    values: dict[str, object] = {}
    history = [*left.history, *(entry for entry in right.history if entry not in left.history)]
    overruled: list[Overruled] = []
    for aspect, names in _FIELDS.items():
        winner, loser = _choose(name, aspect, start, left, right, ours, theirs)
        values.update({key: getattr(winner.item, key) for key in names})
        if loser is not None:
            lost = _superseded(aspect, loser)
            overruled.append(Overruled(name, left.commit, _superseded(aspect, winner), lost))
            if lost not in history:
                history.append(lost)
    merged = replace(
        known,
        **values,  # type: ignore[arg-type]  # the names and types come from `Item` itself
        needs=merge_set(start.needs, left.needs, right.needs, key=str),
        nominations=merge_set(start.nominations, left.nominations, right.nominations, key=nomination_order),
        tasks=merge_set(start.tasks, left.tasks, right.tasks, key=event_order),
        votes=merge_set(start.votes, left.votes, right.votes, key=vote_order),
        history=tuple(sorted(history, key=_history_key)),
        extra=merge_mapping(start.extra, left.extra, right.extra),
    )
    return merged, overruled


@dataclass(frozen=True, slots=True)
class _Version:
    item: Item
    at: datetime | None


def _choose(
    name: BranchName, aspect: Aspect, was: Item, left: Item, right: Item, ours: Side, theirs: Side
) -> tuple[_Version, _Version | None]:
    """Return the version whose value of `aspect` is taken, and the one that is overruled by it, if any is."""
    mine = _Version(left, ours.decided_at(name, left.commit, aspect))
    others = _Version(right, theirs.decided_at(name, right.commit, aspect))
    if _value(aspect, left) == _value(aspect, right) or _value(aspect, right) == _value(aspect, was):
        return mine, None
    if _value(aspect, left) == _value(aspect, was):
        return others, None
    winner, loser = sorted((mine, others), key=lambda version: _strength(aspect, version), reverse=True)
    if aspect is Aspect.PRIORITY and loser.item.priority_by is None:
        return winner, None  # derived by a scan, not decided: nothing of a person is lost
    return winner, loser


def _strength(aspect: Aspect, version: _Version) -> tuple[int, datetime, str]:
    """Order versions: facts before decisions, decisions before derived values, later before earlier; the last part
    only makes the choice the same whoever merges."""
    item = version.item
    rank = 0
    if aspect is Aspect.STATE:
        rank = int(item.state in _FACT_STATES)
    elif aspect is Aspect.PRIORITY:
        rank = int(item.priority_by is not None)
    text = _spelled(aspect, item)
    if aspect is Aspect.PRIORITY and item.priority_by is None:
        text = str(-item.priority.rank)
    return (rank, version.at or _LONG_AGO, text)


def _value(aspect: Aspect, item: Item) -> tuple[object, ...]:
    return tuple(getattr(item, key) for key in _FIELDS[aspect])


def _spelled(aspect: Aspect, item: Item) -> str:
    """Return the value as it is kept in the history: its main word first, the rest as `key = value`."""
    main, *rest = _FIELDS[aspect]
    words = [str(getattr(item, main) if getattr(item, main) is not None else "none")]
    for key in rest:
        value = getattr(item, key)
        if value not in (None, False):
            words.append(f"{key} = {value}")
    return ", ".join(words)


def _superseded(aspect: Aspect, version: _Version) -> Superseded:
    by = {Aspect.STATE: version.item.by, Aspect.PRIORITY: version.item.priority_by}.get(aspect)
    return Superseded(aspect.value, _spelled(aspect, version.item), by, version.at)


def _history_key(entry: Superseded) -> tuple[datetime, str, str, str]:
    return (entry.at or _LONG_AGO, entry.field, entry.value, entry.by or "")
