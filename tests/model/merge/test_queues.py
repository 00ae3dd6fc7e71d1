"""The laws of the queue merge: it commutes, is idempotent, equals the sequential result, and loses nothing."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backportq.model.commit import Identity
from backportq.model.config import Config
from backportq.model.ids import BranchName, Oid
from backportq.model.items.aspects import Aspect
from backportq.model.items.changes import changed_fields
from backportq.model.items.item import Item, State
from backportq.model.items.nomination import Nomination, Via
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.model.items.records import (
    Ballot,
    Check,
    CheckResult,
    SupersededValue,
    TaskEvent,
    TaskWord,
    Vote,
)
from backportq.model.merge.collections import merge_sequence, merge_set
from backportq.model.merge.queues import (
    DecidedAt,
    OverruledField,
    QueueMerge,
    RevivedItem,
    Side,
    aspect_of,
    merge_queues,
)
from backportq.model.priority import Priority

BRANCH = BranchName("stable-1.0")
START = datetime(2026, 1, 1, tzinfo=UTC)
AUTHOR = Identity("Ada Author", "ada@example.org")
COMMITS = [Oid(f"{number:040x}") for number in range(1, 7)]
CHECK = Check("make", CheckResult.FAILED, COMMITS[2], "Ada <ada@example.org>", START)


def plain(commit: Oid) -> Item:
    return Item(commit, f"fix {int(commit, 16)}", AUTHOR, START + timedelta(days=int(commit, 16)))


def asked(text: str) -> Nomination:
    return Nomination(Via.PERSON, text=text, by="Rita Requester <rita@example.org>", at=START)


def state_of(items: Mapping[Oid, Item]) -> QueueState:
    placed = sorted(items.values(), key=lambda item: item.committed)
    queue = BranchQueue(
        BRANCH,
        tuple(item for item in placed if item.state.is_open),
        tuple(item for item in placed if not item.state.is_open),
    )
    return QueueState(Config(BranchName("master")), branches={BRANCH: queue})


def items_of(merged: QueueMerge) -> dict[Oid, Item]:
    queue = merged.branches[BRANCH]
    return {item.commit: item for item in (*queue.open, *queue.closed)}


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


aspects: st.SearchStrategy[dict[str, object]] = st.sampled_from(
    [
        {"assignee": "ada"},
        {"assignee": "bo"},
        {"priority": Priority.HIGH, "priority_by": "bo"},
        {"priority": Priority.LOW, "priority_by": "ada"},
        {"priority": Priority.HIGH},
        {"note": "seen by two users"},
        {"note": "not urgent"},
        {"due": date(2026, 5, 1)},
        {"linked": COMMITS[0]},
        {"state": State.DECLINED, "reason": "too risky", "by": "bo"},
        {"state": State.DEFERRED, "until": date(2026, 7, 1), "by": "ada"},
        {"state": State.LANDED, "pick": COMMITS[1]},
        {"needs": (COMMITS[0],)},
        {"nominations": (asked("crashes here"),)},
        {"nominations": (asked("hangs here"), asked("crashes here"))},
        {"topic": "ada/fix"},
        {"topic": "bo/fix", "earlier_topics": ("bo/try",)},
        {"check": CHECK},
        {"votes": (Vote(Ballot.OBJECT, "Bo <bo@example.org>", START, "breaks the ABI"),)},
        {"tasks": (TaskEvent(TaskWord.ASKED, "ada", START),)},
        {"extra": {"ticket": 4}},
        {"extra": {"ticket": 5, "tested": True}},
    ]
)
items = st.dictionaries(
    st.sampled_from(COMMITS),
    st.lists(aspects, max_size=3).map(lambda parts: dict(ChainMap(*parts))),
)


def built(choices: Mapping[Oid, Mapping[str, object]]) -> dict[Oid, Item]:
    return {commit: replace(plain(commit), **changes) for commit, changes in choices.items()}  # type: ignore[arg-type]


queues = items.map(built)
times = st.integers(min_value=0, max_value=3).map(at)


@given(queues, queues, queues, times, times)
def test_merge_of_swapped_sides_is_the_same(
    base: dict[Oid, Item], left: dict[Oid, Item], right: dict[Oid, Item], mine: datetime, others: datetime
) -> None:
    ours = Side(state_of(left), lambda *_: mine)
    theirs = Side(state_of(right), lambda *_: others)
    one = merge_queues(state_of(base), ours, theirs)
    two = merge_queues(state_of(base), theirs, ours)
    assert one == two


@given(queues, queues)
def test_merge_with_itself_changes_nothing(base: dict[Oid, Item], side: dict[Oid, Item]) -> None:
    merged = merge_queues(state_of(base), Side(state_of(side)), Side(state_of(side)))
    assert merged == QueueMerge({BRANCH: state_of(side).queue_of(BRANCH)}, ())


@given(queues, queues)
def test_merge_where_only_one_side_changed_is_that_side(base: dict[Oid, Item], side: dict[Oid, Item]) -> None:
    merged = merge_queues(state_of(base), Side(state_of(base)), Side(state_of(side)))
    assert items_of(merged) == side
    assert merged.overruled == ()


@given(queues, queues, queues, times, times)
def test_merge_loses_no_value_in_silence(
    base: dict[Oid, Item], left: dict[Oid, Item], right: dict[Oid, Item], mine: datetime, others: datetime
) -> None:
    merged = merge_queues(
        state_of(base), Side(state_of(left), lambda *_: mine), Side(state_of(right), lambda *_: others)
    )
    result = items_of(merged)
    for side in (left, right):
        for commit, item in side.items():
            was = base.get(commit)
            if item == was:
                continue
            kept = result[commit]
            start = was if was is not None else plain(commit)
            for name in ("assignee", "note", "due", "linked", "state"):
                value = getattr(item, name)
                if value == getattr(start, name):
                    continue
                lost = {entry.value.split(", ")[0] for entry in kept.history if entry.field == name}
                assert getattr(kept, name) == value or str(value if value is not None else "none") in lost
            assert set(item.nominations) - set(start.nominations) <= set(kept.nominations)
            assert set(item.needs) - set(start.needs) <= set(kept.needs)


def _decisions(
    base: Mapping[Oid, Item], side: Mapping[Oid, Item], when: datetime
) -> dict[tuple[Oid, Aspect], datetime]:
    """What the log of a side would tell: each aspect that differs from the base was decided at one moment."""
    found = {}
    for commit, item in side.items():
        was = base.get(commit, plain(commit))
        for name in changed_fields(was, item):
            aspect = aspect_of(name)
            is_derived = aspect is Aspect.PRIORITY and item.priority_by is None
            if aspect is not None and not is_derived:
                found[commit, aspect] = when
    return found


def _asked_in(decisions: Mapping[tuple[Oid, Aspect], datetime]) -> DecidedAt:
    return lambda _branch, commit, aspect: decisions.get((commit, aspect))


Told = tuple[dict[Oid, Item], dict[tuple[Oid, Aspect], datetime]]


def _joined(base: dict[Oid, Item], left: Told, right: Told) -> Told:
    """Merge two sides into one, and their logs too."""
    merged = merge_queues(
        state_of(base), Side(state_of(left[0]), _asked_in(left[1])), Side(state_of(right[0]), _asked_in(right[1]))
    )
    log = dict(left[1])
    for key, when in right[1].items():
        log[key] = max(when, log.get(key, when))
    return items_of(merged), log


@given(queues, queues, queues, queues, st.permutations(range(3)))
def test_merge_of_three_sides_is_the_same_in_any_order(
    base: dict[Oid, Item], a: dict[Oid, Item], b: dict[Oid, Item], c: dict[Oid, Item], minutes: list[int]
) -> None:
    told = [(side, _decisions(base, side, at(minute))) for side, minute in zip((a, b, c), minutes, strict=True)]
    first = _joined(base, _joined(base, told[0], told[1]), told[2])[0]
    second = _joined(base, told[0], _joined(base, told[1], told[2]))[0]
    third = _joined(base, told[1], _joined(base, told[0], told[2]))[0]
    assert _without_history(first) == _without_history(second) == _without_history(third)
    # Two sides with the same value are one value to whoever overrules both at once: only how often it is told differs.
    assert _losers(first) == _losers(second) == _losers(third)


def _losers(items: Mapping[Oid, Item]) -> dict[Oid, set[tuple[str, str]]]:
    return {commit: {(one.field, one.value) for one in item.history} for commit, item in items.items()}


def _without_history(items: Mapping[Oid, Item]) -> dict[Oid, Item]:
    return {commit: replace(item, history=()) for commit, item in items.items()}


def test_merge_of_two_facts_does_not_ask_when_a_decision_that_one_overruled_was_made() -> None:
    landed = replace(plain(COMMITS[0]), state=State.LANDED, pick=COMMITS[1])
    kept_reason = replace(landed, reason="too risky", by="bo")
    declined = replace(plain(COMMITS[0]), state=State.DECLINED, reason="too risky", by="bo")
    told: list[Told] = [
        (side, _decisions({}, side, at(minute)))
        for side, minute in (({COMMITS[0]: landed}, 0), ({COMMITS[0]: declined}, 2), ({COMMITS[0]: kept_reason}, 1))
    ]
    one = _joined({}, _joined({}, told[0], told[1]), told[2])[0]
    other = _joined({}, told[0], _joined({}, told[1], told[2]))[0]
    assert _without_history(one) == _without_history(other) == {COMMITS[0]: kept_reason}


def test_merge_of_needs_keeps_the_order_of_both_sides() -> None:
    base = {COMMITS[0]: plain(COMMITS[0])}
    left = {COMMITS[0]: replace(base[COMMITS[0]], needs=(COMMITS[4], COMMITS[2]))}
    right = {COMMITS[0]: replace(base[COMMITS[0]], needs=(COMMITS[2], COMMITS[3]))}
    merged = merge_queues(state_of(base), Side(state_of(left)), Side(state_of(right)))
    assert items_of(merged)[COMMITS[0]].needs == (COMMITS[4], COMMITS[2], COMMITS[3])


def test_merge_of_two_values_of_an_unknown_key_takes_the_later_and_reports_the_other() -> None:
    base = {COMMITS[0]: plain(COMMITS[0])}
    left = {COMMITS[0]: replace(base[COMMITS[0]], extra={"topic": "ada/fix", "seen": 1})}
    right = {COMMITS[0]: replace(base[COMMITS[0]], extra={"topic": "bo/fix"})}
    merged = merge_queues(
        state_of(base), Side(state_of(left), lambda *_: at(1)), Side(state_of(right), lambda *_: at(2))
    )
    kept, lost = SupersededValue("topic", "bo/fix", None, at(2)), SupersededValue("topic", "ada/fix", None, at(1))
    assert items_of(merged)[COMMITS[0]] == replace(
        base[COMMITS[0]], extra={"topic": "bo/fix", "seen": 1}, history=(lost,)
    )
    assert merged.overruled == (OverruledField(BRANCH, COMMITS[0], kept, lost),)


def test_merge_of_two_landings_seen_by_two_scans_reports_nothing() -> None:
    base = {COMMITS[0]: plain(COMMITS[0])}
    left = {COMMITS[0]: replace(base[COMMITS[0]], state=State.LANDED, pick=COMMITS[3], staged=True)}
    right = {COMMITS[0]: replace(base[COMMITS[0]], state=State.LANDED, pick=COMMITS[3])}
    merged = merge_queues(
        state_of(base), Side(state_of(left), lambda *_: at(1)), Side(state_of(right), lambda *_: at(2))
    )
    assert items_of(merged) == right
    assert merged.overruled == ()


def test_merge_of_different_fields_of_one_item_keeps_both_without_conflict() -> None:
    base = {COMMITS[0]: plain(COMMITS[0])}
    left = {COMMITS[0]: replace(base[COMMITS[0]], assignee="ada")}
    right = {COMMITS[0]: replace(base[COMMITS[0]], note="seen by two users")}
    merged = merge_queues(state_of(base), Side(state_of(left)), Side(state_of(right)))
    assert items_of(merged) == {COMMITS[0]: replace(base[COMMITS[0]], assignee="ada", note="seen by two users")}
    assert merged.overruled == ()


def test_merge_of_two_assignees_takes_the_later_and_keeps_the_other_in_the_history() -> None:
    base = {COMMITS[0]: plain(COMMITS[0])}
    left = {COMMITS[0]: replace(base[COMMITS[0]], assignee="ada")}
    right = {COMMITS[0]: replace(base[COMMITS[0]], assignee="bo")}
    merged = merge_queues(
        state_of(base), Side(state_of(left), lambda *_: at(9)), Side(state_of(right), lambda *_: at(5))
    )
    lost = SupersededValue("assignee", "bo", None, at(5))
    assert items_of(merged) == {COMMITS[0]: replace(base[COMMITS[0]], assignee="ada", history=(lost,))}
    assert [(one.commit, one.kept.value, one.lost) for one in merged.overruled] == [(COMMITS[0], "ada", lost)]


def test_merge_of_a_fact_and_a_later_decision_keeps_the_fact() -> None:
    base = {COMMITS[0]: plain(COMMITS[0])}
    left = {COMMITS[0]: replace(base[COMMITS[0]], state=State.LANDED, pick=COMMITS[3])}
    right = {COMMITS[0]: replace(base[COMMITS[0]], state=State.DECLINED, reason="too risky", by="bo")}
    merged = merge_queues(
        state_of(base), Side(state_of(left), lambda *_: at(1)), Side(state_of(right), lambda *_: at(9))
    )
    lost = SupersededValue("state", "declined, reason = too risky, by = bo", "bo", at(9))
    assert items_of(merged) == {COMMITS[0]: replace(left[COMMITS[0]], history=(lost,))}


def test_merge_of_an_item_dropped_on_one_side_and_decided_on_the_other_keeps_the_decision() -> None:
    base = {COMMITS[0]: plain(COMMITS[0])}
    right = {COMMITS[0]: replace(base[COMMITS[0]], assignee="ada")}
    merged = merge_queues(state_of(base), Side(state_of({})), Side(state_of(right)))
    assert items_of(merged) == right
    assert merged.revived == (RevivedItem(BRANCH, COMMITS[0]),)


def test_merge_of_an_item_dropped_on_one_side_and_unchanged_on_the_other_drops_it() -> None:
    base = {COMMITS[0]: plain(COMMITS[0])}
    merged = merge_queues(state_of(base), Side(state_of({})), Side(state_of(base)))
    assert items_of(merged) == {}


def test_merge_asks_when_by_branch_commit_and_aspect() -> None:
    left = {COMMITS[0]: replace(plain(COMMITS[0]), assignee="ada", note="one")}
    right = {COMMITS[0]: replace(plain(COMMITS[0]), assignee="bo", note="two")}
    late_note = Side(state_of(left), lambda _b, _c, aspect: at(9) if aspect is Aspect.NOTE else at(1))
    merged = merge_queues(None, late_note, Side(state_of(right), lambda *_: at(5)))
    kept = items_of(merged)[COMMITS[0]]
    assert (kept.assignee, kept.note) == ("bo", "one")


@given(st.lists(st.integers(0, 30), unique=True), st.lists(st.integers(0, 30), unique=True), st.permutations(range(31)))
def test_merge_sequence_of_parts_of_one_order_keeps_it(left: list[int], right: list[int], order: list[int]) -> None:
    one = sorted(left, key=order.index)
    two = sorted(right, key=order.index)
    merged = merge_sequence(one, two, key=order.index, of=set(range(31)))
    assert merged == sorted({*left, *right}, key=order.index)


@given(st.lists(st.integers(0, 9), unique=True), st.lists(st.integers(0, 9), unique=True))
def test_merge_sequence_keeps_the_order_of_each_side_unless_they_contradict(left: list[int], right: list[int]) -> None:
    shared_left = [n for n in left if n in right]
    shared_right = [n for n in right if n in left]
    merged = merge_sequence(left, right, key=lambda n: n, of=set(range(10)))
    assert sorted(merged) == sorted({*left, *right})
    if shared_left == shared_right:
        assert [n for n in merged if n in left] == left
        assert [n for n in merged if n in right] == right


@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_merge_set_takes_additions_and_removals_of_both(base: set[int], left: set[int], right: set[int]) -> None:
    merged = set(merge_set(sorted(base), sorted(left), sorted(right), key=int))
    assert merged == {n for n in left | right if n not in base or (n in left and n in right)}
