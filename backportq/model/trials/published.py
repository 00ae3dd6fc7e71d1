"""Published verdicts: what one machine found out about a branch's queue, as a file that others may believe.

Everything in a file is keyed by object ids, so it is either about exactly what a clone has, or of no use there. It
comes from a stranger: `parse_verdicts` takes nothing that does not have the one shape, and `PublishedQueue` promises
nothing about what is true. This module must not run trials.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from backportq.model.ids import BranchName, Oid, is_oid
from backportq.model.trials.verdict import VERDICT_OF, WORDS, PathConflict, Trial, TrialFailure, TrialOutcome, Verdict

LARGEST_FILE = 16 << 20
"""Bytes of one branch's file; a queue of 20,000 items that nearly all block each other takes 10 MB."""

_SCHEMA = 1
_LONGEST_TEXT = 4_096
_T = TypeVar("_T")


class MalformedVerdictsError(ValueError):
    """A file of verdicts is not what this program writes; the text says what was wanted."""


@dataclass(frozen=True, slots=True)
class PublishedItem:
    """One item of the queue: what it gives `alone`, what `in_order`, and the places of the earlier items that it needs.

    `is_minimal`: taking any of those away brings the conflict back.
    """

    alone: TrialOutcome
    in_order: Verdict | None
    blocked_by: tuple[int, ...] = ()
    is_minimal: bool = True


@dataclass(frozen=True, slots=True)
class PublishedQueue:
    """What was found out about the queue of one branch at the commit `onto`, by trials of git version `git`.

    `key` is a digest of the version, the commit and the items; `others` are trials onto the same commit beside the
    queue: of what is put off, and of picks from other branches.
    """

    git: str
    branch: BranchName
    onto: Oid
    key: str
    items: tuple[PublishedItem, ...]
    others: tuple[TrialOutcome, ...] = ()


def format_verdicts(queue: PublishedQueue) -> bytes:
    """Return the bytes of the file: one JSON document, a line for each trial."""
    head = {"schema": _SCHEMA, "git": queue.git, "branch": queue.branch, "onto": queue.onto, "key": queue.key}
    items = [
        [*_row(each.alone), _word(each.in_order), int(each.is_minimal), list(each.blocked_by)] for each in queue.items
    ]
    others = [_row(each) for each in queue.others]
    lists = ",\n".join(f'"{name}":[\n{_lines(rows)}\n]' for name, rows in (("items", items), ("others", others)))
    return (json.dumps(head, separators=(",", ":"))[:-1] + ",\n" + lists + "}\n").encode("ascii")


def parse_verdicts(raw: bytes) -> PublishedQueue:
    """Return what a file says; raise `MalformedVerdictsError` where it is not of the one shape."""
    if len(raw) > LARGEST_FILE:
        raise MalformedVerdictsError(f"it has {len(raw):,} bytes, wanted at most {LARGEST_FILE:,}")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise MalformedVerdictsError("it is no JSON document") from error
    fields = _typed(document, dict, "a table")
    if fields.get("schema") != _SCHEMA:
        raise MalformedVerdictsError(f"wanted schema {_SCHEMA}")
    onto = _oid(fields.get("onto"))
    items = [_item(row, onto, at) for at, row in enumerate(_typed(fields.get("items"), list, "a list of items"))]
    others = [_outcome(_cells(row, 6), onto) for row in _typed(fields.get("others"), list, "a list of others")]
    git, key = _text(fields.get("git")), _text(fields.get("key"))
    return PublishedQueue(git, BranchName(_text(fields.get("branch"))), onto, key, tuple(items), tuple(others))


def _lines(rows: Sequence[object]) -> str:
    return ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)


def _row(outcome: TrialOutcome) -> list[object]:
    """Return (commit, mainline or 0, word, tree or "", conflicts, why it could not be tried)."""
    if isinstance(outcome, TrialFailure):
        return [outcome.commit, 0, "", "", [], outcome.why]
    conflicts = [[each.path, each.kind, each.text] for each in outcome.conflicts]
    return [outcome.commit, outcome.mainline or 0, WORDS[outcome.verdict], outcome.tree or "", conflicts, ""]


def _word(verdict: Verdict | None) -> str:
    return "" if verdict is None else WORDS[verdict]


def _item(row: object, onto: Oid, at: int) -> PublishedItem:
    cells = _cells(row, 9)
    places = [_number(place) for place in _typed(cells[8], list, "a list of places")]
    if places != sorted(set(places)) or (places and places[-1] >= at):
        raise MalformedVerdictsError("an item is blocked by what does not stand before it")
    return PublishedItem(
        _outcome(cells[:6], onto), _verdict(cells[6]), tuple(places), is_minimal=bool(_number(cells[7]))
    )


def _outcome(cells: Sequence[object], onto: Oid) -> TrialOutcome:
    commit, mainline, verdict = _oid(cells[0]), _number(cells[1]) or None, _verdict(cells[2])
    if verdict is None:
        return TrialFailure(commit, onto, _text(cells[5]))
    tree = None if verdict is Verdict.CONFLICT else _oid(cells[3])
    conflicts = []
    for row in _typed(cells[4], list, "a list of conflicts"):
        path, kind, text = _cells(row, 3)
        conflicts.append(PathConflict(_text(path), _text(kind), _text(text)))
    if conflicts and verdict is not Verdict.CONFLICT:
        raise MalformedVerdictsError("conflicted paths where nothing conflicts")
    return Trial(commit, onto, verdict, tree, tuple(conflicts), mainline)


def _verdict(cell: object) -> Verdict | None:
    word = _text(cell)
    if word and word not in VERDICT_OF:
        raise MalformedVerdictsError("wanted the letter of a verdict")
    return VERDICT_OF.get(word)


def _cells(row: object, count: int) -> list[object]:
    cells: list[object] = _typed(row, list, "a list")
    if len(cells) != count:
        raise MalformedVerdictsError(f"wanted {count} values in a row, found {len(cells)}")
    return cells


def _oid(cell: object) -> Oid:
    text = _text(cell)
    if not is_oid(text):
        raise MalformedVerdictsError("wanted an object id")
    return Oid(text)


def _text(cell: object) -> str:
    text: str = _typed(cell, str, "a text")
    if len(text) > _LONGEST_TEXT:
        raise MalformedVerdictsError(f"wanted a text of at most {_LONGEST_TEXT} characters")
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise MalformedVerdictsError("wanted a text that can be written") from error
    return text


def _number(cell: object) -> int:
    number: int = _typed(cell, int, "a number")
    if isinstance(cell, bool) or not 0 <= number < 1 << 32:
        raise MalformedVerdictsError("wanted a number from 0 on")
    return number


def _typed(value: object, kind: type[_T], wanted: str) -> _T:
    if not isinstance(value, kind):
        raise MalformedVerdictsError(f"wanted {wanted}")
    return value
