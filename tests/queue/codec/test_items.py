"""The queue files: canonical bytes, lossless round trips, and errors that say where and what."""

from __future__ import annotations

import dataclasses
import time
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from backportq.errors import BackportqError
from backportq.model.commit import Identity
from backportq.model.ids import Oid
from backportq.model.items.item import Item, State
from backportq.model.items.nomination import Nomination, Via
from backportq.model.priority import Priority
from backportq.queue.codec.items import ItemFile, read_items, write_items
from backportq.queue.codec.stored_state import source_of
from tests.queue import strategies

A, B, C = Oid("a" * 40), Oid("b" * 40), Oid("c" * 40)
CEST = timezone(timedelta(hours=2))

FULL = Item(
    commit=A,
    subject="x86/hvm: fix the thing",
    author=Identity("Ada Author", "ada@example.org"),
    committed=datetime(2026, 5, 19, 9, 12, 33, tzinfo=CEST),
    state=State.PENDING,
    assignee="cora",
    priority=Priority.NORMAL,
    note="seen by two users",
    needs=(B,),
    nominations=(
        Nomination(Via.TRAILER, text="Backport: 4.16+", by="Ada Author <ada@example.org>"),
        Nomination(Via.FIXES, text='Fixes: 3f2a12ab34cd ("x86/hvm: add the thing")', target=C),
        Nomination(
            Via.PERSON,
            by="Rob Requester <rob@example.org>",
            at=datetime(2026, 6, 1, 10, tzinfo=UTC),
            text="crashes here",
        ),
        Nomination(Via.NEWER_BRANCH, branch="stable-4.19", commit=B),
        Nomination(Via.FOLLOW_UP, target=C),
    ),
)
CANONICAL = f"""\
schema = 1
branch = "stable-4.18"

[[item]]
commit = "{A}"
subject = "x86/hvm: fix the thing"
author = "Ada Author <ada@example.org>"
committed = 2026-05-19T09:12:33+02:00
state = "pending"
assignee = "cora"
priority = "normal"
note = "seen by two users"
needs = ["{B}"]
nominations = [
  {{ via = "trailer", text = "Backport: 4.16+", by = "Ada Author <ada@example.org>" }},
  {{ via = "fixes", text = "Fixes: 3f2a12ab34cd (\\"x86/hvm: add the thing\\")", target = "{C}" }},
  {{ via = "person", by = "Rob Requester <rob@example.org>", at = 2026-06-01T10:00:00Z, text = "crashes here" }},
  {{ via = "newer-branch", branch = "stable-4.19", commit = "{B}" }},
  {{ via = "follow-up", target = "{C}" }},
]

[[item]]
commit = "{B}"
subject = "another"
author = "Ada Author <ada@example.org>"
committed = 2026-05-19T07:12:33Z
state = "deferred"
priority = "high"
"""
PLAIN = Item(
    B,
    "another",
    Identity("Ada Author", "ada@example.org"),
    datetime(2026, 5, 19, 7, 12, 33, tzinfo=UTC),
    state=State.DEFERRED,
    priority=Priority.HIGH,
)


def read(text: str | bytes, *, branch: str = "stable-4.18", closed: bool = False) -> ItemFile:
    data = text.encode() if isinstance(text, str) else text
    return read_items(source_of(f"{'closed' if closed else 'queue'}/{branch}.toml", data), branch, closed=closed)


def test_write_items_example_of_the_design_is_canonical() -> None:
    assert write_items(ItemFile("stable-4.18", (FULL, PLAIN), MappingProxyType({}))).decode() == CANONICAL


def test_read_items_canonical_text_gives_the_values() -> None:
    assert read(CANONICAL) == ItemFile("stable-4.18", (FULL, PLAIN), MappingProxyType({}))


