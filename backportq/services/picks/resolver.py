"""Conflicts handed to a resolver of one's own (`git config backportq.resolver CMD`): advice, never a decision.

- It gets the worktree and what is known of the conflict: culprits, prerequisites, alternatives.
- Its resolution is accepted only if no marker is left, nothing else was changed and the check passes.
- It is committed only after the person said yes; the message and `show` name it.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from backportq.errors import BackportqError, ConfigError
from backportq.git.picking.checking import CheckRoom
from backportq.git.picking.hooks import remove_worktree
from backportq.git.picking.records import picks_directory, write_record
from backportq.git.picking.resolving import (
    SETTING,
    ResolvedConflict,
    StoppedPick,
    resolve,
    resolver_name,
    resolver_of,
)
from backportq.git.picking.sequence import Conflicting, PickSequence
from backportq.git.picking.worktrees import add_worktree, begin_pick
from backportq.git.read.range_diff import range_diff
from backportq.git.user import run_as_user
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.records import CheckResult
from backportq.model.picks.record import PickRecord, PickStep
from backportq.model.trials.deviation import Deviation
from backportq.services.picks.pick import steps_of
from backportq.services.picks.request import PickRequest, choose_commits, read_one
from backportq.services.picks.targets import Target, choose_target
from backportq.services.project import Project
from backportq.services.trials.deviation import deviations_of
from backportq.services.trials.explain import Bounds, explain

_PATHS_NAMED = 3


@dataclass(frozen=True, slots=True)
class ProposedResolution:
    """What a resolver proposes for one conflict.

    - `name` is the program, `refused` why its resolution is not accepted; `said` is the end of what it printed.
    - `deviation` and `difference` (a range-diff, hunk by hunk) say how it differs from the original.
    """

    commit: Oid
    name: str
    refused: str | None
    said: str
    deviation: Deviation | None = None
    difference: str = ""
    tree: Oid | None = None
    paths: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """What the message of the pick says of it."""
        more = f" and {len(self.paths) - _PATHS_NAMED} more" if len(self.paths) > _PATHS_NAMED else ""
        paths = ", ".join(self.paths[:_PATHS_NAMED])
        return f"conflict in {paths}{more} resolved by '{self.name}', deviation: {self.deviation}"


def propose(
    project: Project, record: PickRecord, command: str | None, seconds: float | None
) -> ProposedResolution | None:
    """Have the resolver resolve the conflict that waits in `record`; None where none is configured.

    `command` is run on the result, as `apply --exec` does.
    """
    resolver = resolver_of(project.repository)
    if resolver is None or not record.paths:
        return None
    place = StoppedPick(record.worktree, record.head, record.current.picked, record.mainline, record.paths)
    proposal = _proposed(project, place, record.current, record.branch, resolver, record.topic, command, seconds)
    if proposal.refused is None:
        done = replace(record, resolved_by=proposal.note, resolved_tree=proposal.tree)
        write_record(project.repository, done)
    return proposal


def try_resolver(
    project: Project, request: PickRequest, command: str | None, seconds: float | None
) -> list[ProposedResolution]:
    """Run the resolver on each conflict that the commits have by themselves, in worktrees that are removed again.
    Nothing is recorded, and no branch is made."""
    resolver = resolver_of(project.repository)
    if resolver is None:
        raise ConfigError(f"no resolver is configured ('{SETTING}')", hints=(f"git config {SETTING} COMMAND",))
    commits = choose_commits(project, request.commits, merges=request.merges)
    target = choose_target(project, replace(request, dry_run=True), commits[0])
    steps, _ = steps_of(project, target, commits, request)
    return [
        proposal
        for step in steps
        if (proposal := _tried(project, target, step, resolver, command, seconds, request.mainline)) is not None
    ]


def _tried(
    project: Project,
    target: Target,
    step: PickStep,
    resolver: str,
    command: str | None,
    seconds: float | None,
    mainline: int | None,
) -> ProposedResolution | None:
    repository = project.repository
    commit = read_one(repository, step.picked)
    with PickSequence(repository, target.start) as sequence:
        if not isinstance(sequence.pick(commit, lambda message: message, mainline=mainline), Conflicting):
            return None
    worktree = picks_directory(repository) / f"exec-resolver-{short(step.picked)}-0"
    worktree.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.callback(_clear, project, worktree)
        add_worktree(repository, worktree, target.start)
        paths = begin_pick(repository, worktree, step.picked, mainline)
        place = StoppedPick(worktree, target.start, step.picked, mainline, paths)
        return _proposed(project, place, step, target.branch, resolver, f"{target.topic}-trial", command, seconds)


def _clear(project: Project, worktree: Path) -> None:
    remove_worktree(project.repository, worktree)
    if worktree.parent.is_dir() and not any(worktree.parent.iterdir()):
        worktree.parent.rmdir()


def _proposed(
    project: Project,
    place: StoppedPick,
    step: PickStep,
    branch: str,
    resolver: str,
    topic: str,
    command: str | None,
    seconds: float | None,
) -> ProposedResolution:
    repository = project.repository
    log = repository.common_dir / "backportq-logs" / topic.replace("/", "-") / f"resolver-{short(step.upstream)}.log"
    found: ResolvedConflict = resolve(repository, place, resolver, _request(project, place, step, branch), log)
    name = resolver_name(resolver)
    if found.tree is None:
        return ProposedResolution(step.upstream, name, found.refused, found.said)
    # A commit that no ref names: for the check, and to be compared with the original.
    words = ("commit-tree", "--no-gpg-sign", "-p", place.head, "-m", f"resolution of {step.picked}", found.tree)
    made = Oid(run_as_user(repository, *words).out.decode("ascii").strip())
    refused = None
    if command is not None:
        with CheckRoom(repository, BranchName(topic), command, seconds=seconds) as room:
            outcome = room.run(made, step.upstream)
        if outcome.result not in {CheckResult.PASSED, CheckResult.SKIPPED}:
            refused = f"'{command}' failed on it; its log is {outcome.log}"
    deviation = deviations_of(repository, [(made, step.upstream)]).get((made, step.upstream))
    difference = range_diff(repository, step.picked, made)
    return ProposedResolution(step.upstream, name, refused, found.said, deviation, difference, found.tree, place.paths)


def _request(project: Project, place: StoppedPick, step: PickStep, branch: str) -> dict[str, object]:
    """Return what a resolver is told, as JSON; what `explain` finds in a few seconds is part of it."""
    commit = read_one(project.repository, step.picked)
    told: dict[str, object] = {
        "schema": 1,
        "commit": step.upstream,
        "picked": step.picked,
        "subject": commit.subject,
        "message": commit.message,
        "branch": branch,
        "onto": place.head,
        "worktree": str(place.worktree),
        "conflicts": [{"path": path} for path in place.paths],
        "culprits": [],
        "prerequisites": [],
        "clean_with_prerequisites": False,
        "alternatives": [],
    }
    try:
        found = explain(project, step.upstream, branch, bounds=Bounds(limit=40, seconds=5.0))
    except BackportqError:
        return told
    kinds = {conflict.path: conflict.kind for conflict in found.conflicts}
    told["conflicts"] = [{"path": path, "kind": kinds.get(path)} for path in place.paths]
    told["culprits"] = [{"commit": missing.commit, "subject": missing.subject} for missing in found.culprits]
    told["prerequisites"] = [{"commit": missing.commit, "subject": missing.subject} for missing in found.prerequisites]
    told["clean_with_prerequisites"] = bool(found.prerequisites) and found.applies_after_all
    told["alternatives"] = [
        {"commit": pick.commit, "branch": pick.branch, "verdict": str(pick.verdict)} for pick in found.alternatives
    ]
    return told
