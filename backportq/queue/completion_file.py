"""What completion offers of a queue, in one small file in the cache: branches, people, commits of open items.

A shell asks between two keys, and reading the queue itself would take too long. The file is keyed by the commit of the
queue, so it can't be stale; every change of the queue writes it anew, and who finds it stale or damaged makes it from
the queue. This module must load nothing at its top: most of the time of an answer is what is loaded.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from backportq.model.items.queue import QueueState

FILE = "completion-1.tsv"
"""Its name in the cache; the number changes with the layout: `KIND`, value, description, and the branch of a commit."""

Row = tuple[str, ...]


def stored(folder: str, commit: str) -> list[Row] | None:
    """Return the rows that were kept for this commit of the queue; None if there are none."""
    try:
        with open(os.path.join(folder, FILE), encoding="utf-8", errors="surrogateescape", newline="\n") as file:  # noqa: PTH118, PTH123
            first, *lines = file.read().split("\n")
    except (OSError, ValueError):
        return None
    if first != commit or lines[-1:] != [_END]:
        return None
    return [tuple(line.split("\t")) for line in lines[:-1]]


def keep(folder: str, commit: str, rows: Collection[Row]) -> None:
    """Keep the rows for this commit of the queue; where nothing can be written, do nothing."""
    text = "\n".join((commit, *("\t".join(row) for row in rows), _END))
    temporary = os.path.join(folder, f"{FILE}.{os.getpid()}")  # noqa: PTH118
    try:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        with open(temporary, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:  # noqa: PTH123
            file.write(text)
        os.replace(temporary, os.path.join(folder, FILE))  # noqa: PTH105, PTH118
    except (OSError, ValueError):
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108


def rows_of(state: QueueState, before: Collection[Row] = (), unchanged: Collection[str] = ()) -> list[Row]:
    """Return the rows of a queue; those of `unchanged` branches are taken from `before`, so that nothing is parsed."""
    found = [("BRANCH", name, "") for name in map(str, (branch.name for branch in state.config.branches))]
    found += [("PERSON", str(person.key), person.name) for person in state.people.people]
    rows = [tuple(map(_plain, row)) for row in found]
    for name in state.branches:
        if name in unchanged:
            rows += (row for row in before if row[0] == "COMMIT" and row[3] == name)
        else:
            rows += (
                ("COMMIT", str(item.commit), _plain(item.subject), str(name)) for item in state.branches[name].open
            )
    return rows


def refresh(
    folder: str, commit: str, state: QueueState, parent: str | None = None, unchanged: Collection[str] = ()
) -> None:
    """Keep what `state` offers at `commit`; branches that didn't change since `parent` are taken from the old file."""
    from backportq.errors import BackportqError

    before = stored(folder, parent) if parent is not None else None
    try:
        rows = rows_of(state, before or (), unchanged if before is not None else ())
    except BackportqError:
        return  # the file of another branch is damaged, which whoever needs it is told
    keep(folder, commit, rows)


def offered(rows: Collection[Row], kind: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the values of one kind that begin with `prefix`, each once, and what is said of them."""
    seen: set[str] = set()
    for row in rows:
        if row[0] == kind and row[1].startswith(prefix) and row[1] not in seen:
            seen.add(row[1])
            value = row[1][: max(len(prefix), _SHORT)] if kind == "COMMIT" else row[1]
            yield value, row[2]


_END = "end"
_SHORT = 12


def _plain(text: str) -> str:
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)
