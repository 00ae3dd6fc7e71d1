"""Merging `config.toml` and `people.toml`: by line where that gives what the keys say, by key otherwise.

People write comments and a layout of their own into these files, and a merge by line keeps those of both sides. Its
result is taken only if it means the same as the merge by key, which never conflicts. It must not read commits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backportq.errors import BackportqError
from backportq.model.merge.tables import OverruledKey, TableMerge, as_tables
from backportq.queue.codec.config import CONFIG_FILE, config_table, read_config
from backportq.queue.codec.people import PEOPLE_FILE, people_table, read_people
from backportq.queue.codec.stored_state import source_of
from backportq.queue.toml.kept_layout import document_bytes, rewritten

DOCUMENTS = (CONFIG_FILE, PEOPLE_FILE)

MergeText = Callable[[bytes, bytes, bytes], bytes | None]
"""Merge ours, base and theirs by line; None where lines conflict."""


@dataclass(frozen=True, slots=True)
class MergedDocument:
    """The merged file, and what was overruled in it."""

    content: bytes
    overruled: tuple[OverruledKey, ...]


def merge_document(
    path: str, base: bytes, ours: bytes, theirs: bytes, *, ours_is_later: Callable[[], bool | None], merge: MergeText
) -> MergedDocument:
    """Merge one of `DOCUMENTS`; an empty `base` means that there was none.

    Raise `ConfigError` or `SchemaError` where a side does not parse.
    """
    was = _table(path, base) if base else {}
    mine, others = _table(path, ours), _table(path, theirs)
    merging = TableMerge(ours_is_later)
    table = merging.merge(was, mine, others)
    canonical = document_bytes(table)
    try:
        wanted = _value(path, canonical)
    except BackportqError:
        # Each side is right by itself, but not what both make together, such as a rule that lost its last condition.
        later = ours_is_later() if ours != theirs else True
        kept, name = (ours, "theirs") if later or (later is None and ours > theirs) else (theirs, "ours")
        return MergedDocument(kept, (OverruledKey(path, "the later file", f"the whole file of {name}"),))
    lines = merge(ours, base, theirs)
    if lines is not None and _means(path, lines, wanted):
        return MergedDocument(lines, tuple(merging.overruled))
    # The longer text has more comments to lose; between equal ones any choice that is the same for everybody will do.
    text, before = max((ours, mine), (theirs, others), key=lambda side: (len(side[0]), side[0]))
    content = rewritten(text, before, table, lambda data: _value(path, data), wanted)
    return MergedDocument(content, tuple(merging.overruled))


def _means(path: str, content: bytes, wanted: object) -> bool:
    try:
        return _value(path, content) == wanted
    except BackportqError:
        return False


def _value(path: str, content: bytes) -> object:
    source = source_of(path, content)
    return read_config(source) if path == CONFIG_FILE else read_people(source)


def _table(path: str, content: bytes) -> dict[str, object]:
    source = source_of(path, content)
    table = config_table(read_config(source)) if path == CONFIG_FILE else people_table(read_people(source))
    return {key: as_tables(value) for key, value in table.items()}
