"""How the patch of a pick differs from that of its original: nothing, its surroundings, or what it does.

Pure comparison of parsed patches, rename-aware and without line numbers. This module must not read patches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from backportq.model.words import counted

_COMPARED_IN_ORDER = 2_000  # lines; beyond it, lines that only moved are counted as one


class DeviationKind(StrEnum):
    """What differs. `IDENTICAL` picks need no second look; those that differ in `CONTEXT` change the same lines."""

    IDENTICAL = "identical"
    CONTEXT = "context"
    FUNCTIONAL = "functional"


@dataclass(frozen=True, slots=True)
class Deviation:
    """The kind, and how many changed lines stand in only one of the two patches (0 unless functional)."""

    kind: DeviationKind
    lines: int = 0

    def __str__(self) -> str:
        if self.kind is DeviationKind.IDENTICAL:
            return "identical"
        if self.kind is DeviationKind.CONTEXT:
            return "context only"
        return counted(self.lines, "functional line")


@dataclass(frozen=True, slots=True)
class FilePatch:
    """The patch of one file. `changed` are its lines that start with `+` or `-`, and what it does to mode, name and
    binary content, in order; `lines` the same with the context lines between them."""

    path: bytes
    changed: tuple[bytes, ...]
    lines: tuple[bytes, ...]


Patch = tuple[FilePatch, ...]


def compare(original: Patch, pick: Patch) -> Deviation:
    """Return how `pick` deviates from `original`."""
    pairs = _paired(original, pick)
    differing = sum(_differing_lines(ours, theirs) for ours, theirs in pairs)
    if differing:
        return Deviation(DeviationKind.FUNCTIONAL, differing)
    for ours, theirs in pairs:
        if ours is not None and theirs is not None and (ours.lines != theirs.lines or ours.path != theirs.path):
            return Deviation(DeviationKind.CONTEXT)
    return Deviation(DeviationKind.IDENTICAL)


def _paired(original: Patch, pick: Patch) -> list[tuple[FilePatch | None, FilePatch | None]]:
    """Pair the files of two patches: by path, then, for files that moved between the branches, by what is changed."""
    left = {patch.path: patch for patch in pick}
    pairs: list[tuple[FilePatch | None, FilePatch | None]] = []
    unpaired = []
    for patch in original:
        if patch.path in left:
            pairs.append((patch, left.pop(patch.path)))
        else:
            unpaired.append(patch)
    for patch in unpaired:
        best = max(left.values(), key=lambda other: _likeness(patch, other), default=None)
        if best is not None and _likeness(patch, best) > (0, False):
            del left[best.path]
            pairs.append((patch, best))
        else:
            pairs.append((patch, None))
    pairs += [(None, patch) for patch in left.values()]
    return pairs


def _likeness(original: FilePatch, pick: FilePatch) -> tuple[int, bool]:
    shared = sum((Counter(original.changed) & Counter(pick.changed)).values())
    is_named_alike = original.path.rpartition(b"/")[2] == pick.path.rpartition(b"/")[2]
    return shared, is_named_alike


def _differing_lines(original: FilePatch | None, pick: FilePatch | None) -> int:
    ours: Sequence[bytes] = original.changed if original is not None else ()
    theirs: Sequence[bytes] = pick.changed if pick is not None else ()
    if ours == theirs:
        return 0
    counted, counted_other = Counter(ours), Counter(theirs)
    differing = sum(((counted - counted_other) + (counted_other - counted)).values())
    if differing:
        return differing
    if len(ours) > _COMPARED_IN_ORDER:
        return 1
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    return len(ours) - sum(block.size for block in blocks)
