"""`pick`: make real picks on a topic branch, without touching anything that is checked out.

- A commit that applies is committed from the trial's tree.
- The first conflict stops, with a worktree in which a person resolves it; `resume` goes on from there.
- The topic branch is made last, when all its commits exist.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from backportq.errors import RefError
from backportq.git.picking.sequence import PickSequence
from backportq.git.read.lookup import read_commits
from backportq.git.repository import Repository
from backportq.model.history.landed import LandedPick
from backportq.model.ids import BranchName, Oid, short
from backportq.model.picks.record import FinishedPick, PickRecord, PickStep
from backportq.model.trials.verdict import Verdict
from backportq.model.words import typed
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.stored_facts import facts_of
from backportq.services.items.open_items import open_items
from backportq.services.items.tried_items import TriedItem, retry_published, try_items
from backportq.services.picks.publish import HandedIn, PublishRequest, hand_in_command, prepare, publish
from backportq.services.picks.queue_update import QueueUpdate, tell_begun
from backportq.services.picks.request import PickRequest, choose_commits
from backportq.services.picks.run import PickRun, interruptible, refuse_in_progress, run_steps
from backportq.services.picks.targets import Target, choose_target, tips_now
from backportq.services.picks.topics import remember_topic
from backportq.services.project import Project
from backportq.services.scan.topics import topic_branches
from backportq.services.trials.alternatives import AlternativeSearch, list_alternatives
from backportq.services.trials.mainlines import default_mainlines, upstream_tips


@dataclass(frozen=True, slots=True)
class LandedCommit:
    """A commit that was not picked because the branch has it: as itself, or as the pick `commit`, by `evidence`."""

    upstream: Oid
    commit: Oid
    staged: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class PickReport:
    """What `pick` did.

    - `made`: the new commits on `topic`. The topic branch exists iff `is_finished`.
    - `landed` and `emptied`: what was left out. `skipped`: what the person left out.
    - `waiting`: the conflict that a person must resolve; `needed` is what the queue knows that it needs first, in pick
      order.
    - `alternatives`: upstream commit → the pick of another branch that was taken in its place.
    - `queue_update`: the items of the queue that are in progress now, or why the queue could not be updated.
    - `subjects`: those of all upstream commits named here.
    - `is_rewound`: the topic branch stands on commits that the branch had when it was begun, and has no longer; `redo`
      are then all that was picked to it.
    - `publication`: what came of handing it in; `hand_in`: the command that does so.
    """

    branch: str
    topic: str
    onto: Oid
    tip: Oid
    made: tuple[FinishedPick, ...] = ()
    landed: tuple[LandedCommit, ...] = ()
    emptied: tuple[Oid, ...] = ()
    skipped: tuple[Oid, ...] = ()
    alternatives: Mapping[Oid, Oid] = field(default_factory=dict)
    waiting: PickRecord | None = None
    queue_update: QueueUpdate = field(default_factory=QueueUpdate)
    needed: tuple[Oid, ...] = ()
    subjects: Mapping[Oid, str] = field(default_factory=dict)
    mainline: int | None = None
    publication: HandedIn = field(default_factory=HandedIn)
    hand_in: str | None = None
    is_rewound: bool = False
    redo: tuple[Oid, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether the topic branch has all that was made."""
        return self.waiting is None and bool(self.made)


def pick(project: Project, request: PickRequest, publishing: PublishRequest | None = None) -> PickReport:
    """Pick the commits of `request` and return what came of it.

    Raise `RefError`, `ConfigError` or `UsageError` for what was typed, `GitFailedError` where a hook refuses or signing
    fails, `RepositoryError` where nothing can be written. No branch is made or moved then.
    """
    commits = choose_commits(project, request.commits)
    target = choose_target(project, request, commits[0])
    refuse_in_progress(project.repository, target.topic)
    publishing = prepare(project, target, publishing or PublishRequest())
    steps, landed = steps_of(project, target, commits, request)
    mainline = mainline_of(project, request, steps)
    retry_published(project.repository, project.store, target.branch, [step.upstream for step in steps])
    run = PickRun(
        project, target, mainline, project.actor(), project.clock(), target.start, adaptation=request.adaptation
    )
    if not steps:
        subjects = subjects_of(project.repository, commits)
        return PickReport(target.branch, target.topic, target.start, target.start, landed=landed, subjects=subjects)
    with interruptible():
        report = _picked(run, steps, landed, commits)
    if request.append:
        topics = topic_branches(project.repository)
        if topics.is_rewound(target.topic, target.branch, tips_now(project, target)):
            report = replace(report, is_rewound=True, redo=topics.picks_on(target.topic))
    return handed_in(project, target, publishing, report)


def handed_in(project: Project, target: Target, publishing: PublishRequest, report: PickReport) -> PickReport:
    """Hand in a finished pick, and return the report with what came of it."""
    if not report.is_finished:
        return report
    publication = publish(project, target, publishing, report.made, report.tip)
    command = None if publishing.is_wanted else hand_in_command(project, target, report.made)
    return replace(report, publication=publication, hand_in=command)


def _picked(
    run: PickRun,
    steps: Sequence[PickStep],
    landed: tuple[LandedCommit, ...],
    commits: Sequence[Oid],
) -> PickReport:
    project, target = run.project, run.target
    with PickSequence(project.repository, target.start) as sequence:
        waiting = run_steps(run, sequence, steps)
    report = report_of(run, waiting, [*commits, *(step.upstream for step in steps)])
    remember_topic(
        project,
        target.branch,
        target.topic,
        onto=target.start,
        tip=run.tip if waiting is None else target.topic_was,
        picks=run.done,
        is_recorded=report.queue_update.is_told,
    )
    needed: tuple[Oid, ...] = ()
    if waiting is not None and target.state is not None and waiting.current.picked == waiting.current.upstream:
        # Worked out only for a conflict: it costs what `pending` costs.
        done = [pick.upstream for pick in run.done]
        needed = _needed_first(project, target.branch, waiting.current.upstream, [*done, waiting.current.upstream])
    return replace(
        report,
        landed=landed,
        alternatives={step.upstream: step.picked for step in steps if step.picked != step.upstream},
        mainline=run.mainline,
        needed=needed,
    )


