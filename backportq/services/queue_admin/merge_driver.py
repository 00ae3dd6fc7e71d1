"""`git merge` of queue branches: a merge driver that merges a file of the queue as `sync` does.

- git hands the driver one file at a time and takes the others as they are.
- So an item that moved between the two files of a branch looks dropped. The driver then reports a conflict instead of
  losing a decision.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from backportq.git.read.queue_files import StoredFiles, read_blobs
from backportq.git.write.queue_refs import merge_bases, tip_of
from backportq.git.write.text_merge import merge_bytes
from backportq.model.config import Config
from backportq.model.declared import NO_EXTRA
from backportq.model.ids import BranchName, Oid, RefName, is_oid, short
from backportq.model.items.aspects import Aspect
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.model.merge.queues import DecidedAt, Side, merge_queues
from backportq.queue.codec.items import ItemFile, read_items, write_items
from backportq.queue.codec.paths import branch_of
from backportq.queue.codec.stored_state import source_of
from backportq.queue.sync.merge_documents import DOCUMENTS, merge_document
from backportq.queue.sync.side_log import SideLog
from backportq.services.project import Project

DRIVER = "backportq"
_ATTRIBUTES = ".gitattributes"
_PATTERNS = ("/config.toml", "/people.toml", "/queue/**", "/closed/**")


def _unknown(_branch: BranchName, _commit: Oid, _aspect: Aspect) -> datetime | None:
    return None


@dataclass(frozen=True, slots=True)
class MergedFile:
    """The result for one file. `is_clean` False leaves a conflict to the person who merges; `notes` say why."""

    is_clean: bool
    notes: tuple[str, ...] = field(default=())


def install(project: Project, program: str) -> tuple[str, ...]:
    """Configure the driver in this clone and name it in the queue's own `.gitattributes`; return what was done."""
    repository = project.store.repository
    git = repository.git
    git.run("config", f"merge.{DRIVER}.name", "merge the backport queue item by item")
    git.run("config", f"merge.{DRIVER}.driver", f"{program} sync --merge-driver %O %A %B %P")
    done = [f"configured merge.{DRIVER}.driver in '{repository.git_dir}'; each clone needs its own"]
    change = project.store.replace_files(
        lambda files: _with_attributes(project, files),
        command="sync --install-merge-driver",
        summary="let git merge the queue item by item",
        actor=project.actor(),
        at=project.clock(),
    )
    if change.commit is not None:
        done.append(f"named it in '{_ATTRIBUTES}' of the queue branch, which goes to the others with the next sync")
    return tuple(done)


def _with_attributes(project: Project, files: StoredFiles) -> Mapping[str, bytes | None]:
    entry = files.find(_ATTRIBUTES)
    old = read_blobs(project.store.repository, [entry.oid])[entry.oid] if entry is not None and entry.is_file else b""
    there = old.decode("utf-8", "surrogateescape").splitlines()
    lines = [line for line in (f"{pattern} merge={DRIVER}" for pattern in _PATTERNS) if line not in there]
    if not lines:
        return {}
    text = "\n".join([*there, *lines]) + "\n"
    return {_ATTRIBUTES: text.encode("utf-8", "surrogateescape")}


def merge_one(project: Project, base: Path, ours: Path, theirs: Path, path: str) -> MergedFile:
    """Merge the file `path` of the queue; `ours` is overwritten with the result, as git wants it of a driver."""
    was, mine, others = (each.read_bytes() for each in (base, ours, theirs))
    repository = project.repository
    if path in DOCUMENTS:
        merged = merge_document(
            path,
            was,
            mine,
            others,
            ours_is_later=lambda: None,
            merge=lambda *texts: merge_bytes(repository, *texts),
        )
        ours.write_bytes(merged.content)
        return MergedFile(
            is_clean=True,
            notes=tuple(f"{path}: {value.key} is {value.kept}, not {value.lost}" for value in merged.overruled),
        )
    item_file = branch_of(path)
    if item_file is None:
        lines = merge_bytes(repository, mine, was, others)
        if lines is None:
            return MergedFile(
                is_clean=False, notes=(f"{path}: both sides changed the same lines; ours is in the working tree",)
            )
        ours.write_bytes(lines)
        return MergedFile(is_clean=True)
    return _merge_items(project, ours, path, item_file, (was, mine, others))


def _merge_items(
    project: Project, into: Path, path: str, item_file: tuple[BranchName, bool], texts: tuple[bytes, bytes, bytes]
) -> MergedFile:
    branch, closed = item_file
    was, mine, others = (_read(path, text, branch, closed=closed) for text in texts)
    log = _logs(project)
    merged = merge_queues(_state(branch, was), Side(_state(branch, mine), log[0]), Side(_state(branch, others), log[1]))
    queue = merged.branches[branch]
    into.write_bytes(write_items(ItemFile(branch, queue.closed if closed else queue.open, queue.extra)))
    notes = [
        f"{short(value.commit)} {branch}: {value.lost.field} is {value.kept.value}, not {value.lost.value}"
        for value in merged.overruled
    ]
    # Dropped here may mean moved to the other file of the branch, which git hands to nobody: only a person, or a sync
    # that sees both files, can put the two decisions together.
    notes += [
        f"{short(item.commit)} {branch}: one side took it out of '{path}', the other decided something about it"
        for item in merged.revived
    ]
    if merged.revived:
        notes.append("'git merge --abort', then 'backportq sync' merges both files of a branch together")
    return MergedFile(is_clean=not merged.revived, notes=tuple(notes))


def _read(path: str, text: bytes, branch: BranchName, *, closed: bool) -> ItemFile:
    return read_items(source_of(path, text), branch, closed=closed) if text else ItemFile(branch, (), NO_EXTRA)


def _state(branch: BranchName, file: ItemFile) -> QueueState:
    opened = tuple(item for item in file.items if item.state.is_open)
    closed = tuple(item for item in file.items if not item.state.is_open)
    return QueueState(Config(branch), branches={branch: BranchQueue(branch, opened, closed, file.extra)})


def _logs(project: Project) -> tuple[DecidedAt, DecidedAt]:
    """Return when each side decided what.

    `git merge` names what it merges in its environment (`GITHEAD_<id>`). Other commands that use the driver do not, and
    then no side is known to be later.
    """
    repository = project.repository
    heads = [Oid(key.removeprefix("GITHEAD_")) for key in os.environ if key.startswith("GITHEAD_")]
    theirs = [oid for oid in heads if is_oid(oid)]
    mine = tip_of(repository, RefName("HEAD"))
    if mine is None or len(theirs) != 1 or theirs[0] == mine:
        return _unknown, _unknown
    bases = merge_bases(repository, mine, theirs[0])
    return (
        SideLog(project.store, mine, bases).decided_at,
        SideLog(project.store, theirs[0], bases).decided_at,
    )
