"""Items between TOML and values: the files `queue/<branch>.toml` and `closed/<branch>.toml`.

The canonical layout is here and in `backportq.queue.codec.declared` and nowhere else, so that equal items are equal
bytes whoever writes them. Which keys there are, the classes declare. It must not know where the files are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from backportq.errors import BackportqError
from backportq.model.declared import Shape
from backportq.model.ids import Oid
from backportq.model.items.item import OPEN_STATES, Item, State
from backportq.model.items.queue import SCHEMA
from backportq.queue.codec.declared import record_reader
from backportq.queue.codec.plain_records import plain_reader
from backportq.queue.codec.writing import inline_record, written_value, written_values
from backportq.queue.toml.reader import (
    InvalidValueError,
    Table,
    TomlSource,
    extra_of,
    quoted_found,
    required_text,
    tables_of,
)
from backportq.queue.toml.writer import extra_lines, quoted

_OPEN = {state.value: state for state in State if state in OPEN_STATES}
_CLOSED = {state.value: state for state in State if state not in OPEN_STATES}
_ON_ONE_LINE = 2
"""So many ids fit on a line; more stand one a line."""

_HEADER = "\n[[item]]\n"
_LARGE = 100_000
"""From so many bytes on a file is read item by item: it takes a few milliseconds to prepare."""


@dataclass(frozen=True, slots=True)
class ItemFile:
    """The content of one queue file: the branch it is about, its items in file order, its unknown keys."""

    branch: str
    items: tuple[Item, ...]
    extra: Mapping[str, object]


def read_items(source: TomlSource, branch: str, *, closed: bool) -> ItemFile:
    """Return the items of a file of `branch`; raise `QueueFileError` or `SchemaError`."""
    if len(source.data) >= _LARGE:
        try:
            found = read_by_item(source, branch, closed=closed)
        except BackportqError:
            found = None  # said again by what knows the lines of the whole file
        if found is not None:
            return found
    return _read_document(source, branch, closed=closed)


def read_by_item(source: TomlSource, branch: str, *, closed: bool) -> ItemFile | None:
    """Return what `read_items` does, sooner where most items are spelled as we write them; None where it cannot tell.

    An item that is spelled otherwise is read as TOML, in a document from which the others were taken out.
    """
    head, *blocks = source.text().split(_HEADER)
    read = plain_reader(Item, words=_CLOSED if closed else _OPEN)
    plain = [read(block) for block in blocks]
    others = [block for block, item in zip(blocks, plain, strict=True) if item is None]
    rest = _HEADER.join((head, *others))
    if '"""' in rest or "'''" in rest:
        return None  # a text of several lines may hold a line that looks like the head of an item
    file = _read_document(replace(source, data=rest.encode()), branch, closed=closed)
    if len(file.items) != len(others):
        return None
    unusual = iter(file.items)
    items = tuple([next(unusual) if item is None else item for item in plain])
    is_unique = len({item.commit for item in items}) == len(items)
    return replace(file, items=items) if is_unique else None


def _read_document(source: TomlSource, branch: str, *, closed: bool) -> ItemFile:
    def decode(table: Table) -> ItemFile:
        named = required_text(table, "branch")
        if named != branch:
            raise InvalidValueError(("branch",), f"{quoted_found(branch)}, as the file is named", quoted_found(named))
        read = record_reader(Item, words=_CLOSED if closed else _OPEN)
        items: list[Item] = []
        seen: set[Oid] = set()
        for index, entry in enumerate(tables_of(table, "item")):
            try:
                item = read(entry)
            except InvalidValueError as error:
                raise error.inside("item", index) from error
            if item.commit in seen:
                where = ("item", index, "commit")
                raise InvalidValueError(where, "each commit once", f"'{item.commit}' a second time")
            seen.add(item.commit)
            items.append(item)
        return ItemFile(branch, tuple(items), extra_of(table))

    return source.read(decode)


def write_items(file: ItemFile) -> bytes:
    """Return the canonical bytes of a queue file."""
    lines = [f"schema = {SCHEMA}", f"branch = {quoted(file.branch)}", *extra_lines(file.extra)]
    for item in file.items:
        lines += ["", "[[item]]"]
        _write_item(item, lines)
    lines.append("")
    return "\n".join(lines).encode()


def _write_item(item: Item, lines: list[str]) -> None:
    for declaration, value in written_values(item):
        if declaration.shape is Shape.RECORDS:
            _write_list(declaration.name, [inline_record(record) for record in value], lines)
        elif declaration.shape is Shape.OIDS and len(value) > _ON_ONE_LINE:
            _write_list(declaration.name, [quoted(oid) for oid in value], lines)
        else:
            lines.append(f"{declaration.name} = {written_value(declaration, value)}")
    if item.extra:
        lines += extra_lines(item.extra)


def _write_list(key: str, elements: list[str], lines: list[str]) -> None:
    lines.append(f"{key} = [")
    lines += [f"  {element}," for element in elements]
    lines.append("]")
