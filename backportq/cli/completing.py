"""What a shell asks while a command line is typed: `backportq --complete KIND PREFIX [DIR]...`.

An answer is a line for each value: the value, a tab, what is said of it. KIND is what the help calls the value, several
with | between them; DIR is what `-C` gave. The scripts of `docs/completion` ask, nobody else, so no help names it.
The words of queries are here; which branches, people and commits are offered, `rows_of` in `queue/completion_file`
says. Whatever goes wrong is an answer without lines. This module must load nothing at its top that takes a millisecond.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

from backportq.git.light import ask
from backportq.queue.completion_file import Row, keep, offered, rows_of, stored

QUERY_FLAGS = ("unassigned", "overdue", "staged", "noted")
QUERY_KEYS = (
    *("branch", "state", "assignee", "priority", "verdict", "via", "author", "subject", "commit", "path"),
    *("text", "deviation"),
)
QUERY_MEASURES = ("likely", "age", "date", "due", "branches")
QUERY_VALUES = {
    "state": ("pending", "in-progress", "deferred", "waiting"),
    "priority": ("security", "high", "normal", "low"),
    "verdict": ("clean", "conflict", "empty"),
}
"""The words of queries once more, since the module of queries loads half the model; a test compares."""

_QUERIED = {"branch": "BRANCH", "assignee": "PERSON", "commit": "COMMIT"}


def answer(arguments: Sequence[str]) -> int:
    """Print what begins with the prefix; return 0, or 1 where there is nothing to ask."""
    if len(arguments) < 2:  # a kind and a prefix
        return 1
    kinds, prefix, *folders = arguments
    try:
        for folder in folders:
            os.chdir(folder)
    except OSError:
        return 1
    lines = [f"{value}\t{said}\n" for kind in kinds.split("|") for value, said in _values(kind, prefix)]
    sys.stdout.buffer.write("".join(dict.fromkeys(lines)).encode("utf-8", "surrogateescape"))
    return 0


def _values(kind: str, prefix: str) -> Iterator[tuple[str, str]]:
    if kind in {"BRANCH", "PERSON", "COMMIT"}:
        yield from offered(_rows(), kind, prefix)
    if kind in {"COMMIT", "REV"}:
        yield from _git_names(prefix, "for-each-ref", "--format=%(refname:lstrip=2)", *_REFS)
    if kind == "REMOTE":
        yield from _git_names(prefix, "remote")
    if kind == "QUERY":
        yield from _query(prefix)


_REFS = ("refs/heads", "refs/remotes", "refs/tags")


def _git_names(prefix: str, *question: str) -> Iterator[tuple[str, str]]:
    yield from ((name, "") for name in (ask(*question) or "").split("\n") if name and name.startswith(prefix))


def _query(text: str) -> Iterator[tuple[str, str]]:
    """Yield the whole query with its last word completed, as the shell replaces the whole value."""
    head, space, last = text.rpartition(" ")
    before = head + space
    if last.startswith("-"):
        before, last = f"{before}-", last[1:]
    key, colon, value = last.partition(":")
    if not colon:
        measures = (f"{name}{sign}" for name in QUERY_MEASURES for sign in "><")
        words = (*QUERY_FLAGS, *(f"{name}:" for name in QUERY_KEYS), *measures)
        yield from ((before + word, "") for word in words if word.startswith(last))
        return
    done, comma, value = value.rpartition(",")
    before = f"{before}{key}:{done}{comma}"
    yield from ((before + word, "") for word in QUERY_VALUES.get(key, ()) if word.startswith(value))
    if key == "assignee" and "me".startswith(value):
        yield f"{before}me", "you"
    if key in _QUERIED:
        yield from ((before + word, said) for word, said in offered(_rows(), _QUERIED[key], value))


def _rows() -> list[Row]:
    """Return what the queue offers: from the small file where it is current, else from the queue."""
    place = _place()
    if place is None:
        return []
    folder, commit = place
    kept = stored(folder, commit)
    return _read(folder) if kept is None else kept


def _place() -> tuple[str, str] | None:
    """Return the cache of the repository that holds the queue, and the commit of the queue; None if there is none."""
    listing = ask("config", "-z", "--type=path", "--get-regexp", r"^backportq\.(ref|repository)$") or ""
    settings = dict(line.split("\n", 1) for line in listing.split("\0") if "\n" in line)
    ref = (settings.get("backportq.ref") or "backportq").removeprefix("refs/heads/")
    elsewhere: tuple[str, ...] = ()
    if given := settings.get("backportq.repository"):
        top = ask("rev-parse", "--show-toplevel") or ask("rev-parse", "--absolute-git-dir") or ""
        elsewhere = ("-C", os.path.join(top, given))  # noqa: PTH118
    said = ask(
        *elsewhere, "rev-parse", "--path-format=absolute", "--git-common-dir", f"refs/heads/{ref}^{{commit}}", "--"
    )
    if said is None:
        return None
    folder, _, commit = said.removesuffix("\n--").rpartition("\n")
    return os.path.join(folder, "backportq"), commit  # noqa: PTH118


def _read(folder: str) -> list[Row]:
    """Return what the queue itself says, and keep it for the next time."""
    from pathlib import Path

    from backportq.errors import BackportqError
    from backportq.git.repository import discover
    from backportq.queue.store import QueueStore

    try:
        snapshot = QueueStore(discover(Path.cwd(), obeys_environment=True)).snapshot()
        rows = rows_of(snapshot.state)
    except BackportqError:
        return []
    keep(folder, snapshot.commit, rows)
    return rows
