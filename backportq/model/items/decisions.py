"""What people decide about items, as pure transitions from one value to the next.

Every rule about which decision fits which state is here, so that the command line, a mail and the board cannot
disagree; each raises `DecisionError` where it does not fit. This module must not look anything up: who a person is and
what a branch contains is known to the caller.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from backportq.errors import DecisionError
from backportq.model.ids import Oid, short
from backportq.model.items.item import Item, State
from backportq.model.items.nomination import Nomination, Via
from backportq.model.items.records import Actor, TaskWord
from backportq.model.items.tasks import with_event
from backportq.model.priority import Priority


def nominate(
    item: Item, by: Actor, text: str | None = None, *, via: Via = Via.PERSON, message_id: str | None = None
) -> Item:
    """Add a person's nomination; the same person's same words a second time change nothing.

    An item that was declined or has landed is not nominated again: it is reopened, or forced by the caller first.
    """
    if item.state is State.DECLINED:
        raise DecisionError(
            f"'{short(item.commit)}' was declined: {item.reason or 'no reason given'}",
            hints=(f"backportq reopen {short(item.commit)}",),
        )
    words = _words(text)
    new = Nomination(via, text=words, by=str(by.who), at=by.moment, message_id=message_id)
    for old in item.nominations:
        if (old.via, old.text, old.by, old.message_id) == (new.via, new.text, new.by, new.message_id):
            return item
    return replace(item, nominations=(*item.nominations, new))


def withdraw(item: Item) -> Item | None:
    """Take away what people nominated; None where nothing else keeps the item in the queue.

    Facts of the history nominate on their own and stay: against these there is `decline`.
    """
    _must_be_open(item, "withdrawn")
    kept = tuple(nomination for nomination in item.nominations if not nomination.is_decided)
    if len(kept) == len(item.nominations):
        raise DecisionError(
            f"no person nominated '{short(item.commit)}', the history did",
            hints=(f"backportq decline {short(item.commit)} -m REASON",),
        )
    # A priority is no reason to keep what nobody wants any more; it came with the wish more often than not.
    if not kept and not is_decided_upon(replace(item, nominations=kept, priority_by=None)):
        return None
    return replace(item, nominations=kept)


def is_decided_upon(item: Item, named_by_tags: Collection[Oid] = ()) -> bool:
    """Tell whether a person decided anything about `item` that must not be lost with its last nomination.

    Needs that are `named_by_tags` of the commit are no decision, and neither is what a scan writes by itself.
    """
    # Compared with what a scan would have made, so that a field that is added later, or by a newer version, counts.
    made_by_a_scan = Item(
        commit=item.commit,
        subject=item.subject,
        author=item.author,
        committed=item.committed,
        priority=item.priority,
        needs=tuple(need for need in item.needs if need in named_by_tags),
        nominations=tuple(reason for reason in item.nominations if not reason.is_decided),
    )
    return item != made_by_a_scan


def assign(
    item: Item, person: str, *, due: date | None = None, by: Actor | None = None, why: str | None = None
) -> Item:
    """Give the task to `person` (a key), with a date by which it is wanted if that is given.

    Work that somebody else had begun starts anew, and the day by which it was wanted from them is forgotten. With `by`
    the event is kept with the item, and with it `why` the person was chosen.
    """
    _must_be_open(item, "assigned")
    state, wanted = item.state, due if due is not None else item.due
    if item.assignee != person:
        state = State.PENDING if state is State.IN_PROGRESS else state
        wanted = due
    given = replace(item, assignee=person, due=wanted, state=state)
    if by is None or (item.assignee, item.due) == (person, wanted):
        return given
    return with_event(given, TaskWord.ASKED, person, by.who, by.moment, due=wanted, text=why)


def unassign(item: Item, by: Actor | None = None) -> Item:
    """Take the task from its person; work that had begun is pending again. With `by` the event is kept."""
    _must_be_open(item, "unassigned")
    state = State.PENDING if item.state is State.IN_PROGRESS else item.state
    freed = replace(item, assignee=None, due=None, state=state)
    if by is None or item.assignee is None:
        return freed
    return with_event(freed, TaskWord.WITHDRAWN, item.assignee, by.who, by.moment)


def take(item: Item, person: str, by: Actor, *, force: bool = False) -> Item:
    """Give the task to oneself and begin; another person's task only with `force`."""
    _must_be_open(item, "taken")
    if item.assignee not in {None, person} and not force:
        raise DecisionError(
            f"'{short(item.commit)}' is assigned to '{item.assignee}'",
            hints=(f"backportq take --force {short(item.commit)}, if that is agreed",),
        )
    if item.assignee == person and item.state is State.IN_PROGRESS:
        return item
    due = item.due if item.assignee in {None, person} else None
    taken = replace(
        item,
        assignee=person,
        due=due,
        state=State.IN_PROGRESS,
        reason=None,
        until=None,
        by=str(by.who),
        at=by.moment,
    )
    return with_event(taken, TaskWord.TAKEN, person, by.who, by.moment)


def hand_back(item: Item, by: Actor, reason: str) -> Item:
    """Give the task back, with the reason that helps the next person."""
    _must_be_open(item, "handed back")
    if item.assignee is None:
        raise DecisionError(
            f"'{short(item.commit)}' is assigned to nobody", hints=(f"backportq take {short(item.commit)}",)
        )
    words = _reason(reason, "hand-back", item)
    state = State.PENDING if item.state is State.IN_PROGRESS else item.state  # what is put off stays put off
    free = replace(item, assignee=None, due=None, state=state, reason=words, by=str(by.who), at=by.moment)
    return with_event(free, TaskWord.HANDED_BACK, item.assignee, by.who, by.moment, text=words)


