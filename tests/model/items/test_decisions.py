"""Decisions: which fits which state, what it leaves behind, and what must hold whatever is decided in what order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from backportq.errors import DecisionError
from backportq.model.commit import Identity
from backportq.model.ids import Oid
from backportq.model.items import decisions
from backportq.model.items.item import Item, State
from backportq.model.items.nomination import Nomination, Via
from backportq.model.items.ordering import order_key, with_item, without_item
from backportq.model.items.queue import BranchQueue
from backportq.model.items.records import Actor
from backportq.model.items.votes import object_to
from backportq.model.priority import Priority

ADA = Actor(Identity("Ada Author", "ada@example.org"), datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC))
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
A, B, C = (Oid(letter * 40) for letter in "abc")
TRAILER = Nomination(Via.TRAILER, text="Backport: 1+")
ITEM = Item(A, "fix it", Identity("Bob", "bob@example.org"), NOON, nominations=(TRAILER,))
LANDED = replace(ITEM, state=State.LANDED, pick=B)
DECLINED = replace(ITEM, state=State.DECLINED, reason="too risky")
TAKEN = replace(ITEM, state=State.IN_PROGRESS, assignee="bob")


def refused(error: pytest.ExceptionInfo[DecisionError]) -> tuple[str, tuple[str, ...]]:
    return str(error.value), error.value.hints


def test_nominate_adds_who_when_and_why_to_the_second() -> None:
    asked = decisions.nominate(ITEM, ADA, " crashes here\n")
    new = Nomination(Via.PERSON, text="crashes here", by="Ada Author <ada@example.org>", at=NOON)
    assert asked == replace(ITEM, nominations=(TRAILER, new))
    later = replace(ADA, at=ADA.at + timedelta(days=1))
    assert decisions.nominate(asked, later, "crashes here") is asked


def test_nominate_declined_item_says_why_it_was() -> None:
    with pytest.raises(DecisionError) as caught:
        decisions.nominate(DECLINED, ADA)
    assert refused(caught) == ("'aaaaaaaaaaaa' was declined: too risky", ("backportq reopen aaaaaaaaaaaa",))


def test_withdraw_leaves_what_the_history_says_and_else_removes() -> None:
    asked = decisions.nominate(ITEM, ADA)
    assert decisions.withdraw(asked) == ITEM
    only_asked = replace(asked, nominations=asked.nominations[1:])
    assert decisions.withdraw(only_asked) is None
    assert decisions.withdraw(decisions.set_priority(only_asked, Priority.HIGH, ADA)) is None
    assert decisions.withdraw(replace(only_asked, note="n")) == replace(ITEM, nominations=(), note="n")


def test_withdraw_keeps_an_item_with_a_vote_a_task_of_the_past_or_an_unknown_key() -> None:
    only_asked = replace(decisions.nominate(ITEM, ADA), nominations=())
    for decided in (
        object_to(only_asked, ADA, "breaks the ABI"),
        decisions.hand_back(decisions.assign(only_asked, "bob"), ADA, "no time"),
        replace(only_asked, extra={"ticket": 4}),
    ):
        assert decisions.withdraw(decisions.nominate(decided, ADA)) == decided


def test_withdraw_where_only_the_history_nominates_points_to_decline() -> None:
    with pytest.raises(DecisionError) as caught:
        decisions.withdraw(ITEM)
    assert refused(caught) == (
        "no person nominated 'aaaaaaaaaaaa', the history did",
        ("backportq decline aaaaaaaaaaaa -m REASON",),
    )


def test_assign_to_another_person_starts_the_work_anew() -> None:
    assert decisions.assign(ITEM, "ada").assignee == "ada"
    moved = decisions.assign(TAKEN, "ada", due=date(2026, 7, 1))
    assert (moved.assignee, moved.state, moved.due) == ("ada", State.PENDING, date(2026, 7, 1))
    assert decisions.assign(TAKEN, "bob").state is State.IN_PROGRESS


def test_unassign_makes_begun_work_pending() -> None:
    done = decisions.unassign(replace(TAKEN, due=date(2026, 7, 1)))
    assert (done.assignee, done.state, done.due) == (None, State.PENDING, None)


def test_take_records_who_and_refuses_what_another_has() -> None:
    mine = decisions.take(ITEM, "ada", ADA)
    assert (mine.assignee, mine.state, mine.by, mine.at) == (
        "ada",
        State.IN_PROGRESS,
        "Ada Author <ada@example.org>",
        NOON,
    )
    assert decisions.take(mine, "ada", ADA) is mine
    with pytest.raises(DecisionError) as caught:
        decisions.take(TAKEN, "ada", ADA)
    assert refused(caught) == (
        "'aaaaaaaaaaaa' is assigned to 'bob'",
        ("backportq take --force aaaaaaaaaaaa, if that is agreed",),
    )
    assert decisions.take(TAKEN, "ada", ADA, force=True).assignee == "ada"


def test_hand_back_keeps_the_reason() -> None:
    back = decisions.hand_back(TAKEN, ADA, "needs the author")
    assert (back.assignee, back.state, back.reason) == (None, State.PENDING, "needs the author")
    with pytest.raises(DecisionError) as caught:
        decisions.hand_back(ITEM, ADA, "x")
    assert refused(caught) == ("'aaaaaaaaaaaa' is assigned to nobody", ("backportq take aaaaaaaaaaaa",))


@pytest.mark.parametrize(("command", "decide"), [("decline", decisions.decline), ("hand-back", decisions.hand_back)])
def test_reason_is_required_where_it_matters(command: str, decide: object) -> None:
    with pytest.raises(DecisionError) as caught:
        decide(TAKEN, ADA, " \n")  # type: ignore[operator]
    assert refused(caught) == (
        f"a reason is needed to {command.replace('-', ' ')} 'aaaaaaaaaaaa'",
        (f"backportq {command} aaaaaaaaaaaa -m REASON",),
    )


def test_decline_records_reason_and_repeats_to_nothing() -> None:
    no = decisions.decline(replace(ITEM, until=date(2030, 1, 1)), ADA, "too risky")
    assert no == replace(DECLINED, by="Ada Author <ada@example.org>", at=NOON)
    assert decisions.decline(no, ADA, "too risky") is no
    assert decisions.decline(no, ADA, "worse").reason == "worse"


@pytest.mark.parametrize("item", [LANDED, replace(ITEM, state=State.REVERTED)])
def test_closed_by_the_history_is_not_for_people_to_change(item: Item) -> None:
    attempts: tuple[Callable[[], object], ...] = (
        lambda: decisions.decline(item, ADA, "x"),
        lambda: decisions.defer(item, ADA, until=None, reason="x"),
        lambda: decisions.reopen(item),
        lambda: decisions.assign(item, "ada"),
        lambda: decisions.take(item, "ada", ADA),
        lambda: decisions.withdraw(item),
        lambda: decisions.need(item, (B,)),
    )
    for decide in attempts:
        with pytest.raises(DecisionError):
            decide()


def test_landed_item_says_as_what() -> None:
    with pytest.raises(DecisionError) as caught:
        decisions.assign(LANDED, "ada")
    assert refused(caught) == (
        "'aaaaaaaaaaaa' landed as 'bbbbbbbbbbbb' and cannot be assigned",
        ("backportq show aaaaaaaaaaaa",),
    )


def test_defer_wants_a_future_day_or_a_reason() -> None:
    until = date(2026, 6, 2)
    off = decisions.defer(ITEM, ADA, until=until, reason=None)
    assert (off.state, off.until, off.reason) == (State.DEFERRED, until, None)
    assert decisions.defer(off, ADA, until=until, reason=None) is off
    with pytest.raises(DecisionError) as caught:
        decisions.defer(ITEM, ADA, until=date(2026, 6, 1), reason=None)
    assert refused(caught) == (
        "'2026-06-01' is not in the future",
        ("give a later day, such as --until 2031-01-31",),
    )
    with pytest.raises(DecisionError) as caught:
        decisions.defer(ITEM, ADA, until=None, reason=" ")
    assert refused(caught)[0] == "'aaaaaaaaaaaa' cannot be deferred without a date or a reason"


def test_reopen_forgets_the_refusal() -> None:
    assert decisions.reopen(decisions.decline(ITEM, ADA, "x")) == ITEM
    assert decisions.reopen(decisions.defer(ITEM, ADA, until=date(2030, 1, 1), reason="x")) == ITEM
    assert decisions.reopen(ITEM) is ITEM
    with pytest.raises(DecisionError) as caught:
        decisions.reopen(TAKEN)
    assert refused(caught) == (
        "'aaaaaaaaaaaa' is in progress by 'bob'",
        ("backportq hand-back aaaaaaaaaaaa -m REASON",),
    )


def test_note_replaces_appends_and_removes() -> None:
    one = decisions.note(ITEM, "one")
    assert one.note == "one"
    assert decisions.note(one, "two", append=True).note == "one\ntwo"
    assert decisions.note(LANDED, "late").note == "late"
    assert decisions.note(one, "").note is None


def test_need_keeps_order_once_each_and_never_itself() -> None:
    needing = decisions.need(ITEM, (C, B, C))
    assert needing.needs == (C, B)
    assert decisions.need(needing, (), (C,)).needs == (B,)
    with pytest.raises(DecisionError) as caught:
        decisions.need(ITEM, (A,))
    assert refused(caught) == ("'aaaaaaaaaaaa' cannot need itself", ())
    with pytest.raises(DecisionError) as caught:
        decisions.need(ITEM, (), (B,))
    assert refused(caught) == ("'aaaaaaaaaaaa' does not need 'bbbbbbbbbbbb'", ())


def test_link_lands_the_item() -> None:
    linked = decisions.link(ITEM, B)
    assert (linked.state, linked.linked, linked.pick) == (State.LANDED, B, B)
    with pytest.raises(DecisionError):
        decisions.link(ITEM, A)


def test_set_priority_of_a_person_holds_until_given_back() -> None:
    high = decisions.set_priority(ITEM, Priority.HIGH, ADA)
    assert (high.priority, high.priority_by) == (Priority.HIGH, "Ada Author <ada@example.org>")
    assert decisions.set_priority(high, None, ADA).priority_by is None
    assert decisions.set_priority(high, Priority.HIGH, ADA) is high


class Queue(RuleBasedStateMachine):
    """Any decisions in any order on one branch of five items."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = [Oid(f"{number:040x}") for number in range(5)]
        self.order = {oid: place for place, oid in enumerate(reversed(self.ids))}
        items = [replace(ITEM, commit=oid) for oid in sorted(self.ids, key=self.order.__getitem__)]
        self.queue = BranchQueue("b", tuple(items))  # type: ignore[arg-type]
        self.removed: set[Oid] = set()

    @rule(
        at=st.integers(0, 4),
        which=st.sampled_from(
            [
                *("nominate", "withdraw", "assign", "unassign", "take", "hand_back", "decline", "defer"),
                *("reopen", "note", "need", "link", "priority"),
            ]
        ),
    )
    def decide(self, at: int, which: str) -> None:
        oid = self.ids[at]
        item = self.queue.find(oid)
        if item is None:
            return
        other = self.ids[(at + 1) % 5]
        try:
            choices: dict[str, Callable[[], Item | None]] = {
                "nominate": lambda: decisions.nominate(item, ADA, "x"),
                "withdraw": lambda: decisions.withdraw(item),
                "assign": lambda: decisions.assign(item, "bob"),
                "unassign": lambda: decisions.unassign(item),
                "take": lambda: decisions.take(item, "ada", ADA),
                "hand_back": lambda: decisions.hand_back(item, ADA, "r"),
                "decline": lambda: decisions.decline(item, ADA, "r"),
                "defer": lambda: decisions.defer(item, ADA, until=date(2030, 1, 1), reason=None),
                "reopen": lambda: decisions.reopen(item),
                "note": lambda: decisions.note(item, "n"),
                "need": lambda: decisions.need(item, (other,)),
                "link": lambda: decisions.link(item, other),
                "priority": lambda: decisions.set_priority(item, Priority.LOW, ADA),
            }
            after = choices[which]()
        except DecisionError:
            return
        if after is None:
            self.removed.add(oid)
            self.queue = without_item(self.queue, oid)
        else:
            assert (after.commit, after.subject, after.author) == (item.commit, item.subject, item.author)
            self.queue = with_item(self.queue, after, self.order)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        found = [item.commit for item in (*self.queue.open, *self.queue.closed)]
        assert sorted(found) == sorted(set(self.ids) - self.removed)

    @invariant()
    def each_file_holds_its_states_in_upstream_order(self) -> None:
        for items, is_open in ((self.queue.open, True), (self.queue.closed, False)):
            assert all(item.state.is_open is is_open for item in items)
            keys = [order_key(item, self.order) for item in items]
            assert keys == sorted(keys)

    @invariant()
    def states_mean_what_they_say(self) -> None:
        for item in (*self.queue.open, *self.queue.closed):
            assert item.until is None or item.state is State.DEFERRED
            assert item.state is not State.IN_PROGRESS or item.assignee is not None
            assert item.state is not State.DECLINED or item.reason is not None
            assert (item.state is State.LANDED) == (item.pick is not None)


TestQueue = Queue.TestCase
TestQueue.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
