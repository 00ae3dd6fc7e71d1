"""Outcomes of trials: what `git cherry-pick` would give, as values.

A conflict is an outcome here, never an exception. This module must not run anything; the engine is in
`backportq.git.trials`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backportq.model.ids import Oid


class Verdict(StrEnum):
    """What a test-applied cherry-pick gave. `CLEAN` means no textual conflict, never "correct"."""

    CLEAN = "clean"
    CONFLICT = "conflict"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class PathConflict:
    """One conflicted path and the kind of conflict in git's words (`content`, `modify/delete`, `add/add`, ...)."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One commit test-applied onto one tip. `tree` is the resulting tree, or None when it conflicts."""

    commit: Oid
    onto: Oid
    verdict: Verdict
    tree: Oid | None
    conflicts: tuple[PathConflict, ...] = ()