def decline(item: Item, by: Actor, reason: str) -> Item:
    """Refuse the backport for this branch; the refusal and its reason last until it is reopened."""
    if item.state in {State.LANDED, State.REVERTED}:
        raise _closed(item, "declined")
    words = _reason(reason, "decline", item)
    if item.state is State.DECLINED and item.reason == words:
        return item
    return replace(item, state=State.DECLINED, reason=words, until=None, by=str(by.who), at=by.moment)


def pass_over(item: Item, by: Actor, words: str) -> Item:
    """Close what the branch has passed over long ago, by a baseline and not by a look at it; `words` say since when."""
    _must_be_open(item, "passed over")
    return replace(item, state=State.PASSED_OVER, reason=words, until=None, by=str(by.who), at=by.moment)


def defer(item: Item, by: Actor, *, until: date | None, reason: str | None) -> Item:
    """Put the item off until a day, or for a reason; it is due again by itself on that day."""
    _must_be_open(item, "deferred")
    words = _words(reason)
    if until is None and words is None:
        raise DecisionError(
            f"'{short(item.commit)}' cannot be deferred without a date or a reason",
            hints=(f"backportq defer {short(item.commit)} --until DATE",),
        )
    if until is not None and until <= by.at.date():
        raise DecisionError(
            f"'{until.isoformat()}' is not in the future", hints=("give a later day, such as --until 2031-01-31",)
        )
    if (item.state, item.until, item.reason) == (State.DEFERRED, until, words):
        return item
    return replace(item, state=State.DEFERRED, until=until, reason=words, by=str(by.who), at=by.moment)


def reopen(item: Item) -> Item:
    """Make a declined, deferred or passed-over item pending again."""
    match item.state:
        case State.DECLINED | State.DEFERRED | State.PASSED_OVER:
            return replace(item, state=State.PENDING, reason=None, until=None, by=None, at=None)
        case State.PENDING:
            return item
        case State.IN_PROGRESS:
            raise DecisionError(
                f"'{short(item.commit)}' is in progress by '{item.assignee}'",
                hints=(f"backportq hand-back {short(item.commit)} -m REASON",),
            )
        case State.LANDED | State.REVERTED:
            raise _closed(item, "reopened")


def note(item: Item, text: str | None, *, append: bool = False) -> Item:
    """Write a note on an item in any state; empty text removes it, `append` adds a line."""
    words = _words(text)
    if append and words is not None and item.note:
        words = f"{item.note}\n{words}"
    return replace(item, note=words)


def need(item: Item, add: Sequence[Oid], remove: Sequence[Oid] = ()) -> Item:
    """Record commits that must be picked before this one, in pick order; forget those of `remove`."""
    _must_be_open(item, "given needs")
    if item.commit in add:
        raise DecisionError(f"'{short(item.commit)}' cannot need itself")
    absent = [oid for oid in remove if oid not in item.needs]
    if absent:
        raise DecisionError(f"'{short(item.commit)}' does not need '{short(absent[0])}'")
    kept = [oid for oid in item.needs if oid not in remove]
    return replace(item, needs=tuple(dict.fromkeys([*kept, *add])))


def link(item: Item, pick: Oid) -> Item:
    """Say that `pick`, on the branch, is the pick of this item's commit, which has landed with that."""
    if item.commit == pick:
        raise DecisionError(f"'{short(pick)}' cannot be the pick of itself")
    return replace(item, state=State.LANDED, linked=pick, pick=pick, until=None)


def set_priority(item: Item, priority: Priority | None, by: Actor) -> Item:
    """Set the priority against what the rules say; None gives it back to the rules (from the next scan on)."""
    if priority is None:
        return replace(item, priority_by=None)
    if item.priority is priority and item.priority_by is not None:
        return item
    return replace(item, priority=priority, priority_by=str(by.who))


def _must_be_open(item: Item, done: str) -> None:
    if not item.state.is_open:
        raise _closed(item, done)


def _closed(item: Item, done: str) -> DecisionError:
    name = short(item.commit)
    match item.state:
        case State.LANDED:
            how = f" as '{short(item.pick)}'" if item.pick is not None else ""
            return DecisionError(f"'{name}' landed{how} and cannot be {done}", hints=(f"backportq show {name}",))
        case State.REVERTED:
            return DecisionError(
                f"'{name}' was reverted and cannot be {done}", hints=("backportq scan, if it was applied again",)
            )
        case State.PASSED_OVER:
            return DecisionError(
                f"'{name}' was closed and cannot be {done}: {item.reason or 'it was passed over'}",
                hints=(f"backportq reopen {name}",),
            )
        case _:
            return DecisionError(
                f"'{name}' was declined and cannot be {done}: {item.reason or 'no reason given'}",
                hints=(f"backportq reopen {name}",),
            )


def _reason(text: str, command: str, item: Item) -> str:
    words = _words(text)
    if words is None:
        raise DecisionError(
            f"a reason is needed to {command.replace('-', ' ')} '{short(item.commit)}'",
            hints=(f"backportq {command} {short(item.commit)} -m REASON",),
        )
    return words


def _words(text: str | None) -> str | None:
    return (text.strip() or None) if text is not None else None
