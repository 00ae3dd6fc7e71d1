"""Every field of an item is declared, and every declared field is merged: a forgotten one would be lost in silence."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.model.config import Config
from backportq.model.declared import Declaration
from backportq.model.ids import BranchName
from backportq.model.items.aspects import Aspect, Collected
from backportq.model.items.item import ITEM_FIELDS, Item
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.model.merge.queues import Side, merge_queues
from tests.queue import strategies

_AT_ONCE = 5
BRANCH = BranchName("stable-1.0")


CHANGEABLE = [field for field in ITEM_FIELDS if field.merge not in {Collected.FACT, Collected.HISTORY}]
DECIDED = [field for field in ITEM_FIELDS if isinstance(field.merge, Aspect)]


def _state(item: Item) -> QueueState:
    queue = BranchQueue(BRANCH, (item,)) if item.state.is_open else BranchQueue(BRANCH, closed=(item,))
    return QueueState(Config(BranchName("master")), branches={BRANCH: queue})


def _with(item: Item, field: Declaration, value: object) -> Item:
    changes: dict[str, Any] = {field.field: value}
    return replace(item, **changes)


def _merged(base: Item, ours: Item, theirs: Item) -> Item:
    queue = merge_queues(_state(base), Side(_state(ours)), Side(_state(theirs))).branches[BRANCH]
    (item,) = (*queue.open, *queue.closed)
    return item


def test_every_field_of_an_item_says_how_it_is_written_and_merged() -> None:
    declared = {field.field for field in ITEM_FIELDS}
    assert declared | {"extra"} == {field.name for field in dataclasses.fields(Item)}
    assert [field.field for field in ITEM_FIELDS if not isinstance(field.merge, (Aspect, Collected))] == []
    assert [field.field for field in ITEM_FIELDS if not field.meaning] == []


def _some(fields: Sequence[Declaration]) -> list[Sequence[Declaration]]:
    """Return the fields a few at a time: to draw a whole item takes longer than to try many fields of it."""
    return [fields[start : start + _AT_ONCE] for start in range(0, len(fields), _AT_ONCE)]


@pytest.mark.parametrize("fields", _some(CHANGEABLE))
def test_a_field_that_one_side_changed_is_merged(fields: Sequence[Declaration]) -> None:
    @given(strategies.items(), st.data())
    def holds(base: Item, data: st.DataObject) -> None:
        for field in fields:
            value = data.draw(strategies.field_values(field))
            changed = _with(base, field, value)
            assert getattr(_merged(base, changed, base), field.field) == value, field
            assert getattr(_merged(base, base, changed), field.field) == value, field

    holds()


@pytest.mark.parametrize("fields", _some(DECIDED))
def test_a_field_that_both_sides_changed_is_that_of_one_side_whoever_merges(fields: Sequence[Declaration]) -> None:
    @given(strategies.items(), st.data())
    def holds(base: Item, data: st.DataObject) -> None:
        for field in fields:
            mine, others = (data.draw(strategies.field_values(field)) for _ in range(2))
            ours, theirs = (_with(base, field, value) for value in (mine, others))
            merged = _merged(base, ours, theirs)
            assert getattr(merged, field.field) in {mine, others}, field
            assert merged == _merged(base, theirs, ours), field

    holds()


@given(strategies.items(), strategies.items())
def test_unknown_keys_of_one_side_are_merged(base: Item, other: Item) -> None:
    assert _merged(base, replace(base, extra=other.extra), base).extra == other.extra
