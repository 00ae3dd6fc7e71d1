"""Hypothesis strategies for queue values: everything that may be stored, parts shared so that collisions happen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from types import MappingProxyType

from hypothesis import strategies as st

from backportq.model.commit import Identity
from backportq.model.ids import Oid
from backportq.model.items.item import OPEN_STATES, Item, Priority, State
from backportq.model.items.nomination import Nomination, Via
from backportq.model.items.records import Ballot, SupersededValue, TaskEvent, TaskWord, Vote

NASTY = [
    '"',
    "\\",
    "\r\n",
    "\x00",
    "\x1b[31m",
    "\u202e",
    "\u200b",
    "'''",
    '"""',
    "# no comment",
    "[item]",
    "\U000e0041",
]

texts = st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
optional_texts = st.none() | texts
oids = st.one_of(
    st.sampled_from([Oid("a" * 40), Oid("b" * 40), Oid("c" * 64)]),
    st.text("0123456789abcdef", min_size=40, max_size=40).map(Oid),
)
zones = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30))])
moments = st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1), timezones=zones)  # noqa: DTZ001 - zones are given
days = st.dates(date(1971, 1, 1), date(9998, 1, 1))
scalars = st.one_of(
    texts,
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    moments,
    days,
    st.times(),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
extras = st.dictionaries(texts.map(lambda text: f"x-{text}"), values, max_size=2).map(MappingProxyType)


def _part(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable() and sign not in "<>").strip()


identities = st.builds(Identity, name=texts.map(_part), mail=texts.map(_part))
nominations = st.builds(
    Nomination,
    via=st.sampled_from(Via),
    text=optional_texts,
    by=optional_texts,
    at=st.none() | moments,
    target=st.none() | oids,
    branch=optional_texts,
    commit=st.none() | oids,
    rule=optional_texts,
    message_id=optional_texts,
    due=st.none() | moments,
    extra=extras,
)
events = st.builds(
    TaskEvent,
    what=st.sampled_from(TaskWord),
    who=texts,
    at=moments,
    by=optional_texts,
    due=st.none() | days,
    text=optional_texts,
    message_id=optional_texts,
    extra=extras,
)
votes = st.builds(Vote, ballot=st.sampled_from(Ballot), by=texts, at=moments, reason=optional_texts, extra=extras)
overruled = st.builds(SupersededValue, field=texts, value=texts, by=optional_texts, at=st.none() | moments)


def items(*, closed: bool = False) -> st.SearchStrategy[Item]:
    """Return items that belong into one of the two files, every field drawn."""
    return st.builds(
        Item,
        commit=oids,
        subject=texts,
        author=identities,
        committed=moments,
        state=st.sampled_from([state for state in State if (state in OPEN_STATES) != closed]),
        assignee=optional_texts,
        priority=st.sampled_from(Priority),
        priority_by=optional_texts,
        note=optional_texts,
        reason=optional_texts,
        by=optional_texts,
        at=st.none() | moments,
        until=st.none() | days,
        due=st.none() | days,
        pick=st.none() | oids,
        linked=st.none() | oids,
        staged=st.booleans(),
        needs=st.lists(oids, max_size=4).map(tuple),
        nominations=st.lists(nominations, max_size=3).map(tuple),
        tasks=st.lists(events, max_size=2).map(tuple),
        votes=st.lists(votes, max_size=2).map(tuple),
        history=st.lists(overruled, max_size=2).map(tuple),
        extra=extras,
    )
