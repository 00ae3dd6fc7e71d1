"""What a scan found, as values: the warnings and, for each branch, what is new, landed, withdrawn.

Separate from the scan so that rendering, caching and tests need no repository. This module must not look anything up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from backportq.model.ids import BranchName, Oid
from backportq.model.words import typed


class WarningKind(StrEnum):
    """What a warning is about, so that many of one kind can be summarised."""

    MALFORMED = "malformed tag"
    UNRESOLVED = "target not found"
    BY_SUBJECT = "target found by subject only"
    CONTRADICTION = "range contradicts the Fixes target"
    REVERTED_ON_BRANCH = "reverted on the branch before"
    MISSING_IN_NEWER = "missing in a newer branch"
    KEPT = "kept without a nomination"
    UNKNOWN = "unknown in this clone"
    LINK = "linked to what is no commit of the branch"
    NOT_COMPARED = "not found out"
    PROPOSED = "proposed-pick"
    DANGLING = "dangling-pick-line"
    MISSPELT = "key that does nothing"
    GONE = "branch-gone"
    NOT_MERGED_UP = "not-merged-up"
    REWRITTEN = "rewritten upstream"
    UNREADABLE = "queue file not readable"
    TOPIC_GONE = "topic-gone"


UPGRADING_LOSES = ": upgrading would lose it"
"""The end of a warning about a fix that the newer branch lacks and nobody asks for there."""


@dataclass(frozen=True, slots=True)
class ScanWarning:
    """Something a person should look at: about `commit` or (None) no single one, on `branch` or (None) everywhere."""

    kind: WarningKind
    commit: Oid | None
    branch: BranchName | None
    text: str

    @property
    def is_loss(self) -> bool:
        """Whether a fix is lost by upgrading to `branch`, and not even pending there."""
        return self.kind is WarningKind.MISSING_IN_NEWER and self.text.endswith(UPGRADING_LOSES)


def tag_lost(warnings: Iterable[ScanWarning]) -> str | None:
    """Return the command that asks for what upgrading would lose: one for all, None where nothing is lost."""
    commits: dict[Oid | None, list[str]] = {}
    for warning in warnings:
        if warning.is_loss:
            commits.setdefault(warning.commit, []).append(f"-b {typed(warning.branch or '')}")
    if not commits:
        return None
    if len(commits) > 1:
        return "backportq tag COMMIT -b BRANCH"
    ((commit, branches),) = commits.items()
    return f"backportq tag {(commit or '')[:12]} {' '.join(branches)}"


@dataclass(frozen=True, slots=True)
class Closing:
    """An item that a scan closed: the state it went to, and the pick that carries it where there is one."""

    commit: Oid
    state: str
    pick: Oid | None = None
    staged: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """An open item whose commit was declined on a newer branch, so that it may be declined here as well."""

    commit: Oid
    declined_on: BranchName
    reason: str


@dataclass(frozen=True, slots=True)
class BranchReport:
    """One branch after a scan. `candidates` counts the commits that any nomination names and the branch lacks,
    `pending` the open items, `landed` the picks in force. `withdrawn` lost their last nomination, `reopened` were
    closed and are pending again."""

    branch: BranchName
    tip: Oid
    base: Oid | None
    candidates: int
    pending: int
    landed: int
    added: tuple[Oid, ...] = ()
    closed: tuple[Closing, ...] = ()
    withdrawn: tuple[Oid, ...] = ()
    reopened: tuple[Oid, ...] = ()
    offered: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanReport:
    """All of a scan, branches in version order, oldest first. `queue` is the commit of the queue that it left."""

    branches: tuple[BranchReport, ...]
    warnings: tuple[ScanWarning, ...]
