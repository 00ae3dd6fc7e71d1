"""Queries: every condition, negation, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from backportq.errors import UsageError
from backportq.model.commit import Identity
from backportq.model.ids import Oid
from backportq.model.items.item import Item
from backportq.model.items.nomination import Nomination, Via
from backportq.model.items.query import Facets, parse_query
from backportq.model.priority import Priority

TODAY = date(2026, 6, 1)
ITEM = Item(
    Oid("12ab" * 10),
    "x86/hvm: fix the thing",
    Identity("Ada Author", "ada@example.org"),
    datetime(2026, 5, 1, tzinfo=UTC),
    assignee="ben",
    priority=Priority.HIGH,
    due=date(2026, 5, 31),
    nominations=(Nomination(Via.FIXES),),
)
FACETS = Facets(
    ITEM,
    "stable-4.18",
    "pending",
    "clean",
    ("xen/arch/x86/hvm/hvm.c",),
    0.25,
    branches=3,
    message="x86/hvm: fix the thing\n\nIt makes guests Crash.\n",
    deviations=("identical", "functional"),
)


@pytest.mark.parametrize(
    ("query", "admitted"),
    [
        ("", True),
        ("branch:stable-4.18 state:pending", True),
        ("branch:stable-4.17,stable-4.18", True),
        ("branch:stable-4.17", False),
        ("-branch:stable-4.17", True),
        ("likely>0.2", True),
        ("likely>=0.25", True),
        ("likely<0.25", False),
        ("-likely<0.25", True),
        ("overdue", True),
        ("-overdue", False),
        ("unassigned", False),
        ("assignee:me", True),
        ("assignee:ada", False),
        ("priority:security,high", True),
        ("verdict:conflict", False),
        ("via:fixes", True),
        ("author:ADA@", True),
        ("'subject:fix the'", True),
        ("commit:12AB12", True),
        ("path:xen/arch/x86/", True),
        ("path:xen/arch/*/hvm/*.c -path:tools/", True),
        ("noted", False),
        ("age>30", True),
        ("age>31d", False),
        ("age<5w age>=1m", True),
        ("age>1y", False),
        ("date>=2026-05-01", True),
        ("date<2026-05-01", False),
        ("-date>2026-05-01", True),
        ("due<2026-06-01", True),
        ("due>=2026-06-01", False),
        ("branches>2", True),
        ("branches=3", True),
        ("branches>3", False),
        ("text:crash", True),
        ("text:leak", False),
        ("deviation:identical", True),
        ("deviation:none,context", False),
        ("staged", False),
    ],
)
def test_query_admits_what_its_words_say(query: str, *, admitted: bool) -> None:
    assert replace(parse_query(query), me="ben").admits(FACETS, TODAY) is admitted


def test_query_says_what_must_be_looked_up_for_it() -> None:
    assert parse_query("verdict:clean").needs_verdicts
    assert parse_query("-path:x").asks_for("path")
    assert not parse_query("branch:x").needs_verdicts


@pytest.mark.parametrize(
    ("query", "message", "hint"),
    [
        ("branhc:x", "'branhc:x' is no condition of a query", "did you mean 'branch:'?"),
        ("overdu", "'overdu' is no condition of a query", "did you mean 'overdue'?"),
        ("kaboom", "'kaboom' is no condition of a query", "text:kaboom looks for it in messages and notes"),
        ("age>soon", "'age>soon' compares with 'soon'", "for example age>90"),
        ("date>2026-02-30", "'date>2026-02-30' compares with '2026-02-30'", "for example date>=2026-01-31"),
        ("likely<20", "'likely<20' compares with '20'", "for example likely<0.2"),
        ("branches>many", "'branches>many' compares with 'many'", "for example branches>2"),
        ("branch:", "'branch:' lacks a value", "for example branch:stable-4.18"),
        ("branch:'x", "the query 'branch:'x' has an open quote", "close it, or escape it"),
        ("x" * 4_001, "the query has 4001 characters, wanted at most 4000", None),
    ],
)
def test_query_refuses_unknown_words(query: str, message: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        parse_query(query)

    assert caught.value.message == message
    assert caught.value.hints[:1] == ((hint,) if hint else ())
