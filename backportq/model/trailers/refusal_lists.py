"""Files in a stable branch that say which upstream commits it is not to take: Mesa's ignore list and pick status.

Apart from the tags because these name other commits and stand in the tree, not in a message. This module must not
look ids up, and must survive whatever a file holds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_LISTED = re.compile(r"(?P<hex>[0-9a-f]{7,64})(?:[ \t]+(?P<rest>\S.*))?\s*\Z", re.IGNORECASE | re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{7,64}\Z")
_DENOMINATED = {2: "denominated", 3: "backported in another form"}
"""The resolutions of Mesa's bin/pick by which a nominated commit is not to be picked any more."""

_MOST = 100_000  # entries; the longest file known has ten thousand


@dataclass(frozen=True, slots=True)
class ListedRefusal:
    """One commit that a file refuses: what is written of its id, in lower case, and why."""

    hex: str
    why: str


def read_refusal_list(path: str, content: bytes) -> tuple[ListedRefusal, ...]:
    """Return what the file refuses, in its order.

    A name that ends in `.json` is read as Mesa's `.pick_status.json`: a list of objects with `sha` and `resolution`.
    Any other is a list of commits, an id first on each line; the `#` comment above them says why. A file that cannot be
    read refuses nothing.
    """
    text = content.decode("utf-8", "replace")
    return _pick_status(text) if path.endswith(".json") else _ignore_list(text)


def _ignore_list(text: str) -> tuple[ListedRefusal, ...]:
    found: list[ListedRefusal] = []
    comment: list[str] = []
    is_comment = False
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            if not is_comment:
                comment = []
            comment.append(line.strip().strip("#").strip())
        listed = _LISTED.match(line)
        if listed is not None and len(found) < _MOST:
            why = " ".join(" ".join(comment).split())
            found.append(ListedRefusal(listed["hex"].lower(), why))
        is_comment = line.lstrip().startswith("#")
    return tuple(found)


def _pick_status(text: str) -> tuple[ListedRefusal, ...]:
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    found = []
    for entry in entries[:_MOST] if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        oid, resolution, notes = entry.get("sha"), entry.get("resolution"), entry.get("notes")
        if not isinstance(oid, str) or not _HEX.match(oid) or not isinstance(resolution, int):
            continue
        if resolution in _DENOMINATED:
            why = notes if isinstance(notes, str) and notes.strip() else _DENOMINATED[resolution]
            found.append(ListedRefusal(oid.lower(), " ".join(why.split())))
    return tuple(found)
