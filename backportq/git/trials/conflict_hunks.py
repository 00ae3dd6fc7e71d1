"""What a conflict looks like: the places in a file where both sides changed the same, with what each made of it.

Read from git's own conflict markers, which carry ids that occur nowhere else in the file. This module must not merge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backportq.git.trials.answers import Sides

_CONTEXT = 3


@dataclass(frozen=True, slots=True)
class ConflictHunk:
    """One place: a few lines before and after it, and the lines as the branch has them, as they were before the
    commit (`base`), and as the commit makes them. Lines have no line ends."""

    before: tuple[bytes, ...]
    branch: tuple[bytes, ...]
    base: tuple[bytes, ...]
    commit: tuple[bytes, ...]
    after: tuple[bytes, ...]


Hunks = tuple[ConflictHunk, ...]
"""The places of one file."""


def read_hunks(content: bytes, sides: Sides) -> Hunks:
    """Return the conflicts marked in `content` by git in its diff3 style, where `sides` are the labels."""
    lines = content.removesuffix(b"\n").split(b"\n")
    hunks: list[ConflictHunk] = []
    at = 0
    while (start := _find(lines, at, b"<", sides[0])) is not None:
        end = _find(lines, start, b">", sides[1])
        if end is None:
            break
        size = len(lines[start]) - len(lines[start].lstrip(b"<"))
        middle = lines[start + 1 : end]
        base_at = _index(middle, b"|" * size)
        theirs_at = _index(middle, b"=" * size, base_at)
        following = _find(lines, end, b"<", sides[0])  # whose markers are no context of this one
        hunks.append(
            ConflictHunk(
                tuple(lines[max(start - _CONTEXT, at) : start]),
                tuple(middle[:base_at]),
                tuple(middle[base_at + 1 : theirs_at]),
                tuple(middle[theirs_at + 1 :]),
                tuple(lines[end + 1 : min(end + 1 + _CONTEXT, following or len(lines))]),
            )
        )
        at = end + 1
    return tuple(hunk for hunk in hunks if hunk.branch != hunk.commit)


def _find(lines: Sequence[bytes], start: int, sign: bytes, label: bytes) -> int | None:
    for at in range(start, len(lines)):
        line = lines[at]
        if line.startswith(sign * 7) and line.lstrip(sign).startswith(b" " + label):
            return at
    return None


def _index(lines: Sequence[bytes], marker: bytes, start: int = 0) -> int:
    for at in range(start, len(lines)):
        if lines[at] == marker or lines[at].startswith(marker + b" "):
            return at
    return len(lines)
