"""Showing what a pick did, to people and as JSON; the same for a pick that begins and one that goes on."""

from __future__ import annotations

from collections.abc import Sequence

from backportq.cli.render.published import (
    publication_document,
    tell_hand_in,
    tell_problem,
    tell_publication,
)
from backportq.cli.render.resolved import proposal_document
from backportq.cli.render.work import redo_command
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Style
from backportq.errors import ExitCode
from backportq.model.ids import BranchName, Oid, short
from backportq.model.picks.record import PickRecord
from backportq.model.picks.topic import TOPIC_FOLDER
from backportq.model.trials.deviation import Deviation, DeviationKind
from backportq.model.words import counted, typed
from backportq.services.picks.older_branches import AlsoOn, also_on
from backportq.services.picks.pick import PickReport
from backportq.services.picks.queue_update import QueueUpdate
from backportq.services.picks.resolver import ProposedResolution
from backportq.services.picks.topics import Adoption
from backportq.services.project import Project

_SHOWN_PATHS = 20
_SHOWN_GROUPS = 3
_SHOWN_COMMITS = 5


def tell_pick(
    project: Project,
    report: PickReport,
    *,
    as_json: bool,
    deviation: Deviation | None = None,
    proposal: ProposedResolution | None = None,
) -> ExitCode | None:
    """Print the report; return exit code 4 while a conflict waits, 1 if there was nothing to pick, 3 if it could not be
    handed in."""
    made = [done.upstream for done in report.made] if report.is_finished else []
    also = also_on(project, BranchName(report.branch), made)
    if as_json:
        told = {"also": also_document(also), "proposal": proposal_document(proposal)}
        output.emit_json({**pick_document(report, deviation), **told})
    else:
        _print(report, deviation)
        tell_also(also)
        if proposal is not None and proposal.refused is None and report.waiting is not None:
            place = typed(report.waiting.worktree)
            output.say("the resolution stands there, staged:")
            output.next_step(f"git -C {place} diff --cached", "look at it")
            output.next_step(f"backportq pick --continue {typed(report.topic)}", "takes it")
    # The picks are made all the same, and the exit code speaks of them.
    if report.queue_update.problem is not None:
        output.warn(f"the queue does not know of it: {report.queue_update.problem}")
    tell_problem(report.publication)
    if report.waiting is not None:
        return ExitCode.CONFLICT
    # The branch is made, so the answer is not "no": handing it in failed.
    if report.publication.problem is not None:
        return ExitCode.BAD_STATE
    return None if report.made else ExitCode.NO


def pick_document(report: PickReport, deviation: Deviation | None = None) -> dict[str, object]:
    """Return the report as a JSON document."""
    return {
        "branch": report.branch,
        "topic": report.topic,
        "onto": report.onto,
        "tip": report.tip,
        "finished": report.is_finished,
        "mainline": report.mainline,
        "rewound": report.is_rewound,
        "made": [{"upstream": done.upstream, "commit": done.made} for done in report.made],
        "landed": [
            {"upstream": commit.upstream, "commit": commit.commit, "staged": commit.staged, "evidence": commit.evidence}
            for commit in report.landed
        ],
        "empty": list(report.emptied),
        "skipped": list(report.skipped),
        "alternatives": [{"upstream": upstream, "commit": taken} for upstream, taken in report.alternatives.items()],
        "waiting": waiting_document(report.waiting) if report.waiting is not None else None,
        "deviation": None if deviation is None else {"kind": str(deviation.kind), "lines": deviation.lines},
        "published": publication_document(report.publication),
        "queue": {"begun": list(report.queue_update.items), "problem": report.queue_update.problem},
    }


def also_document(found: Sequence[AlsoOn]) -> list[dict[str, object]]:
    """Return as JSON which older branches want what was just picked."""
    return [{"branches": list(also.branches), "commits": list(also.commits)} for also in found]


def waiting_document(record: PickRecord) -> dict[str, object]:
    """Return a pick in progress as a JSON document."""
    return {
        "topic": record.topic,
        "branch": record.branch,
        "commit": record.current.upstream,
        "picked": record.current.picked,
        "worktree": str(record.worktree),
        "paths": list(record.paths),
        "made": [{"upstream": done.upstream, "commit": done.made} for done in record.done],
        "left": [step.upstream for step in record.left],
        "by": str(record.by),
        "at": record.at.isoformat(),
    }