def test_strategies_draw_every_field_of_an_item() -> None:
    drawn: set[str] = set()

    @settings(max_examples=200, database=None)
    @given(strategies.items())
    def collect(item: Item) -> None:
        default = Item(item.commit, item.subject, item.author, item.committed)
        drawn.update(f.name for f in dataclasses.fields(Item) if getattr(item, f.name) != getattr(default, f.name))

    collect()
    always = {"commit", "subject", "author", "committed"}
    assert drawn | always == {field.name for field in dataclasses.fields(Item)}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(strategies.items(), max_size=4, unique_by=lambda item: item.commit).map(tuple),
    strategies.extras,
    st.sampled_from(["stable-4.18", "release/1.2", "ünï"]),
)
def test_items_round_trip_any_values(
    items: tuple[Item, ...], extra: MappingProxyType[str, object], branch: str
) -> None:
    file = ItemFile(branch, items, extra)
    written = write_items(file)
    assert read(written, branch=branch) == file
    assert write_items(read(written, branch=branch)) == written


@settings(max_examples=60, deadline=None)
@given(st.lists(strategies.items(closed=True), min_size=1, max_size=3, unique_by=lambda item: item.commit).map(tuple))
def test_items_written_by_another_writer_read_the_same(items: tuple[Item, ...]) -> None:
    file = ItemFile("stable-4.18", items, MappingProxyType({}))
    foreign = tomli_w.dumps(tomllib.loads(write_items(file).decode()))
    assert read(foreign, closed=True) == file
    assert write_items(read(foreign, closed=True)) == write_items(file)


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(), min_size=2, max_size=5))
def test_write_items_equal_extras_in_another_order_are_equal_bytes(extra: dict[str, int]) -> None:
    backwards = dict(reversed(extra.items()))
    files = [
        ItemFile("b", (dataclasses.replace(PLAIN, extra=MappingProxyType(one)),), MappingProxyType(one))
        for one in (extra, backwards)
    ]
    assert write_items(files[0]) == write_items(files[1])


def test_write_items_hides_nothing_a_terminal_would_obey() -> None:
    item = dataclasses.replace(PLAIN, subject="a\x1b[31m\u202eb\u200b\x7f\r\n\u2028")
    written = write_items(ItemFile("b", (item,), MappingProxyType({}))).decode()
    assert 'subject = "a\\u001B[31m\\u202Eb\\u200B\\u007F\\r\\n\\u2028"' in written
    assert read(written, branch="b").items == (item,)


def test_write_items_lone_surrogate_becomes_the_replacement_character() -> None:
    item = dataclasses.replace(PLAIN, subject="a\udcffb")
    file = read(write_items(ItemFile("b", (item,), MappingProxyType({}))), branch="b")
    assert file.items[0].subject == "a\ufffdb"


def without(text: str, line: str) -> str:
    assert f"{line}\n" in text
    return text.replace(f"{line}\n", "", 1)


