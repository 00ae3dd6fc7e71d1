"""Going on with a pick that stopped at a conflict: `--continue`, `--skip`, `--abort`, `--status`.

- It works from any directory of the repository and in any later session: the record holds everything.
- What a person left unresolved is refused with the paths, never guessed at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from backportq.errors import ConflictError, DecisionError, GitFailedError, RefError, UsageError
from backportq.git.picking.commit_bytes import encode, read_original
from backportq.git.picking.committing import find_committer
from backportq.git.picking.hooks import remove_worktree
from backportq.git.picking.records import BrokenRecord, iter_records, locked, remove_record
from backportq.git.picking.sequence import PickSequence
from backportq.git.picking.worktrees import ResolvedWorktree, examine, is_picking
from backportq.git.repository import Repository, discover
from backportq.git.user import run_as_user
from backportq.model.ids import Oid, short
from backportq.model.picks.provenance import CleanupMode
from backportq.model.picks.record import FinishedPick, PickRecord, record_name
from backportq.model.trials.deviation import Deviation
from backportq.model.words import counted, typed
from backportq.queue.store import QueueStore
from backportq.services.picks.pick import PickReport, handed_in, report_of
from backportq.services.picks.publish import PublishRequest, prepare
from backportq.services.picks.queue_update import tell_given_up
from backportq.services.picks.request import read_one
from backportq.services.picks.run import PickRun, finish, interruptible, past_the_point, run_steps
from backportq.services.picks.targets import Target, resumed_target, tips_now
from backportq.services.picks.topics import remember_topic
from backportq.services.project import Project, committer_of
from backportq.services.scan.topics import is_reached, topic_branches
from backportq.services.trials.deviation import deviations_of

_SHOWN_PATHS = 10


@dataclass(frozen=True, slots=True)
class InProgress:
    """A pick in progress. `resolution` is the state of its worktree; None if that is gone, and `problem` says so.
    `is_rewound` tells that it stands on what its branch no longer has."""

    record: PickRecord | BrokenRecord
    resolution: ResolvedWorktree | None
    problem: str | None = None
    is_rewound: bool = False


@dataclass(frozen=True, slots=True)
class ResumedPick:
    """What continuing did: the same as picking, and how the resolved commit deviates from its original."""

    report: PickReport
    deviation: Deviation | None


def list_picks(project: Project) -> tuple[InProgress, ...]:
    """Return every pick in progress of the repository."""
    picks = []
    for record in iter_records(project.repository):
        if isinstance(record, BrokenRecord):
            picks.append(InProgress(record, None, record.why))
            continue
        if not (record.worktree / ".git").exists():
            picks.append(InProgress(record, None, "its worktree is gone"))
            continue
        try:
            resolution = _examined(project, record)
            picks.append(
                InProgress(record, resolution, is_rewound=_is_rewound(project, resumed_target(project, record)))
            )
        except GitFailedError as error:  # half made when its process died: the others are still to be listed
            reason = error.message.partition("\n")[0]
            picks.append(InProgress(record, None, f"its worktree cannot be read: {reason}"))
    return tuple(picks)


def continue_pick(
    project: Project,
    name: str | None,
    start: Path,
    *,
    adaptation: str | None = None,
    publishing: PublishRequest | None = None,
) -> ResumedPick:
    """Commit what was resolved and pick the rest.

    `adaptation` says in one line how the pick differs from its original. Raise `ConflictError` while something is
    unresolved, `DecisionError` if the resolution leaves nothing; the worktree then stays as it is.
    """
    project = _anchored(project)
    record = _find(project.repository, name, start)
    target = resumed_target(project, record)
    publishing = prepare(project, target, publishing or PublishRequest())
    with interruptible(), locked(project.repository, record.name):
        run = PickRun.resumed(project, target, record)
        state = _examined(project, record)
        _refuse_unresolved(record, state)
        made = _committed(project, run, record, state, _adaptation(record, state, adaptation))
        report = _go_on(run, record)
    report = handed_in(project, target, publishing, _with_redo(project, target, report))
    deviation = deviations_of(project.repository, [(made, record.current.upstream)])
    return ResumedPick(report, deviation.get((made, record.current.upstream)))


def skip_pick(project: Project, name: str | None, start: Path, publishing: PublishRequest | None = None) -> PickReport:
    """Leave the conflicting commit out and pick the rest."""
    project = _anchored(project)
    record = _find(project.repository, name, start)
    target = resumed_target(project, record)
    publishing = prepare(project, target, publishing or PublishRequest())
    with interruptible(), locked(project.repository, record.name):
        run = PickRun.resumed(project, target, record)
        run.skipped.append(record.current.upstream)
        report = _go_on(run, record)
        tell_given_up(project, record.branch, record.topic, [record.current.upstream])
    return handed_in(project, target, publishing, _with_redo(project, target, report))


def abort_pick(project: Project, name: str | None, start: Path) -> PickRecord | BrokenRecord:
    """Remove the worktree and the record. The pick made and moved no branch, so nothing else is left of it."""
    project = _anchored(project)
    record = _find_any(project.repository, name, start)
    with interruptible(), locked(project.repository, record.name) as directory:
        past_the_point()
        remove_worktree(project.repository, directory / "worktree")
        remove_record(project.repository, record.name)
    if isinstance(record, PickRecord):
        commits = [*(done.upstream for done in record.done), record.current.upstream]
        tell_given_up(project, record.branch, record.topic, commits)
    return record


def asks_adaptation(project: Project, name: str | None, start: Path) -> PickRecord:
    """Return the pick that `--continue` is about, checked as `continue_pick` checks it."""
    record = _find(project.repository, name, start)
    _refuse_unresolved(record, _examined(project, record))
    return record


def _with_redo(project: Project, target: Target, report: PickReport) -> PickReport:
    """Return the report with what is to be picked anew, where the topic branch stands on what its branch threw away."""
    if not _is_rewound(project, target):
        return report
    redo = topic_branches(project.repository).picks_on(target.topic) if report.is_finished else ()
    return replace(report, is_rewound=True, redo=redo or tuple(done.upstream for done in report.made))


def _is_rewound(project: Project, target: Target) -> bool:
    """Tell whether the pick began on what its branch no longer has; a topic branch that is continued knows more."""
    tips = tips_now(project, target)
    if target.topic_was is None or target.start != target.topic_was:
        return bool(tips) and not is_reached(project.repository, target.start, tips)
    return topic_branches(project.repository).is_rewound(target.topic, target.branch, tips)


def _anchored(project: Project) -> Project:
    """Return the project seen from the common git directory; the worktree that the person stands in may be removed at
    the end."""
    if project.repository.git_dir == project.repository.common_dir:
        return project
    repository = discover(project.repository.common_dir)
    return replace(project, repository=repository, store=QueueStore(repository), actor=lambda: committer_of(repository))


def _find_any(repository: Repository, name: str | None, start: Path) -> PickRecord | BrokenRecord:
    records = list(iter_records(repository))
    if name is not None:
        wanted = record_name(name)
        for record in records:
            if record.name == wanted or (isinstance(record, PickRecord) and _is_about(record, name)):
                return record
        raise RefError(f"no pick to '{name}' is in progress", hints=("backportq pick --status",))
    here = start.resolve()
    for record in records:
        if isinstance(record, PickRecord) and here.is_relative_to(record.worktree.resolve()):
            return record
    if len(records) == 1:
        return records[0]
    if not records:
        raise RefError("no pick is in progress", hints=("backportq pick COMMIT --branch BRANCH begins one",))
    raise UsageError(
        f"{len(records)} picks are in progress, and none was named",
        hints=("name one of them: " + ", ".join(_topic(record) for record in records), "backportq pick --status"),
    )


def _find(repository: Repository, name: str | None, start: Path) -> PickRecord:
    record = _find_any(repository, name, start)
    if isinstance(record, BrokenRecord):
        raise RefError(f"the pick '{record.name}' cannot go on: {record.why}", hints=("backportq pick --abort",))
    return record


def _is_about(record: PickRecord, text: str) -> bool:
    return record.topic == text or (len(text) >= 7 and record.current.upstream.startswith(text.lower()))


def _topic(record: PickRecord | BrokenRecord) -> str:
    return record.topic if isinstance(record, PickRecord) else record.name


def _examined(project: Project, record: PickRecord) -> ResolvedWorktree:
    return examine(project.repository, record.worktree, base=record.head, picked=record.current.picked)


def _refuse_unresolved(record: PickRecord, state: ResolvedWorktree) -> None:
    place = record.worktree
    if state.unmerged:
        raise ConflictError(
            f"{counted(len(state.unmerged), 'path is', 'paths are')} still unmerged in '{place}': "
            f"{_names(state.unmerged)}",
            hints=(
                f"git -C {typed(place)} add PATH, once PATH is resolved",
                f"backportq pick --abort {typed(record.topic)}",
            ),
        )
    if state.marked:
        raise ConflictError(
            f"conflict markers are left in {_names(state.marked)}",
            hints=(f"git -C {typed(place)} diff --cached --check shows them",),
        )
    if state.unstaged:
        raise ConflictError(
            f"{counted(len(state.unstaged), 'path has', 'paths have')} changes that are not staged: "
            f"{_names(state.unstaged)}",
            hints=(f"git -C {typed(place)} add -u",),
        )
    if state.untracked:
        raise ConflictError(
            f"{counted(len(state.untracked), 'file is', 'files are')} not tracked, and would go with the worktree: "
            f"{_names(state.untracked)}",
            hints=(
                f"git -C {typed(place)} add FILE takes one into the pick",
                f"git -C {typed(place)} clean -fd removes all",
            ),
        )


def _adaptation(record: PickRecord, state: ResolvedWorktree, said: str | None) -> str | None:
    """Return what the message says of the resolution: what the person said, and which program proposed it."""
    if record.resolved_by is None:
        return said
    by_hand = "" if state.tree == record.resolved_tree else ", then by hand"
    return f"{said}; {record.resolved_by}{by_hand}" if said else f"{record.resolved_by}{by_hand}"


def _committed(
    project: Project, run: PickRun, record: PickRecord, state: ResolvedWorktree, adaptation: str | None
) -> Oid:
    """Return the commit of the resolution: the one that the person made, or a new one."""
    repository, place = project.repository, record.worktree
    # The person committed the resolution with git: that commit is the pick.
    if state.head != record.head and not is_picking(repository, place):
        base = run_as_user(
            repository, "merge-base", "--is-ancestor", record.head, state.head, worktree=place, ok=(0, 1)
        )
        if base.status != 0:
            raise RefError(
                f"the worktree '{place}' is at '{short(state.head)}', which does not contain '{short(record.head)}'",
                hints=(
                    f"git -C {typed(place)} reset --soft {record.head}",
                    f"backportq pick --abort {typed(record.topic)}",
                ),
            )
        made = state.head
    else:
        made = _commit(project, run, record, state, adaptation)
    run.tip = made
    run.done.append(FinishedPick(record.current.upstream, made))
    return made


def _commit(project: Project, run: PickRun, record: PickRecord, state: ResolvedWorktree, adaptation: str | None) -> Oid:
    """Commit as `git cherry-pick --continue` does: with the user's hooks and signing, and the original's author."""
    repository, place = project.repository, record.worktree
    before = run_as_user(repository, "rev-parse", "HEAD^{tree}", worktree=place).out.decode("ascii").strip()
    if before == state.tree:
        raise DecisionError(
            f"the resolution leaves nothing of '{short(record.current.upstream)}' to pick",
            hints=(f"backportq pick --skip {typed(record.topic)}",),
        )
    committer = find_committer(repository)
    original = read_original(read_one(repository, record.current.picked), committer.encoding)
    message = run.words(record.current, committer, original.message, adaptation)
    mode = committer.cleanup.mode if committer.cleanup is not None else CleanupMode.WHITESPACE
    # `git commit` takes the author from it, as after `git cherry-pick`.
    run_as_user(repository, "update-ref", "CHERRY_PICK_HEAD", record.current.picked, worktree=place)
    try:
        run_as_user(
            repository,
            # 'whitespace' keeps lines of the message that begin with '#'.
            *("commit", "-q", "--no-edit", f"--cleanup={mode}", "-F", "-"),
            worktree=place,
            stdin=encode(message, committer.encoding),
        )
    except GitFailedError as error:
        raise GitFailedError(
            f"the resolved pick could not be committed: {error.message}",
            hints=(
                f"git -C {typed(place)} commit says more",
                f"backportq pick --continue {typed(record.topic)}, after that",
            ),
        ) from error
    return Oid(run_as_user(repository, "rev-parse", "HEAD", worktree=place).out.decode("ascii").strip())


def _go_on(run: PickRun, record: PickRecord) -> PickReport:
    """Pick what is left on top of `run.tip`; stop at the next conflict, in the same worktree."""
    waiting = None
    if record.left:
        with PickSequence(run.project.repository, run.tip) as sequence:
            waiting = run_steps(run, sequence, record.left)
    else:
        finish(run)
    report = report_of(run, waiting)
    if waiting is None and run.done:
        remember_topic(
            run.project,
            run.target.branch,
            run.target.topic,
            onto=run.target.start,
            tip=run.tip,
            picks=run.done,
            is_recorded=report.queue_update.is_told,
        )
    return report


def _names(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _SHOWN_PATHS} more" if len(paths) > _SHOWN_PATHS else ""
    return ", ".join(f"'{path}'" for path in paths[:_SHOWN_PATHS]) + more
