"""Writing `config.toml` and `people.toml`: canonical when new, otherwise with the comments and layout of their authors.

Only the keys whose values differ are touched in the text, and the result is read back before it is used. It must not
know the keys' meanings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from backportq.errors import BackportqError
from backportq.model.merge.tables import entry_name
from backportq.queue.toml.positions import position_of
from backportq.queue.toml.writer import inline, written_key

Value = TypeVar("Value")
Document = Mapping[str, object]


def document_bytes(table: Document) -> bytes:
    """Return the canonical text of a document: values, then tables, then arrays of tables, one blank line between."""
    lines = [f"{written_key(key)} = {inline(value)}" for key, value in table.items() if not _is_block(value)]
    blocks = [(key, value) for key, value in table.items() if _is_block(value)]
    for key, value in sorted(blocks, key=lambda block: isinstance(block[1], list)):
        for entry in _tables(value):
            lines += ["", *_lines(key, entry, is_array=isinstance(value, list))]
    return ("\n".join(lines) + "\n").encode()


def rewritten(old: bytes, before: Document, after: Document, read: Callable[[bytes], Value], wanted: Value) -> bytes:
    """Return `old`, which stands for `before`, changed to stand for `after`; `read` of the result gives `wanted`.

    Where the layout cannot be kept (a dotted key, an inline array of tables), the canonical text is returned instead.
    """
    import tomlkit  # slow to import and needed only where people's comments are to be kept
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(old.decode("utf-8-sig"))
        added = _change(document, before, after)
        text = tomlkit.dumps(document)
        for key, entry in reversed(added):
            text = _inserted(text, key, entry, after)
        made = text.encode()
        if read(made) == wanted:
            return made
    except (TOMLKitError, BackportqError, KeyError, TypeError, ValueError, AttributeError):
        # tomlkit refuses some edits of unusual layouts with bare exceptions; the canonical text is always right
        return document_bytes(after)
    return document_bytes(after)


def _is_block(value: object) -> bool:
    """Tell whether a value of the document stands under a header of its own: a table, or tables with names."""
    if isinstance(value, dict):
        return bool(value)
    return isinstance(value, list) and bool(value) and all(entry_name(item) is not None for item in value)


def _inserted(text: str, key: str, entry: Document, after: Document) -> str:
    """Return `text` with a new entry before the one that follows it in `after`, or at the end.

    As text, because tomlkit puts new tables right behind the last line, between a comment and what it is about.
    """
    import tomli

    block = "\n".join(_lines(key, entry))
    entries = _tables(after[key])
    later = [entry_name(other) for other in entries[entries.index(dict(entry)) + 1 :]]
    there = [entry_name(other) for other in tomli.loads(text).get(key, [])]
    following = next((identity for identity in later if identity in there), None)
    if following is None:
        return f"{text.rstrip(chr(10))}\n\n{block}\n"
    lines = text.split("\n")
    place = position_of(text, (key, there.index(following)))[0] - 1
    while place > 0 and lines[place - 1].startswith("#"):
        place -= 1
    return "\n".join([*lines[:place], block, "", *lines[place:]])


def _tables(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else [value]  # type: ignore[list-item]


def _lines(key: str, table: Document, *, is_array: bool = True) -> list[str]:
    header = f"[[{written_key(key)}]]" if is_array else f"[{written_key(key)}]"
    return [header, *(f"{written_key(inner)} = {inline(found)}" for inner, found in table.items())]


def _change(target: Any, before: Document, after: Document) -> list[tuple[str, Document]]:
    """Change `target` in place, and return the entries that are new at the end of arrays of tables."""
    import tomlkit

    added: list[tuple[str, Document]] = []
    for key in before:
        if key not in after:
            del target[key]
    for key, value in after.items():
        old = before.get(key)
        if key in before and old == value:
            continue
        if isinstance(value, list) and _is_block(value):
            known = old if isinstance(old, list) and key in target else []
            added += [(key, entry) for entry in _change_entries(target.get(key), known, value)]
        elif isinstance(value, dict) and isinstance(old, dict) and key in target:
            _change(target[key], old, value)
        elif isinstance(value, dict) and _is_block(value):
            table = tomlkit.table()
            for inner, found in value.items():
                table.add(inner, tomlkit.value(inline(found)))
            target[key] = table
        else:
            target[key] = tomlkit.value(inline(value))
    return added


def _change_entries(
    target: Any, before: list[dict[str, object]], after: list[dict[str, object]]
) -> list[dict[str, object]]:
    """Change the entries that stay, remove those that go, and return the new ones."""
    old = {entry_name(entry): entry for entry in before}
    kept = {entry_name(entry) for entry in after}
    for index in reversed(range(len(before))):
        if entry_name(before[index]) not in kept:
            del target[index]
    new = []
    for entry in after:
        identity = entry_name(entry)
        if identity in old:
            index = next(at for at, other in enumerate(target) if entry_name(other) == identity)
            _change(target[index], old[identity], entry)
        else:
            new.append(entry)
    return new
