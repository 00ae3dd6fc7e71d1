"""The table of an item's keys in `docs/queue-format.md`, written from what the classes declare.

`python -m backportq.cli.docs.queue_format docs/queue-format.md` puts it between its marks; a test compares it. This
module must not know the rest of that page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from backportq.model.declared import Declaration, Shape, declarations_of
from backportq.model.items.aspects import Aspect
from backportq.model.items.item import ITEM_FIELDS

BEGIN = "<!-- the keys of an item, written by `make docs` -->"
END = "<!-- end of the keys -->"


def item_keys() -> str:
    """Return the table, one row for each key."""
    return "\n".join(_lines()) + "\n"


def with_item_keys(page: str) -> str:
    """Return the page with the table between its marks written anew."""
    before, _, rest = page.partition(f"{BEGIN}\n")
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n{item_keys()}{END}{after}"


def _lines() -> Iterator[str]:
    yield "| key | holds | decided with | meaning |"
    yield "|---|---|---|---|"
    for field in ITEM_FIELDS:
        name = f"`{field.name}`" + (", required" if field.is_required else "")
        together = f"`{field.merge}`" if isinstance(field.merge, Aspect) else ""
        yield f"| {name} | {_shape(field)} | {together} | {field.meaning}{_inner(field)} |"


def _shape(field: Declaration) -> str:
    return str(field.shape)


def _inner(field: Declaration) -> str:
    """Return the keys of the records that a field lists, with the words that they take."""
    if field.shape not in {Shape.RECORD, Shape.RECORDS}:
        return ""
    return ": " + ", ".join(f"`{inner.name}`{_words(inner)}" for inner in declarations_of(cast("Any", field.of)))


def _words(field: Declaration) -> str:
    if field.shape is not Shape.WORD:
        return ""
    return " (" + ", ".join(f"`{word}`" for word in cast("type[StrEnum]", field.of)) + ")"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_item_keys(path.read_text()))