def _print(report: PickReport, deviation: Deviation | None) -> None:
    for there in report.landed:
        how = f"as {short(there.commit)}" if there.commit != there.upstream else "itself"
        where = "staged on" if there.staged else "on"
        output.say(f"{short(there.upstream)} is {where} {report.branch} already, {how} ({there.evidence})", Style.DIM)
    for done in report.made:
        taken = report.alternatives.get(done.upstream)
        source = f" (taken from {short(taken)})" if taken is not None else ""
        output.say(f"{short(done.upstream)} picked as {short(done.made)}{source}: {report.subjects[done.upstream]}")
    if report.mainline is not None and report.made:
        output.say(f"merges were picked against parent {report.mainline} (--mainline)", Style.DIM)
    for oid in report.emptied:
        output.say(f"{short(oid)} left out, nothing of it is left to change: {report.subjects[oid]}", Style.DIM)
    for oid in report.skipped:
        output.say(f"{short(oid)} skipped: {report.subjects[oid]}", Style.DIM)
    if deviation is not None:
        style = Style.GOOD if deviation.kind is not DeviationKind.FUNCTIONAL else Style.WAITING
        output.say(f"deviation of the resolved pick from its original: {deviation}", style)
    if report.waiting is not None:
        tell_begun(report.queue_update)
        tell_waiting(report.waiting, report.subjects.get(report.waiting.current.upstream, ""), report.needed)
    elif report.made:
        count = counted(len(report.made), "commit")
        output.blank()
        output.say(f"branch {report.topic} is ready: {count} on top of {short(report.onto)}", Style.HEADING)
        tell_begun(report.queue_update)
        tell_publication(report.publication)
        if report.is_rewound:
            tell_rewound(report.topic, report.branch, report.redo)
        output.say("next:")
        output.next_step(f"git log -p {short(report.onto)}..{typed(report.topic)}", "review it")
        tell_hand_in(report.publication, report.hand_in)
    else:
        output.say("nothing was picked, and no branch was made")


def tell_also(found: Sequence[AlsoOn]) -> None:
    """Print which older branches want what was just picked, and what to type."""
    for also in found[:_SHOWN_GROUPS]:
        commits = " ".join(short(oid) for oid in also.commits[:_SHOWN_COMMITS])
        more = len(also.commits) - _SHOWN_COMMITS
        branches = " ".join(f"-b {typed(name)}" for name in also.branches)
        rest = f", and {more} more" if more > 0 else ""
        output.next_step(f"backportq tag {commits} {branches}", f"also on {', '.join(also.branches)}?{rest}")


def tell_rewound(topic: str, branch: str, commits: Sequence[Oid]) -> None:
    """Warn that a topic branch stands on what its branch threw away, with the command that picks anew."""
    output.say(f"{topic} stands on what {branch} no longer has, and a push would bring that back", Style.BAD)
    output.next_step(redo_command(topic, branch, commits), "picks it anew")


def tell_adoption(adoption: Adoption) -> None:
    """Print which picks the queue learned of, that were on a branch already."""
    picks = ", ".join(short(oid) for oid in adoption.commits)
    output.say(f"{adoption.branch}: {picks}, picked on {adoption.topic} already, adopted by the queue")
    if adoption.queue_update.problem is not None:
        output.warn(f"the queue does not know of it: {adoption.queue_update.problem}")
    tell_begun(adoption.queue_update)


def tell_begun(update: QueueUpdate) -> None:
    """Print how many items of the queue are in progress now, and whose they are."""
    if not update.has_queue:
        output.note("there is no queue in this clone, so nobody else sees this pick; 'backportq sync' adopts it")
    if not update.open:
        return
    whose = [f"{counted(update.taken, 'that nobody had is', 'that nobody had are')} yours"] if update.taken else []
    whose += [f"{counted(count, 'is', 'are')} {key}'s" for key, count in update.others]
    output.say(f"in progress now: {counted(update.open, 'item')}" + (f" ({', '.join(whose)})" if whose else ""))
    if update.joined is not None:
        output.say(f"added '{update.joined}' (you) to the people of this queue")


def tell_waiting(record: PickRecord, subject: str, needed: Sequence[Oid] = ()) -> None:
    """Print where a conflict waits, and what to type; `needed` is what the queue knows that it needs first."""
    output.say(f"{short(record.current.upstream)} conflicts: {subject}", Style.BAD)
    for path in record.paths[:_SHOWN_PATHS]:
        output.say(f"    {path}")
    if len(record.paths) > _SHOWN_PATHS:
        output.say(f"    and {len(record.paths) - _SHOWN_PATHS} more")
    if not record.paths:
        output.say("    git resolved all of it, as you configured it; look at it before you go on")
    if record.left:
        output.say(f"{len(record.left)} more to pick after it")
    output.blank()
    output.say("the conflict waits in a worktree of its own; nothing else was touched")
    output.say("next:")
    output.next_step(f"cd {typed(record.worktree)}")
    output.next_step("git add PATH", "once PATH is resolved")
    output.next_step("backportq pick --continue -m 'what you had to change'", "from any directory")
    output.next_step(
        f"backportq explain {short(record.current.upstream)} {typed(record.branch)}", "what it may need first"
    )
    output.next_step("backportq pick --skip", "leaves this commit out; --abort gives up")
    if needed:
        output.say(f"or, with {'what it needs' if len(needed) > 1 else short(needed[0])} first:")
        output.next_step(f"backportq pick --abort {typed(record.topic)}")
        output.next_step(_together(record, needed))


def _together(record: PickRecord, needed: Sequence[Oid]) -> str:
    """Return the command that picks the same commits again, with what the waiting one needs before it."""
    steps = [*(done.upstream for done in record.done), *needed, record.current.upstream]
    steps += [step.picked for step in record.left]
    words = ["backportq pick", *(short(oid) for oid in steps), f"--branch {typed(record.branch)}"]
    if not record.topic.startswith(f"{TOPIC_FOLDER}/{record.branch}/") or record.topic_was is not None:
        words.append(f"--onto {typed(record.topic)}")
    if record.topic_was is not None:
        words.append("--append" if record.topic_was == record.onto else "--force")
    if record.mainline is not None:
        words.append(f"--mainline {record.mainline}")
    return " ".join(words)
