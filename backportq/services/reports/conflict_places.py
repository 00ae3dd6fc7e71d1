"""Where open items conflict, with the lines of both sides, for many at once and remembered.

A place is a function of the commit and the tip, as a verdict is; reading it again costs a lookup. Long hunks are cut:
whoever resolves one has `explain` and the real pick. This module must not search for what would help.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backportq.git.cache import Cache
from backportq.git.trials import Application, ConflictHunk, TrialSession
from backportq.git.trials.session import answers_of
from backportq.model.ids import BranchName, Oid
from backportq.model.stored_values import as_json, decoder
from backportq.services.items.tried_items import TriedItem
from backportq.services.project import Project
from backportq.services.trials.conflict_text import Conflict, describe

_TABLE = "conflict_places_1_{git}"
_HUNKS = 4  # of one file
_LINES = 24  # of one side
_LENGTH = 240  # of one line
_AT_ONCE = 150


@dataclass(frozen=True, slots=True)
class ShownHunk:
    """One place of a file as text; `cut` tells whether lines were left out."""

    before: tuple[str, ...]
    branch: tuple[str, ...]
    base: tuple[str, ...]
    commit: tuple[str, ...]
    after: tuple[str, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class ConflictPlace:
    """One conflicted path: git's kind, what that means in words, the first places, and how many more there are."""

    path: str
    kind: str
    words: str
    hunks: tuple[ShownHunk, ...]
    more: int


Places = Mapping[tuple[BranchName, Oid], tuple[ConflictPlace, ...]]


def conflict_places(project: Project, items: Sequence[TriedItem]) -> Places:
    """Return the places of those of `items` that conflict onto their tip."""
    table = _TABLE.format(git=answers_of())
    wanted = {(each.entry.branch, each.entry.item.commit): each for each in items if each.outcome.conflicts}
    keys = {pair: _key(each) for pair, each in wanted.items()}
    cache = Cache.open(project.repository)
    kept = cache.find_many(table, keys.values())
    read = decoder(tuple[ConflictPlace, ...])
    found: dict[tuple[BranchName, Oid], tuple[ConflictPlace, ...]] = {
        pair: read(json.loads(kept[key])) for pair, key in keys.items() if key in kept
    }
    missing = [pair for pair in keys if pair not in found]
    mainlines = {pair[1]: line for pair in missing if (line := wanted[pair].entry.mainline) is not None}
    with TrialSession(project.repository, mainlines=mainlines) as session:
        for start in range(0, len(missing), _AT_ONCE):
            fresh = _places(session, {pair: wanted[pair] for pair in missing[start : start + _AT_ONCE]})
            found.update(fresh)
            texts = {keys[pair]: as_json(places) for pair, places in fresh.items()}
            cache.put_many(table, {key: text.encode("utf-8", "replace") for key, text in texts.items()})
    cache.close()
    return found


def _key(each: TriedItem) -> str:
    return f"{each.entry.item.commit} {each.entry.onto} {each.entry.mainline or ''}"


def _places(
    session: TrialSession, wanted: Mapping[tuple[BranchName, Oid], TriedItem]
) -> dict[tuple[BranchName, Oid], tuple[ConflictPlace, ...]]:
    entries = [each.entry for each in wanted.values()]
    changes = session.changes([entry.item.commit for entry in entries])
    hunks = session.all_conflict_hunks(
        [Application(entry.item.commit, entry.onto, entry.mainline) for entry in entries]
    )
    return {
        pair: tuple(map(_place, describe(session, each.outcome.conflicts, found, changes[pair[1]], each.entry.onto)))
        for (pair, each), found in zip(wanted.items(), hunks, strict=True)
    }


def _place(conflict: Conflict) -> ConflictPlace:
    shown = tuple(map(_shown, conflict.hunks[:_HUNKS]))
    return ConflictPlace(conflict.path, conflict.kind, conflict.words, shown, len(conflict.hunks) - len(shown))


def _shown(hunk: ConflictHunk) -> ShownHunk:
    sides = (hunk.before, hunk.branch, hunk.base, hunk.commit, hunk.after)
    before, branch, base, commit, after = (tuple(map(_text, side[:_LINES])) for side in sides)
    cut = any(len(side) > _LINES or any(len(line) > _LENGTH for line in side) for side in sides)
    return ShownHunk(before, branch, base, commit, after, cut)


def _text(line: bytes) -> str:
    return line[:_LENGTH].decode("utf-8", "replace")
