"""Outcomes of trials: what `git cherry-pick` would give, as values.

A conflict is an outcome here, never an exception. This module must not run anything; the engine is in
`backportq.git.trials`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from backportq.model.ids import Oid


class Verdict(StrEnum):
    """What a test-applied cherry-pick gave. `CLEAN` means no textual conflict, never "correct"."""

    CLEAN = "clean"
    CONFLICT = "conflict"
    EMPTY = "empty"


APPLIES = (Verdict.CLEAN, Verdict.EMPTY)
WORDS = {Verdict.CLEAN: "c", Verdict.EMPTY: "e", Verdict.CONFLICT: "x"}
"""The letter of each where thousands are stored."""

VERDICT_OF = {word: verdict for verdict, word in WORDS.items()}
SENTENCES = {Verdict.CLEAN: "applies (no textual conflict)", Verdict.EMPTY: "changes nothing there"}
"""What is said of a verdict where there is room for it; of a conflict, its paths are named."""


class Prospect(StrEnum):
    """What comes of picking an item of a queue: its verdict, and what would cure a conflict."""

    APPLIES = "applies"
    AFTER = "after others"
    OTHER_PICK = "other pick"
    CONFLICTS = "conflicts"
    EMPTY = "empty"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class PathConflict:
    """One conflicted path and the kind of conflict in git's words (`content`, `modify/delete`, `add/add`, ...).

    `text` is git's whole sentence where it says more than the kind does, such as the other names of a renamed file.
    """

    path: str
    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """One commit test-applied onto one tip. `tree` is the resulting tree, or None when it conflicts; `mainline` the
    parent of a merge that it was compared with."""

    commit: Oid
    onto: Oid
    verdict: Verdict
    tree: Oid | None
    conflicts: tuple[PathConflict, ...] = ()
    mainline: int | None = None


@dataclass(frozen=True, slots=True)
class TrialFailure:
    """A trial that could not be made; `why` says so in git's grammar: a merge without a mainline, a missing object, a
    time limit. It is an outcome so that one bad pair among a thousand leaves the others answered, and has no verdict
    and no conflicts."""

    commit: Oid
    onto: Oid
    why: str
    verdict: ClassVar[None] = None
    conflicts: ClassVar[tuple[PathConflict, ...]] = ()


TrialOutcome = Trial | TrialFailure
