"""The message of a queue commit: a summary for people, trailers for `backportq log`.

Separate because both the writer of changes and the reader of the log depend on its exact form. It must not trust what
it is given: a summary quotes subjects and notes of strangers.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from backportq.model.ids import BranchName, Oid, is_oid
from backportq.model.items.changes import ChangeKind, ItemChange

_MAX_SUMMARY = 200
_MAX_LISTED = 200
_COMMAND = "Backportq-Command"
_ITEM = "Backportq-Item"
_ITEMS = "Backportq-Items"
_TRAILER = re.compile(r"(Backportq-[A-Za-z]+): (.*)\Z")
_KINDS = {kind.value: kind for kind in ChangeKind}


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """What a message says. `command` is None for a commit that something else made. `items` is None where the message
    does not list them (too many, or made by hand): the files have to be compared then."""

    summary: str
    command: str | None
    items: tuple[ItemChange, ...] | None


def compose_message(summary: str, command: str, items: tuple[ItemChange, ...]) -> str:
    """Return the message of a change; at most 200 items are listed, beyond that only their number."""
    lines = [one_line(summary) or one_line(command) or "change the queue", "", f"{_COMMAND}: {one_line(command)}"]
    if len(items) > _MAX_LISTED:
        lines.append(f"{_ITEMS}: {len(items)}")
    else:
        for item in items:
            what = f" {','.join(item.fields)}" if item.fields else ""
            lines.append(f"{_ITEM}: {item.branch} {item.commit} {item.kind}{what}")
    return "\n".join(lines) + "\n"


def read_message(message: str) -> AuditRecord:
    """Return what a message says; anything that is not in the form written here counts as made by hand."""
    head, _, _ = message.lstrip("\n").partition("\n")
    paragraph = message.rstrip("\n").rpartition("\n\n")[2]
    command: str | None = None
    items: list[ItemChange] | None = []
    for line in paragraph.split("\n"):
        match = _TRAILER.match(line)
        if match is None:
            continue
        key, value = match.groups()
        if key == _COMMAND:
            command = value
        elif key == _ITEMS:
            items = None
        elif key == _ITEM and items is not None:
            found = _item(value)
            if found is None:
                items = None
            else:
                items.append(found)
    if command is None:
        return AuditRecord(head, None, None)
    return AuditRecord(head, command, None if items is None else tuple(items))


def one_line(text: str) -> str:
    """Return untrusted text for a message: one line, bounded, without controls and invisible format characters."""
    shown = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text[: _MAX_SUMMARY * 4])
    joined = " ".join(shown.split())
    return joined if len(joined) <= _MAX_SUMMARY else joined[: _MAX_SUMMARY - 1] + "…"


def _item(value: str) -> ItemChange | None:
    parts = value.split(" ")
    if len(parts) not in {3, 4} or not is_oid(parts[1]) or parts[2] not in _KINDS:
        return None
    fields = tuple(parts[3].split(",")) if len(parts) == 4 else ()
    return ItemChange(BranchName(parts[0]), Oid(parts[1]), _KINDS[parts[2]], fields)
