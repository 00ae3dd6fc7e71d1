"""Large queue files are read item by item: whatever stands in them, it means what the whole file means as TOML."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backportq.errors import BackportqError, SchemaError
from backportq.model.items.item import Item
from backportq.queue.codec import items as codec
from backportq.queue.codec.items import ItemFile, read_by_item, read_items, write_items
from backportq.queue.codec.stored_state import source_of
from backportq.queue.toml.reader import TomlSource
from tests.queue import strategies

BRANCH, PATH = "stable-1.0", "queue/stable-1.0.toml"
HEAD = f'schema = 1\nbranch = "{BRANCH}"\n'
ITEM = (
    '\n[[item]]\ncommit = "{}"\nsubject = "a \\"b\\" \\\\"\nauthor = "A <a@example.org>"\n'
    'committed = 2026-05-19T09:12:33+02:00\nstate = "pending"\npriority = "normal"\n'
    'nominations = [\n  {{ via = "trailer", text = "Backport: 1.0", by = "A <a@example.org>" }},\n]\n'
)
ONE, TWO, THREE = (ITEM.format(digit * 40) for digit in "abc")
FRAGMENTS = (
    '"', "'", '"""', "'''", '"""\n', "\n", "\r\n", "\t", "\\", "\\u0041", "#", ",", ", ", " ", "{", "}", "[", "]",
    "true", "x = 1\n", "[other]\n", "[item.other]\n", "[[item]]\n", "\n[[item]]\n", "[[ item ]]\n", "item = 1\n",
    'x = """\n', "x = [\n", "]\n", "\ufeff", "٣", "24:00:00", "0000-01-01", 'due = 2026-02-30\n', 'assignee = ""\n',
    "staged = true\n", 'note = "x"\n', "extra.a = 1\n", 'state = "landed"\n', "\x7f", "\x85", "\u2028",
)  # fmt: skip


def _of_whole(text: str) -> ItemFile | None:
    try:
        return read_items(source_of(PATH, text.encode()), BRANCH, closed=False)
    except BackportqError:
        return None


def _one_by_one(text: str) -> ItemFile | None:
    try:
        return read_by_item(source_of(PATH, text.encode()), BRANCH, closed=False)
    except BackportqError:
        return None


@settings(max_examples=150)
@given(
    st.lists(strategies.items(), max_size=4, unique_by=lambda item: item.commit).map(tuple),
    strategies.extras,
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 8), st.sampled_from(FRAGMENTS)), max_size=3),
)
def test_items_one_by_one_mean_what_the_whole_file_means(
    items: tuple[Item, ...], extra: MappingProxyType[str, object], edits: list[tuple[int, int, str]]
) -> None:
    text = write_items(ItemFile(BRANCH, items, extra)).decode() + ONE
    for at, removed, fragment in edits:
        start = at % (len(text) + 1)
        text = text[:start] + fragment + text[start + removed :]
    found = _one_by_one(text)
    if found is not None:
        assert found == _of_whole(text)


@settings(max_examples=400)
@given(st.lists(st.sampled_from((ONE, TWO, THREE, *FRAGMENTS)), max_size=6), st.integers(0, 6))
@example([ONE, 'note = """\n', TWO, '"""\n'], 6)
@example([ONE, "x = [\n", TWO, "]\n", THREE], 6)
@example([ONE, "[other]\n", TWO, "[other]\n"], 6)
@example([ONE, TWO, ONE], 6)
@example(["[[item]]\n", ONE], 6)
@example(["item = 1\n", ONE], 6)
def test_parts_put_together_at_random_mean_the_same(parts: list[str], head_at: int) -> None:
    text = "".join((*parts[:head_at], HEAD, *parts[head_at:])) if head_at < len(parts) else HEAD + "".join(parts)
    found = _one_by_one(text)
    if found is not None:
        assert found == _of_whole(text)


def test_what_we_write_needs_no_toml_document(monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + ONE + TWO.replace('state = "pending"', 'state = "pending"\nowner = "unknown key"') + THREE
    read: list[bytes] = []
    document = codec._read_document

    def spied(source: TomlSource, branch: str, *, closed: bool) -> ItemFile:
        read.append(source.data)
        return document(source, branch, closed=closed)

    monkeypatch.setattr(codec, "_read_document", spied)
    found = _one_by_one(text)
    assert found is not None
    assert [item.commit[0] for item in found.items] == ["a", "b", "c"]
    assert read[0].decode() == HEAD + TWO.replace('state = "pending"', 'state = "pending"\nowner = "unknown key"')


def test_errors_of_a_large_file_name_its_lines() -> None:
    text = HEAD + "".join(ITEM.format(f"{number:040x}") for number in range(1000)) + ONE.replace("pending", "pendng")
    with pytest.raises(BackportqError, match=r":11009:1: key 'item.state'"):
        read_items(source_of(PATH, text.encode()), BRANCH, closed=False)


def test_schema_of_thousands_of_digits_is_shown_shortened() -> None:
    with pytest.raises(SchemaError) as caught:
        read_items(source_of(PATH, HEAD.replace("1", "9" * 4000, 1).encode()), BRANCH, closed=False)
    assert len(str(caught.value)) < 300
