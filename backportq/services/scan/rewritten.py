"""Decisions follow a commit whose upstream was rebased to its new id.

A commit counts as rewritten if this clone still has it, upstream has it no more, and upstream has exactly one other
with its title and author that was committed later. This module must not judge items: they are reconciled afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from backportq.model.commit import Identity
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.decisions import is_decided_upon
from backportq.model.items.item import Item, State
from backportq.model.items.queue import BranchQueue
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.scan.report import ScanWarning, WarningKind


def not_upstream(queue: BranchQueue, facts: Facts, entry: BranchFacts) -> list[Item]:
    """Return the items, open or declined, whose commit neither upstream nor the branch has."""
    declined = (item for item in queue.closed if item.state is State.DECLINED)
    return [
        item
        for item in (*queue.open, *declined)
        if item.commit not in facts.order and not facts.is_upstream(item.commit) and not entry.contains(item.commit)
    ]


def find_rewritten(items: Sequence[Item], facts: Facts, missing: Collection[Oid]) -> dict[Oid, Oid]:
    """Return what these items' commits became upstream; those that are `missing` here may only be newer than it."""
    found: dict[Oid, Oid] = {}
    for item in items:
        if item.commit in missing or item.commit in found:
            continue
        now = [oid for oid in facts.named.with_title(item.subject) if oid in facts.order]
        if len(now) != 1:
            continue
        commit = facts.commits[now[0]]
        if commit.committed >= item.committed and _is_same_person(commit.author, item.author):
            found[item.commit] = now[0]
    return found


def follow(queue: BranchQueue, rewritten: Mapping[Oid, Oid]) -> tuple[BranchQueue, tuple[ScanWarning, ...]]:
    """Return the queue with its items moved to the new ids, and a word about each.

    An item that the new id has already gives way, unless somebody decided something about it: then both stay.
    """
    if not any(item.commit in rewritten for item in (*queue.open, *queue.closed)):
        return queue, ()
    known = {item.commit: item for item in (*queue.open, *queue.closed)}
    dropped: set[Oid] = set()
    told: list[ScanWarning] = []

    def moved(item: Item) -> Item:
        now = rewritten.get(item.commit)
        if now is None or item.state is State.LANDED:
            return item
        there = known.get(now)
        if there is not None and (there.state is not State.PENDING or is_decided_upon(there, ())):
            return item
        dropped.add(now)
        told.append(_word(queue.branch, item.commit, now))
        return replace(item, commit=now)

    open_items = [moved(item) for item in queue.open]
    closed = [moved(item) for item in queue.closed]
    given_way = {id(known[oid]) for oid in dropped if oid in known}
    return (
        replace(
            queue,
            open=tuple(item for item in open_items if id(item) not in given_way),
            closed=tuple(item for item in closed if id(item) not in given_way),
        ),
        tuple(told),
    )


def _word(branch: BranchName, old: Oid, now: Oid) -> ScanWarning:
    text = f"'{short(old)}' is no longer upstream, what was decided of it holds for '{short(now)}'"
    return ScanWarning(WarningKind.REWRITTEN, now, branch, text)


def _is_same_person(left: Identity, right: Identity) -> bool:
    return left.mail.casefold() == right.mail.casefold() or left.name.casefold() == right.name.casefold()
