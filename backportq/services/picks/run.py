"""The run of a pick: step after step in memory, until all is made or a step conflicts; and its end.

The command that begins a pick and the one that continues it share it, so both leave the same branch behind.

- `run_steps` writes only objects until the last step is made.
- `finish` makes the branch, then removes the worktree and the record. It can be repeated after a crash.
- Ctrl-C undoes what was begun until `past_the_point`; from there on the rest is done.
"""

from __future__ import annotations

import functools
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from backportq.errors import GitFailedError, RefError
from backportq.git.picking.commit_bytes import encode, read_original
from backportq.git.picking.committing import Committer
from backportq.git.picking.hooks import remove_worktree
from backportq.git.picking.publishing import find_branch, move_branch
from backportq.git.picking.records import (
    BrokenRecord,
    iter_records,
    locked,
    remove_record,
    worktree_path,
    write_record,
)
from backportq.git.picking.sequence import Conflicting, Emptied, Impossible, Picked, PickSequence
from backportq.git.picking.worktrees import add_worktree, begin_pick, go_to, is_picking, write_message
from backportq.git.repository import Repository
from backportq.git.user import run_as_user
from backportq.model.commit import Commit, Identity
from backportq.model.ids import BranchName, Oid, short
from backportq.model.picks.record import FinishedPick, PickRecord, PickStep, record_name
from backportq.model.progress import advance
from backportq.model.words import typed
from backportq.services.picks.request import read_one
from backportq.services.picks.targets import Target, word_pick
from backportq.services.project import Project
from backportq.services.trials.try_commits import hints_for


@dataclass(slots=True)
class PickRun:
    """One pick while this process works on it: what stays the same, and what was made so far."""

    project: Project
    target: Target
    mainline: int | None
    by: Identity
    at: datetime
    tip: Oid
    adaptation: str | None = None
    worktree: Path | None = None
    done: list[FinishedPick] = field(default_factory=list)
    emptied: list[Oid] = field(default_factory=list)
    skipped: list[Oid] = field(default_factory=list)

    @classmethod
    def resumed(cls, project: Project, target: Target, record: PickRecord) -> PickRun:
        """Return the run that `record` belongs to."""
        return cls(
            project,
            target,
            record.mainline,
            record.by,
            record.at,
            record.head,
            worktree=record.worktree,
            done=list(record.done),
            skipped=list(record.skipped),
        )

    def words(self, step: PickStep, committer: Committer, message: str, adaptation: str | None = None) -> str:
        """Return the message of the pick of `step`, whose commit has `message`, as `committer` commits it."""
        return word_pick(
            message,
            target=self.target,
            upstream=read_one(self.project.repository, step.upstream),
            picked=step.picked,
            committer=committer,
            adaptation=adaptation or self.adaptation,
        )


def refuse_in_progress(repository: Repository, topic: BranchName) -> None:
    """Raise `RefError` if a pick onto `topic` waits to be continued."""
    name = record_name(topic)
    for record in iter_records(repository):
        if record.name == name and isinstance(record, PickRecord):
            raise RefError(
                f"a pick to '{topic}' is in progress, and waits in '{record.worktree}'",
                hints=(f"backportq pick --continue {typed(topic)}", f"backportq pick --abort {typed(topic)}"),
            )
        if record.name == name and isinstance(record, BrokenRecord):
            raise RefError(
                f"a pick to '{topic}' was begun, but {record.why}", hints=(f"backportq pick --abort {typed(topic)}",)
            )


