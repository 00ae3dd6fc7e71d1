"""Writing `config.toml` and `people.toml`: canonical when new, otherwise with the comments and layout of their authors.

Only the keys whose values differ are touched in the text, and the result is read back before it is used. It must not
know the keys' meanings; entries of an array of tables are told apart by their first key (`name` or `key`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from backportq.errors import BackportqError
from backportq.queue.toml_writer import inline, written_key

Value = TypeVar("Value")
Document = Mapping[str, object]


def document_bytes(table: Document) -> bytes:
    """Return the canonical text of a document: values, then tables, then arrays of tables, one blank line between."""
    lines = [f"{written_key(key)} = {inline(value)}" for key, value in table.items() if not _is_block(key, value)]
    for key, value in table.items():
        if not _is_block(key, value):
            continue
        tables: list[dict[str, object]] = value if isinstance(value, list) else [value]  # type: ignore[list-item]
        for one in tables:
            lines += ["", f"[[{written_key(key)}]]" if isinstance(value, list) else f"[{written_key(key)}]"]
            lines += [f"{written_key(inner)} = {inline(found)}" for inner, found in one.items()]
    return ("\n".join(lines) + "\n").encode()


def rewritten(old: bytes, before: Document, after: Document, read: Callable[[bytes], Value], wanted: Value) -> bytes:
    """Return `old`, which stands for `before`, changed to stand for `after`; `read` of the result gives `wanted`.

    Where the layout cannot be kept (a dotted key, an inline array of tables), the canonical text is returned instead.
    """
    import tomlkit  # slow to import and needed only where people's comments are to be kept
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(old)
        _change(document, before, after)
        made = tomlkit.dumps(document).encode()
        if read(made) == wanted:
            return made
    except (TOMLKitError, BackportqError, KeyError, TypeError, ValueError, AttributeError):
        # tomlkit refuses some edits of unusual layouts with bare exceptions; the canonical text is always right
        return document_bytes(after)
    return document_bytes(after)


def _is_block(key: str, value: object) -> bool:
    return key in _BLOCKS and (
        isinstance(value, dict)
        or (isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value))
    )


_BLOCKS = frozenset({"policy", "branch", "rule", "trailer", "person"})


def _change(target: Any, before: Document, after: Document) -> None:
    for key in before:
        if key not in after:
            del target[key]
    for key, value in after.items():
        old = before.get(key)
        if key in before and old == value:
            continue
        if _is_block(key, value) and isinstance(value, list) and isinstance(old, list) and key in target:
            _change_entries(target[key], old, value)
        elif isinstance(value, dict) and isinstance(old, dict) and key in target:
            _change(target[key], old, value)
        else:
            _put(target, key, value)


def _change_entries(target: Any, before: list[dict[str, object]], after: list[dict[str, object]]) -> None:
    old = {_identity(one): one for one in before}
    kept = {_identity(one) for one in after}
    for index in reversed(range(len(before))):
        if _identity(before[index]) not in kept:
            del target[index]
    for one in after:
        if _identity(one) in old:
            index = next(i for i, entry in enumerate(target) if _identity(entry) == _identity(one))
            _change(target[index], old[_identity(one)], one)
        else:
            target.append(_table(one))


def _put(target: Any, key: str, value: object) -> None:
    import tomlkit

    if _is_block(key, value) and isinstance(value, list):
        entries = tomlkit.aot()
        for one in value:
            entries.append(_table(one))
        target[key] = entries
    elif _is_block(key, value) and isinstance(value, dict):
        target[key] = _table(value)
    else:
        target[key] = tomlkit.value(inline(value))


def _table(values: Mapping[str, object]) -> Any:
    import tomlkit

    table = tomlkit.table()
    for key, value in values.items():
        table.add(key, tomlkit.value(inline(value)))
    table.add(tomlkit.nl())
    return table


def _identity(entry: Mapping[str, object]) -> object:
    return entry.get("name") if "key" not in entry else entry["key"]
