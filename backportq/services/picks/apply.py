"""`apply`: build a branch with every item of a queue that applies, in order, and say what was left out and why.

- Items are taken in upstream order, each on top of the earlier ones that apply.
- A conflict leaves an item out and goes on; only a failing check ends the run.
- Prerequisites that were picked for an item go with it if it does not apply, or fails its check.
- The branch is made at the end, in one step.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC
from enum import StrEnum

from backportq.errors import BackportqError
from backportq.git.picking.checking import CheckOutcome, CheckRoom
from backportq.git.picking.publishing import move_branch
from backportq.git.picking.sequence import Conflicting, Emptied, Impossible, Picked, PickSequence
from backportq.git.read.lookup import read_commits
from backportq.model.commit import Commit
from backportq.model.ids import BranchName, Oid
from backportq.model.items.records import Check, CheckResult
from backportq.model.items.votes import tally
from backportq.model.picks.record import FinishedPick
from backportq.model.progress import advance
from backportq.model.trials.verdict import Verdict
from backportq.services.history.facts import BranchFacts
from backportq.services.history.stored_facts import facts_of
from backportq.services.items.open_items import LATER, Filter, OpenItem, open_items
from backportq.services.items.query import filter_entries, query_of
from backportq.services.items.tried_items import retry_published, try_items
from backportq.services.picks.publish import HandedIn, PublishRequest, hand_in_command, prepare, publish
from backportq.services.picks.queue_update import QueueUpdate, tell_applied, tell_checked
from backportq.services.picks.request import PickRequest
from backportq.services.picks.run import interruptible, past_the_point
from backportq.services.picks.targets import Target, choose_target, word_pick
from backportq.services.picks.topics import remember_topic
from backportq.services.project import Project
from backportq.services.trials.explain import Bounds, explain


class ApplyResult(StrEnum):
    """What became of one commit."""

    APPLIED = "applied"
    PREREQUISITE = "prerequisite"
    CONFLICT = "conflict"
    EMPTY = "empty"
    UNTRIED = "untried"
    FAILED = "failed"
    NOT_APPROVED = "not-approved"
    NOT_REACHED = "not-reached"


MADE = frozenset({ApplyResult.APPLIED, ApplyResult.PREREQUISITE})
"""What is on the new branch."""


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """What was typed.

    - `wanted`, `query` and `verdicts` (of an item alone on the tip) choose the items.
    - `command` is run on each pick, for at most `seconds`.
    - `publishing` says where the branch is handed in for review.
    - `dry_run` makes no branch; the command runs all the same. Without `record` the queue stays as it is.
    """

    branch: str
    onto: str | None = None
    append: bool = False
    force: bool = False
    wanted: Filter = field(default_factory=Filter)
    query: str | None = None
    verdicts: tuple[Verdict, ...] = ()
    with_prerequisites: bool = False
    command: str | None = None
    seconds: float | None = None
    keep_going: bool = False
    publishing: PublishRequest = field(default_factory=PublishRequest)
    style: str | None = None
    sign_off: bool | None = None
    dry_run: bool = False
    record: bool = True


@dataclass(frozen=True, slots=True)
class ApplyEntry:
    """What became of one commit: the commit `made` of it, `why` in words, and its check if one was run.

    `needed_by` is set for prerequisites that are no items of the run.
    """

    commit: Oid
    subject: str
    result: ApplyResult
    made: Oid | None = None
    why: str = ""
    check: CheckOutcome | None = None
    needed_by: Oid | None = None


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What `apply` did.

    - `results` are in queue order. The branch `topic` exists iff something was made and it was no dry run.
    - `is_in_the_way`: for a dry run, a branch of that name exists and would have been left alone.
    - `stopped`: a failing check ended the run.
    - `publication`: what came of handing it in; `hand_in`: the command that does so.
    - `queue_update`: the items that are in progress now.
    - `problem`: why the queue could not be updated.
    """

    branch: BranchName
    topic: BranchName
    onto: Oid
    tip: Oid
    results: tuple[ApplyEntry, ...]
    dry_run: bool
    is_in_the_way: bool = False
    stopped: bool = False
    publication: HandedIn = field(default_factory=HandedIn)
    hand_in: str | None = None
    problem: str | None = None
    queue_update: QueueUpdate = field(default_factory=QueueUpdate)

    @property
    def made(self) -> tuple[ApplyEntry, ...]:
        """The commits of the new branch, oldest first."""
        return tuple(entry for entry in self.results if entry.result in MADE)