def run_steps(run: PickRun, sequence: PickSequence, steps: Sequence[PickStep]) -> PickRecord | None:
    """Make `steps` on top of `sequence`; return the conflict that a person must resolve, None when the topic branch has
    them all.

    Until then only objects are written. An empty pick is left out. Raise `GitFailedError` for a commit that cannot be
    picked at all.
    """
    repository = run.project.repository
    for at, step in enumerate(steps):
        advance("picking", at, len(steps))
        commit = read_one(repository, step.picked)
        words = functools.partial(run.words, step, sequence.committer)
        outcome = sequence.pick(commit, words, mainline=run.mainline)
        match outcome:
            case Picked():
                run.tip = outcome.made
                run.done.append(FinishedPick(step.upstream, outcome.made))
            case Emptied():
                run.emptied.append(step.upstream)
            case Impossible():
                raise GitFailedError(outcome.why, hints=hints_for(outcome.why))
            case Conflicting():
                sequence.keep()
                return _stop(run, step, tuple(steps[at + 1 :]), commit, sequence)
    sequence.keep()
    finish(run)
    return None


def finish(run: PickRun) -> None:
    """Make the topic branch, then remove the worktree and the record of the pick. It can be repeated after a crash."""
    repository, topic = run.project.repository, run.target.topic
    past_the_point()
    # The branch may be there from a run that died after this line.
    if run.done and find_branch(repository, topic) != run.tip:
        subjects = f"{short(run.done[0].upstream)}" + (f" and {len(run.done) - 1} more" if len(run.done) > 1 else "")
        move_branch(repository, topic, run.tip, run.target.topic_was, f"backportq pick: {subjects}")
    if run.worktree is not None:
        remove_worktree(repository, run.worktree)
        remove_record(repository, record_name(topic))


def _stop(
    run: PickRun, step: PickStep, left: tuple[PickStep, ...], commit: Commit, sequence: PickSequence
) -> PickRecord:
    """Leave the conflict of `step` in a worktree for a person, with a record of how to go on."""
    repository, target = run.project.repository, run.target
    name = record_name(target.topic)
    record = PickRecord(
        name=name,
        branch=target.branch,
        topic=target.topic,
        topic_was=target.topic_was,
        onto=target.start,
        head=run.tip,
        current=step,
        worktree=worktree_path(repository, name),
        style=target.style,
        upstream_branch=target.upstream_branch,
        by=run.by,
        at=run.at,
        left=left,
        done=tuple(run.done),
        skipped=tuple(run.skipped),
        sign_off=target.sign_off,
        mainline=run.mainline,
    )
    if run.worktree is not None:  # continued: its lock is held by the caller
        return _leave(run, record, commit, sequence)
    with locked(repository, name):
        try:
            return _leave(run, record, commit, sequence)
        except BaseException:  # Ctrl-C too: what is half made helps nobody
            remove_worktree(repository, record.worktree)
            remove_record(repository, name)
            raise


def _leave(run: PickRun, record: PickRecord, commit: Commit, sequence: PickSequence) -> PickRecord:
    repository = run.project.repository
    write_record(repository, record)
    if record.worktree.exists():
        go_to(repository, record.worktree, record.head)
    else:
        add_worktree(repository, record.worktree, record.head)
    paths = begin_pick(repository, record.worktree, record.current.picked, record.mainline)
    if not is_picking(repository, record.worktree):
        # A merge driver or the like of the user's resolved it, and git committed: a person looks at it first.
        run_as_user(repository, "reset", "-q", "--soft", record.head, worktree=record.worktree)
        run_as_user(repository, "update-ref", "CHERRY_PICK_HEAD", record.current.picked, worktree=record.worktree)
    encoding = sequence.committer.encoding
    text = run.words(record.current, sequence.committer, read_original(commit, encoding).message)
    write_message(repository, record.worktree, encode(text, encoding), paths)
    full = replace(record, paths=paths)
    past_the_point()
    write_record(repository, full)
    return full


@contextmanager
def interruptible() -> Iterator[None]:
    """Run the block; Ctrl-C works again after it, if `past_the_point` was called within."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)


def past_the_point() -> None:
    """Ignore Ctrl-C until the block of `interruptible` ends, also in git processes that are started.

    Between the branch and the queue that records it, an interrupt would leave one without the other.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