ONE = CANONICAL.split('\n[[item]]\ncommit = "b', maxsplit=1)[0]
ERRORS = {
    "syntax": (ONE.replace('"pending"', "pending"), "9:9: wanted TOML: invalid value, found 'state = pending'"),
    "state": (
        ONE.replace('"pending"', '"pendng"'),
        "9:1: key 'item.state': wanted one of 'pending', 'in-progress', 'deferred', found 'pendng'",
    ),
    "closed state": (
        ONE.replace('"pending"', '"declined"'),
        "9:1: key 'item.state': wanted one of 'pending', 'in-progress', 'deferred', found 'declined'",
    ),
    "priority": (
        ONE.replace('"normal"', "7"),
        "11:1: key 'item.priority': wanted one of 'security', 'high', 'normal', 'low', found '7'",
    ),
    "short id": (
        ONE.replace(f'commit = "{A}"', 'commit = "abc"'),
        "5:1: key 'item.commit': wanted a full commit id of 40 or 64 hexadecimal digits, found 'abc'",
    ),
    "no id": (
        without(ONE, f'commit = "{A}"'),
        "4:1: key 'item.commit': wanted a full commit id of 40 or 64 hexadecimal digits, found nothing",
    ),
    "no offset": (
        ONE.replace("09:12:33+02:00", "09:12:33"),
        (
            "8:1: key 'item.committed': wanted a date and time with an offset such as 2026-06-01T10:00:00Z, "
            "found '2026-05-19T09:12:33'"
        ),
    ),
    "no date": (
        without(ONE, "committed = 2026-05-19T09:12:33+02:00"),
        "4:1: key 'item.committed': wanted a date and time with an offset such as 2026-06-01T10:00:00Z, found nothing",
    ),
    "note": (ONE.replace('"seen by two users"', "[1]"), "12:1: key 'item.note': wanted a string, found an array"),
    "need": (
        ONE.replace(f'needs = ["{B}"]', 'needs = [\n  "x\\u001B",\n]'),
        "14:3: key 'item.needs': wanted a full commit id of 40 or 64 hexadecimal digits, found 'x\\u001B'",
    ),
    "via": (
        ONE.replace('via = "fixes"', 'via = "fixs"'),
        (
            "16:5: key 'item.nominations.via': wanted one of 'trailer', 'fixes', 'person', 'mail', 'rule', "
            "'newer-branch', 'follow-up', 'revert', found 'fixs'"
        ),
    ),
    "target": (
        ONE.replace(f'target = "{C}" }},\n  {{ via = "person"', 'target = 3 },\n  { via = "person"'),
        "16:79: key 'item.nominations.target': wanted a full commit id of 40 or 64 hexadecimal digits, found '3'",
    ),
    "nomination": (
        ONE.replace("nominations = [", 'nominations = [\n  "me",'),
        "15:3: key 'item.nominations': wanted a table, found 'me'",
    ),
    "branch": (
        ONE.replace('branch = "stable-4.18"\n', 'branch = "stable-4.19"\n', 1),
        "2:1: key 'branch': wanted 'stable-4.18', as the file is named, found 'stable-4.19'",
    ),
    "no schema": (ONE.replace("schema = 1\n", ""), "1:1: key 'schema': wanted the number 1, found nothing"),
    "schema word": (ONE.replace("schema = 1", "schema = true"), "1:1: key 'schema': wanted the number 1, found 'true'"),
    "twice": (
        f"{ONE}\n{ONE.partition(chr(10) * 2)[2]}",
        f"23:1: key 'item.commit': wanted each commit once, found '{A}' a second time",
    ),
    "item": (
        'schema = 1\nbranch = "stable-4.18"\nitem = "x"\n',
        "3:1: key 'item': wanted an array of tables, found 'x'",
    ),
    "deep": (
        f'schema = 1\nx = {"[" * 100}{"]" * 100}\nbranch = "stable-4.18"\n',
        "2:1: key 'x': wanted at most 32 levels of nesting, found more",
    ),
    "deepest": (f"schema = 1\nx = {'[' * 9999}", " wanted TOML, found tables or arrays nested too deeply"),
    "digits": (f"schema = 1\nx = {'1' * 9999}\n", " wanted TOML, found a number of too many digits"),
    "bytes": ('schema = 1\nbranch = "\udcff"\n', "2:11: wanted UTF-8, found byte 0xff"),
}


@pytest.mark.parametrize("case", list(ERRORS))
def test_read_items_malformed_says_where_which_key_what_was_wanted_and_found(case: str) -> None:
    text, said = ERRORS[case]
    with pytest.raises(BackportqError) as caught:
        read(text.encode("utf-8", "surrogateescape"))
    assert str(caught.value) == f"queue/stable-4.18.toml:{said}"
    assert caught.value.hints == ("backportq edit stable-4.18",)
    assert type(caught.value).__name__ == "QueueFileError"


def test_read_items_newer_schema_is_refused_with_what_to_do() -> None:
    with pytest.raises(BackportqError) as caught:
        read("schema = 2\nwhatever = true\n")
    assert type(caught.value).__name__ == "SchemaError"
    assert str(caught.value) == "queue/stable-4.18.toml has schema 2, wanted at most 1: a newer backportq wrote it"
    assert caught.value.hints == ("install the newest backportq, for example with 'pipx upgrade backportq'",)


def test_items_ten_thousand_read_and_write_in_bounded_time() -> None:
    items = tuple(dataclasses.replace(FULL, commit=Oid(f"{number:040x}")) for number in range(10_000))
    start = time.process_time()
    written = write_items(ItemFile("stable-4.18", items, MappingProxyType({})))
    between = time.process_time()
    assert len(read(written).items) == 10_000
    assert between - start < 2  # 0.2 s where this was written
    assert time.process_time() - between < 5  # 0.6 s where this was written
