"""Hypothesis strategies for queue values: everything that may be stored, parts shared so that collisions happen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar, cast

from hypothesis import strategies as st

from backportq.model.commit import Identity
from backportq.model.declared import Declaration, Shape, declarations_of, has_extra
from backportq.model.ids import Oid
from backportq.model.items.item import OPEN_STATES, Item, State
from backportq.model.items.nomination import Nomination

Record = TypeVar("Record")

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
_SHAPES: Mapping[Shape, st.SearchStrategy[object]] = {
    Shape.TEXT: texts,
    Shape.NAME: texts,
    Shape.IDENTITY: identities,
    Shape.OID: oids,
    Shape.OIDS: st.lists(oids, max_size=4).map(tuple),
    Shape.TEXTS: st.lists(texts, max_size=3).map(tuple),
    Shape.MOMENT: moments,
    Shape.DAY: days,
    Shape.FLAG: st.booleans(),
}


def field_values(field: Declaration) -> st.SearchStrategy[object]:
    """Return what a field of a record may hold when it says something."""
    if field.shape is Shape.WORD:
        return st.sampled_from(cast("type[StrEnum]", field.of))
    if field.shape is Shape.RECORD:
        return records(cast("type[object]", field.of))
    if field.shape is Shape.RECORDS:
        return st.lists(records(cast("type[object]", field.of)), max_size=3).map(tuple)
    return _SHAPES[field.shape]


def records(kind: type[Record], **chosen: st.SearchStrategy[object]) -> st.SearchStrategy[Record]:
    """Return records with every declared field drawn, and unknown keys where the class keeps them."""
    drawn = {
        field.field: field_values(field) if field.is_required else st.just(field.default) | field_values(field)
        for field in declarations_of(cast("Any", kind))
    }
    if has_extra(cast("Any", kind)):
        drawn["extra"] = extras
    return st.builds(kind, **{**drawn, **chosen})


def items(*, closed: bool = False) -> st.SearchStrategy[Item]:
    """Return items that belong into one of the two files, every field drawn."""
    return records(Item, state=st.sampled_from([state for state in State if (state in OPEN_STATES) != closed]))


nominations = records(Nomination)