def apply(project: Project, request: ApplyRequest, *, bounds: Bounds | None = None) -> ApplyReport:
    """Build the branch and return what became of every chosen item.

    Raise `ConfigError`, `RefError` or `UsageError` for what was typed, before anything is done; `GitFailedError` where
    a hook refuses or signing fails, with no branch made.
    """
    picks = PickRequest(
        (),
        request.branch,
        onto=request.onto,
        append=request.append,
        force=request.force,
        style=request.style,
        sign_off=request.sign_off,
        dry_run=request.dry_run,
    )
    target = choose_target(project, picks, None)
    publishing = prepare(project, target, request.publishing)
    entries = _chosen(project, request)
    retry_published(project.repository, project.store, target.branch, [entry.item.commit for entry in entries])
    with interruptible():
        report = _applied(project, request, target, entries, bounds or Bounds(limit=60, seconds=10.0))
    if request.dry_run or not report.made:
        return report
    if report.stopped:
        publishing = PublishRequest()
    made = _picks(report)
    publication = publish(project, target, publishing, made, report.tip, record=request.record)
    command = None if publishing.is_wanted else hand_in_command(project, target, made)
    return replace(report, publication=publication, hand_in=command)


def _picks(report: ApplyReport) -> list[FinishedPick]:
    return [FinishedPick(entry.commit, entry.made) for entry in report.made if entry.made is not None]


def _applied(
    project: Project, request: ApplyRequest, target: Target, entries: Sequence[OpenItem], bounds: Bounds
) -> ApplyReport:
    with ExitStack() as stack:
        sequence = stack.enter_context(PickSequence(project.repository, target.start))
        room = None
        if request.command is not None:
            room = CheckRoom(project.repository, target.topic, request.command, seconds=request.seconds)
            stack.enter_context(room)
        run = _Run(project, request, target, sequence, room, bounds)
        stopped = run.all(entries)
        if sequence.made and not request.dry_run:
            # Objects first. From `past_the_point` on, Ctrl-C waits until the branch and the queue agree.
            sequence.keep()
            past_the_point()
            reason = f"backportq apply: {len(sequence.made)} picks for {target.branch}"
            move_branch(project.repository, target.topic, sequence.tip, target.topic_was, reason)
    report = ApplyReport(
        target.branch,
        target.topic,
        target.start,
        sequence.tip,
        tuple(run.results),
        request.dry_run,
        is_in_the_way=target.topic_was is not None and not (request.append or request.force),
        stopped=stopped,
    )
    return report if request.dry_run else _recorded(project, request, report, run.checks)


