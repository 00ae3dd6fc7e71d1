"""A pick in progress: what was asked for, how far it is, and the commit that waits for a person.

The record outlives the process that made it: it is written before a worktree exists and removed after the branch was
made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from backportq.errors import BackportqError
from backportq.model.commit import Identity, parse_identity
from backportq.model.ids import BranchName, Oid, parse_oid
from backportq.model.picks.provenance import ProvenanceStyle

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class PickStep:
    """One commit to pick.

    `upstream` is the commit that queue and provenance name; the change is taken from `picked`, which is `upstream`
    itself or another branch's pick of it.
    """

    upstream: Oid
    picked: Oid


@dataclass(frozen=True, slots=True)
class FinishedPick:
    """A step that was made: `made` is the commit on the topic branch."""

    upstream: Oid
    made: Oid


@dataclass(frozen=True, slots=True)
class PickRecord:
    """One pick in progress.

    - `topic` is the branch to make or move. It stood at `topic_was` (None: there was none); its picks start at `onto`.
    - `head` is the newest commit made. The conflict of `current` stands on it in `worktree`.
    - `paths` are the conflicted paths; `left` are the steps that come after.
    - `resolved_by` says which program proposed the resolution `resolved_tree`; None where a person is to make it.
    """

    name: str
    branch: BranchName
    topic: BranchName
    topic_was: Oid | None
    onto: Oid
    head: Oid
    current: PickStep
    worktree: Path
    style: ProvenanceStyle
    upstream_branch: str
    by: Identity
    at: datetime
    left: tuple[PickStep, ...] = ()
    done: tuple[FinishedPick, ...] = ()
    skipped: tuple[Oid, ...] = ()
    paths: tuple[str, ...] = ()
    sign_off: bool = False
    mainline: int | None = None
    resolved_by: str | None = None
    resolved_tree: Oid | None = None


def record_name(topic: str) -> str:
    """Return a file name for the pick onto a topic branch. It depends on the branch alone, so no two picks go to one
    branch at once."""
    plain = "".join(sign if sign.isalnum() or sign in "._-" else "-" for sign in topic)
    return plain.strip(".-")[:120] or "pick"


def to_document(record: PickRecord) -> dict[str, Any]:
    """Return the record as what JSON can hold."""
    plain = asdict(record)
    plain.update(
        schema=SCHEMA,
        worktree=str(record.worktree),
        style=str(record.style),
        by=str(record.by),
        at=record.at.isoformat(),
    )
    return plain


def from_document(document: Mapping[str, Any]) -> PickRecord:
    """Return the record that `to_document` gave; raise `ValueError` or `LookupError` for anything else."""
    # The record outlives the program that wrote it; a newer one may be finished only by that version.
    if document["schema"] != SCHEMA:
        raise BackportqError(
            f"a pick was begun by a newer backportq (schema {document['schema']})",
            hints=("finish it with that version",),
        )
    return PickRecord(
        name=str(document["name"]),
        branch=BranchName(str(document["branch"])),
        topic=BranchName(str(document["topic"])),
        topic_was=None if document["topic_was"] is None else parse_oid(document["topic_was"]),
        onto=parse_oid(document["onto"]),
        head=parse_oid(document["head"]),
        current=_step(document["current"]),
        worktree=Path(str(document["worktree"])),
        style=ProvenanceStyle(document["style"]),
        upstream_branch=str(document["upstream_branch"]),
        by=parse_identity(str(document["by"])),
        at=datetime.fromisoformat(document["at"]),
        left=tuple(map(_step, document["left"])),
        done=tuple(FinishedPick(parse_oid(pick["upstream"]), parse_oid(pick["made"])) for pick in document["done"]),
        skipped=tuple(map(parse_oid, document["skipped"])),
        paths=tuple(map(str, document["paths"])),
        sign_off=bool(document["sign_off"]),
        mainline=None if document["mainline"] is None else int(document["mainline"]),
        resolved_by=document.get("resolved_by"),
        resolved_tree=None if document.get("resolved_tree") is None else parse_oid(document["resolved_tree"]),
    )


def _step(document: Mapping[str, Any]) -> PickStep:
    return PickStep(parse_oid(document["upstream"]), parse_oid(document["picked"]))
