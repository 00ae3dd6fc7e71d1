"""Votes: approvals, objections, and what a project's policy makes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backportq.errors import ConfigError, DecisionError
from backportq.model.commit import Identity
from backportq.model.ids import Oid
from backportq.model.items.decisions import decline
from backportq.model.items.item import Item
from backportq.model.items.records import Actor
from backportq.model.items.votes import approve, is_approved, object_to, tally, wanted_approvals

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ADA = Identity("Ada Author", "ada@example.org")
BEN = Identity("Ben Branch", "ben@example.org")
ITEM = Item(Oid("1" * 40), "fix it", ADA, NOW)
TWO = {"approvals": 2}


def by(who: Identity, minute: int = 0) -> Actor:
    return Actor(who, NOW + timedelta(minutes=minute))


def test_is_approved_without_a_policy_wants_no_votes_but_hears_objections() -> None:
    assert is_approved(ITEM, {})
    assert not is_approved(object_to(ITEM, by(ADA), "too risky"), {})


def test_is_approved_counts_people_and_not_votes() -> None:
    once = approve(ITEM, by(ADA))

    assert approve(once, by(ADA, 5)) == once
    assert not is_approved(once, TWO)
    assert tally(once, TWO).why_not == "1 of 2 approvals"
    assert is_approved(approve(once, by(BEN)), TWO)
    assert not is_approved(approve(once, by(Identity("Ada", "ADA@example.org"), 5)), TWO)


def test_objection_stands_until_the_same_person_approves() -> None:
    item = approve(approve(ITEM, by(ADA)), by(BEN, 1))
    objected = object_to(item, by(ADA, 2), " it breaks guests ")

    assert tally(objected, TWO).why_not == "Ada Author objects: it breaks guests"
    assert not is_approved(approve(objected, by(Identity("Cid", "cid@example.org"), 3)), TWO)
    assert is_approved(approve(objected, by(ADA, 3)), TWO)
    assert len(approve(objected, by(ADA, 3)).votes) == 4


def test_votes_of_one_second_count_in_the_order_in_which_they_were_given() -> None:
    objected = object_to(ITEM, by(ADA), "no")

    assert is_approved(approve(objected, by(ADA)), {})
    assert not is_approved(object_to(approve(objected, by(ADA)), by(ADA), "no"), {})


def test_object_without_a_reason_is_refused() -> None:
    with pytest.raises(DecisionError, match="a reason is needed to object to '111111111111'"):
        object_to(ITEM, by(ADA), "  ")


def test_vote_on_a_closed_item_is_refused() -> None:
    with pytest.raises(DecisionError, match="'111111111111' is declined and cannot be approved"):
        approve(decline(ITEM, by(BEN), "no"), by(ADA))


@pytest.mark.parametrize("value", [-1, True, "2", 1.5])
def test_wanted_approvals_refuses_what_is_no_number(value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        wanted_approvals({"approvals": value})

    assert caught.value.message == f"config.toml: key 'policy.approvals': wanted a number from 0, found '{value}'"