class _Run:
    """One run over a queue."""

    def __init__(
        self,
        project: Project,
        request: ApplyRequest,
        target: Target,
        sequence: PickSequence,
        room: CheckRoom | None,
        bounds: Bounds,
    ) -> None:
        self._project = project
        self._request = request
        self._target = target
        self._sequence = sequence
        self._room = room
        self._bounds = bounds
        self._commits: dict[Oid, Commit] = {}
        self._mainlines: dict[Oid, int] = {}
        self._picked: set[Oid] = set()
        self._here: BranchFacts | None = None
        self.results: list[ApplyEntry] = []
        self.checks: dict[Oid, Check] = {}

    def all(self, entries: Sequence[OpenItem]) -> bool:
        """Take the items in order; return whether a failing check ended the run."""
        self._commits = read_commits(self._project.repository, [entry.item.commit for entry in entries])
        self._mainlines = {entry.item.commit: entry.mainline for entry in entries if entry.mainline is not None}
        policy = self._target.config.policy if self._target.config is not None else {}
        for at, entry in enumerate(entries):
            advance("applying", at, len(entries))
            if entry.item.commit in self._picked:  # as the prerequisite of an earlier one
                continue
            # Votes are counted at the moment of applying: somebody may have objected since the list was shown.
            missing = tally(entry.item, policy).why_not
            if missing is not None:
                self._note(entry.item.commit, ApplyResult.NOT_APPROVED, missing)
                continue
            if self._item(entry) and not self._request.keep_going:
                for rest in entries[at + 1 :]:
                    self._note(rest.item.commit, ApplyResult.NOT_REACHED, "a check failed before")
                return True
        return False

    def _item(self, entry: OpenItem) -> bool:
        """Take one item; return whether its check failed."""
        commit = entry.item.commit
        made, noted = len(self._sequence.made), len(self.results)
        if self._request.with_prerequisites:
            self._prerequisites(commit, entry.item.needs)
        if self._pick(commit, ApplyResult.APPLIED):
            return self._checked(commit)
        outcome = self.results.pop()
        if outcome.result is ApplyResult.CONFLICT and self._request.with_prerequisites and self._cure(commit):
            return self._checked(commit)
        # What was picked for it is of no use without it.
        while len(self._sequence.made) > made:
            self._sequence.drop_last()
        self._picked -= {entry.commit for entry in self.results[noted:]}
        self.results[noted:] = [outcome]
        return False

    def _cure(self, commit: Oid) -> bool:
        """Find what the commit needs and pick that before it; return whether it applies then."""
        try:
            needed = explain(self._project, commit, self._target.branch, bounds=self._bounds)
        except BackportqError:
            return False
        if not needed.prerequisites:
            return False
        self._prerequisites(commit, [prerequisite.commit for prerequisite in needed.prerequisites])
        if self._pick(commit, ApplyResult.APPLIED):
            return True
        self.results.pop()
        return False

    def _prerequisites(self, commit: Oid, needed: Sequence[Oid]) -> None:
        """Pick those of `needed` that the branch lacks. One that does not apply is left out; the item's own result
        tells why."""
        absent = [oid for oid in needed if oid not in self._picked and not self._is_landed(oid)]
        self._commits.update(
            read_commits(self._project.repository, [oid for oid in absent if oid not in self._commits])
        )
        for oid in absent:
            if oid in self._commits and not self._pick(oid, ApplyResult.PREREQUISITE, needed_by=commit):
                self.results.pop()

    def _is_landed(self, oid: Oid) -> bool:
        if self._here is None:
            state = self._project.store.snapshot().state
            facts = facts_of(self._project.repository, state)
            self._here = facts.find_branch(self._target.branch)
        return self._here is not None and self._here.contains(oid)

    def _pick(self, oid: Oid, result: ApplyResult, *, needed_by: Oid | None = None) -> bool:
        """Pick one commit and note its result; return whether a commit was made."""
        commit = self._commits[oid]
        words: Callable[[str], str] = functools.partial(
            word_pick, target=self._target, upstream=commit, picked=oid, committer=self._sequence.committer
        )
        outcome = self._sequence.pick(commit, words, mainline=self._mainlines.get(oid))
        match outcome:
            case Picked():
                self._picked.add(oid)
                self.results.append(ApplyEntry(oid, commit.subject, result, outcome.made, needed_by=needed_by))
                return True
            case Conflicting():
                paths = list(dict.fromkeys(conflict.path for conflict in outcome.conflicts))
                self._note(oid, ApplyResult.CONFLICT, ", ".join(paths))
            case Emptied():
                self._note(oid, ApplyResult.EMPTY, "nothing of it is left to change")
            case Impossible():
                self._note(oid, ApplyResult.UNTRIED, outcome.why)
        return False

    def _checked(self, oid: Oid) -> bool:
        """Check the newest pick; if that fails, take it back with its prerequisites. Return whether it failed."""
        if self._room is None:
            return False
        if self._request.dry_run:
            checked = self._room.run(self._sequence.tip, oid, self._sequence.lent())
        else:
            self._sequence.keep()
            checked = self._room.run(self._sequence.tip, oid)
        applied = self.results.pop()
        made = applied.made or self._sequence.tip
        self.checks[oid] = Check(
            self._request.command or "", checked.result, made, str(self._project.actor()), self._project.clock()
        )
        if checked.result in (CheckResult.PASSED, CheckResult.SKIPPED):
            self.results.append(ApplyEntry(oid, applied.subject, ApplyResult.APPLIED, applied.made, check=checked))
            return False
        self._sequence.drop_last()
        self._picked.discard(oid)
        while (
            self.results and self.results[-1].needed_by == oid and self.results[-1].result is ApplyResult.PREREQUISITE
        ):
            self._picked.discard(self.results.pop().commit)
            self._sequence.drop_last()
        why = "out of time" if checked.status is None else f"exit status {checked.status}"
        self.results.append(ApplyEntry(oid, applied.subject, ApplyResult.FAILED, why=why, check=checked))
        return True

    def _note(self, oid: Oid, result: ApplyResult, why: str) -> None:
        self.results.append(
            ApplyEntry(oid, self._commits[oid].subject if oid in self._commits else "", result, why=why)
        )


def _chosen(project: Project, request: ApplyRequest) -> list[OpenItem]:
    """Return the items to apply, in queue order: those of the request that are not put off."""
    found = open_items(project, branches=(request.branch,))
    entries = [entry for entry in found.items if entry.standing not in LATER and request.wanted.admits(entry)]
    if request.query:
        today = project.clock().astimezone(UTC).date()
        entries = filter_entries(project, entries, query_of(project, request.query), today)
    if request.verdicts:
        tried = {each.entry: each.verdict for each in try_items(project.repository, found.items)}
        entries = [entry for entry in entries if tried.get(entry) in request.verdicts]
    return entries


def _recorded(project: Project, request: ApplyRequest, report: ApplyReport, checks: dict[Oid, Check]) -> ApplyReport:
    """Record in the queue what was made, and return the report with how that went."""
    problems = []
    update = QueueUpdate()
    made: Collection[Oid] = {entry.commit for entry in report.made}
    if made and request.record:
        update = tell_applied(project, report.branch, report.topic, {oid: checks.get(oid) for oid in made})
        problems += [f"the queue does not know of it: {update.problem}"] if update.problem else []
    if made:
        remember_topic(
            project,
            report.branch,
            report.topic,
            onto=report.onto,
            tip=report.tip,
            picks=_picks(report),
            is_recorded=update.is_told or not request.record,
        )
    failed = {oid: check for oid, check in checks.items() if oid not in made}
    if failed and request.record:
        checked = tell_checked(project, report.branch, failed)
        problems += [f"the queue does not know of failed checks: {checked.problem}"] if checked.problem else []
    return replace(report, queue_update=update, problem="; ".join(problems) or None)