def report_of(run: PickRun, waiting: PickRecord | None, named: Sequence[Oid] = ()) -> PickReport:
    """Tell the queue how far a run came, and return the report of it; `waiting` is the conflict that ended it. The
    report names the subjects of the `named` commits, too."""
    begun = [done.upstream for done in run.done] + ([waiting.current.upstream] if waiting is not None else [])
    return PickReport(
        branch=run.target.branch,
        topic=run.target.topic,
        onto=run.target.start,
        tip=run.tip,
        made=tuple(run.done),
        emptied=tuple(run.emptied),
        skipped=tuple(run.skipped),
        waiting=waiting,
        queue_update=tell_begun(run.project, run.target.branch, run.target.topic, begun),
        subjects=subjects_of(run.project.repository, [*named, *begun, *run.emptied, *run.skipped]),
    )


def steps_of(
    project: Project, target: Target, commits: Sequence[Oid], request: PickRequest
) -> tuple[list[PickStep], tuple[LandedCommit, ...]]:
    """Return the steps to pick `commits`, and the commits that the branch has already."""
    facts = None
    if target.state is not None:
        facts = facts_of(project.repository, target.state)
    # Without a queue nothing is known of landed commits: what was typed is picked.
    if facts is None:
        if request.from_alternative:
            raise RefError("--from-alternative needs a queue that knows the branches", hints=("backportq init",))
        return [PickStep(oid, oid) for oid in commits], ()
    here = facts.find_branch(target.branch)
    steps: list[PickStep] = []
    landed: list[LandedCommit] = []
    for oid in commits:
        step = PickStep(facts.original_of(oid), oid)
        there = _landed_commit(here, step.upstream) if here is not None and not request.again else None
        if there is not None:
            landed.append(there)
        else:
            steps.append(step)
    if request.from_alternative and steps:
        steps = _from_alternatives(project, target, facts, steps)
    return steps, tuple(landed)


def mainline_of(project: Project, request: PickRequest, steps: Sequence[PickStep]) -> int | None:
    """Return the parent that merges are picked against: the one that was named, or the first where one of the steps is
    a merge on upstream's own line. Like git, it means nothing for what is no merge."""
    if request.mainline is not None:
        return request.mainline
    merges = default_mainlines(project.repository, upstream_tips(project), (step.picked for step in steps))
    return 1 if merges else None


def subjects_of(repository: Repository, commits: Iterable[Oid]) -> dict[Oid, str]:
    """Return the subjects of these commits."""
    return {oid: commit.subject for oid, commit in read_commits(repository, commits).items()}


def _landed_commit(here: BranchFacts, oid: Oid) -> LandedCommit | None:
    found: LandedPick | None = here.landed(oid)
    if found is not None:
        return LandedCommit(oid, found.commit, found.staged, found.evidence[0].text if found.evidence else "")
    # What was reverted on the branch is still reached by it, and may be picked again.
    if here.has_ancestor(oid) and not any(pick.upstream == oid for pick in here.picks):
        return LandedCommit(oid, oid, staged=False, evidence="the branch contains the commit itself")
    return None


def _from_alternatives(project: Project, target: Target, facts: Facts, steps: Sequence[PickStep]) -> list[PickStep]:
    """Take for each commit the nearest pick on another branch that applies, or else the nearest of all."""
    elsewhere = facts.picks_elsewhere(step.upstream for step in steps)
    wanted = {step.upstream: AlternativeSearch(step.upstream, target.branch, target.start) for step in steps}
    listed = list_alternatives(project.repository, elsewhere, list(wanted.values()))
    chosen = []
    for step in steps:
        found = listed[wanted[step.upstream]]
        if not found:
            raise RefError(
                f"no other stable branch has a pick of '{short(step.upstream)}'",
                hints=(f"backportq pick {short(step.upstream)} --branch {typed(target.branch)}",),
            )
        # Where none applies, the pick for the nearest version is the best start for a person.
        best = next((pick for pick in found if pick.verdict is Verdict.CLEAN), found[0])
        chosen.append(PickStep(step.upstream, best.commit))
    return chosen


def _needed_first(project: Project, branch: BranchName, commit: Oid, picked: Collection[Oid]) -> tuple[Oid, ...]:
    """Return what to pick to `branch` before `commit`, in pick order: recorded needs, and earlier items that block it.

    What the branch has and what was `picked` already is left out. The history is not searched (`explain` does); this
    costs what `pending` of the branch costs.
    """
    opened = open_items(project, branches=(branch,))
    if not any(entry.item.commit == commit for entry in opened.items):
        return ()
    tried = {each.entry.item.commit: each for each in try_items(project.repository, opened.items)}
    found: dict[Oid, None] = {}
    _add_needs(commit, tried, found, {commit, *picked})
    return tuple(found)


def _add_needs(commit: Oid, tried: dict[Oid, TriedItem], found: dict[Oid, None], seen: set[Oid]) -> None:
    """Add what `commit` needs to `found`, each after what it needs itself."""
    if commit not in tried:
        return
    each = tried[commit]
    recorded = [oid for oid in each.entry.item.needs if oid in tried or oid in each.entry.lacking]
    for oid in (*recorded, *each.blocked_by):
        if oid not in seen:
            seen.add(oid)
            _add_needs(oid, tried, found, seen)
            found[oid] = None
