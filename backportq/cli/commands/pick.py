"""`pick`: make the real pick on a topic branch."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from backportq.cli.arguments import (
    FetchMissingOption,
    FormatPatchOption,
    JsonOption,
    PushAsOption,
    PushOption,
    PushOptionsOption,
    parse_seconds,
    publish_request,
)
from backportq.cli.invocation import allow_downloads, current, project
from backportq.cli.render.picked import tell_adoption, tell_pick, tell_rewound, waiting_document
from backportq.cli.render.resolved import tell_proposal, tell_proposals
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Style
from backportq.errors import ExitCode, RefError, UsageError
from backportq.git.picking.records import BrokenRecord
from backportq.git.read.lookup import resolve_commit
from backportq.model.ids import short
from backportq.model.trials.deviation import Deviation
from backportq.model.words import typed
from backportq.services.branches import is_branch_word
from backportq.services.picks.pick import PickReport, pick
from backportq.services.picks.print_commands import print_pick
from backportq.services.picks.publish import PublishRequest
from backportq.services.picks.request import PickRequest
from backportq.services.picks.resolver import ProposedResolution, propose, try_resolver
from backportq.services.picks.resume import (
    InProgress,
    abort_pick,
    asks_adaptation,
    continue_pick,
    list_picks,
    skip_pick,
)
from backportq.services.picks.topics import adopt as adopt_picks
from backportq.services.project import Project


def run(
    commits: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COMMIT|BRANCH]...", help="commits or ranges; with --continue and its like, a topic branch"
        ),
    ] = None,
    branch: Annotated[
        str | None, typer.Option("--branch", "-b", metavar="BRANCH", help="the stable branch to pick for")
    ] = None,
    onto: Annotated[
        str | None, typer.Option("--onto", metavar="NAME", help="the topic branch; backport/BRANCH/COMMIT by default")
    ] = None,
    append: Annotated[bool, typer.Option("--append", help="pick on top of the topic branch as it is")] = False,
    force: Annotated[bool, typer.Option("--force", help="replace an existing topic branch")] = False,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="pick nothing: tell the queue of picks that the topic branch has already")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="also what the branch has already")] = False,
    from_alternative: Annotated[
        bool, typer.Option("--from-alternative", help="take the pick of another stable branch that applies")
    ] = False,
    mainline: Annotated[
        int | None, typer.Option("--mainline", metavar="N", min=1, help="for merges: the parent to compare with")
    ] = None,
    merges: Annotated[bool, typer.Option("--merges", help="also the merges of ranges")] = False,
    style: Annotated[
        str | None,
        typer.Option("--style", metavar="STYLE", help="how the message names the original; see docs/picking.md"),
    ] = None,
    sign_off: Annotated[bool | None, typer.Option("--signoff/--no-signoff", "-s/-S", help="sign the picks off")] = None,
    note: Annotated[
        str | None,
        typer.Option("--note", "-m", metavar="TEXT", help="one line: how the pick differs from the original"),
    ] = None,
    push: PushOption = None,
    push_options: PushOptionsOption = None,
    push_as: PushAsOption = None,
    format_patch: FormatPatchOption = None,
    continue_: Annotated[bool, typer.Option("--continue", help="commit what was resolved, and pick the rest")] = False,
    skip: Annotated[bool, typer.Option("--skip", help="leave the conflicting commit out, and pick the rest")] = False,
    abort: Annotated[bool, typer.Option("--abort", help="give up: nothing of the pick remains")] = False,
    resolver_only: Annotated[
        bool,
        typer.Option("--resolver-only", help="only show what backportq.resolver makes of conflicts"),
    ] = False,
    no_resolver: Annotated[bool, typer.Option("--no-resolver", help="leave conflicts to people")] = False,
    command: Annotated[
        str | None, typer.Option("--exec", "-x", metavar="CMD", help="what a resolver's result must pass")
    ] = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="end that --exec after so long, as 90s or 20m")
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="list the picks in progress")] = False,
    print_: Annotated[bool, typer.Option("--print", help="print the plain git commands that do the same")] = False,
    fetch: FetchMissingOption = False,
    as_json: JsonOption = False,
) -> ExitCode | None:
    """Make the real pick on a topic branch.

    Nothing that is checked out is touched: what applies is committed in memory, and the branch is made at the end. On a
    conflict the pick waits in a temporary worktree, with exit code 4; resolve it there, and continue from anywhere. A
    program of your own resolves it there first, if 'git config backportq.resolver' names one; you say whether that is
    committed. A picked item is in progress from then on. If nobody had it, it becomes yours; what others have stays
    theirs.

    --push and --format-patch hand it in for review when it is finished; give them to --continue as well.

    The exit code is 1 if there was nothing to pick: every commit is on the branch already, or changes nothing. It is 3
    if the branch was made and could not be handed in.
    """
    if fetch:
        allow_downloads()
    # typer knows no options that exclude each other.
    modes = [name for name, is_on in _modes(continue_=continue_, skip=skip, abort=abort, status=status) if is_on]
    if len(modes) > 1:
        raise UsageError(f"'--{modes[0]}' and '--{modes[1]}' cannot be combined")
    publishing = publish_request(push, push_options, push_as, format_patch)
    if modes:
        resolving = _Resolving(command, parse_seconds(timeout), no_resolver, as_json)
        return _resume(modes[0], commits or (), branch=branch, note=note, publishing=publishing, resolving=resolving)
    publishing, commits = _pushed_and_picked(publishing, commits or ())
    if branch is None:
        branch, commits = _branch_among(commits)

    request = PickRequest(
        commits=tuple(commits or ()),
        branch=branch,
        onto=onto,
        append=append,
        force=force,
        again=again,
        from_alternative=from_alternative,
        mainline=mainline,
        merges=merges,
        style=style,
        sign_off=sign_off,
        adaptation=note,
    )
    if adopt:
        _adopt(request, as_json=as_json)
        return None
    if print_:
        _print_commands(request, as_json=as_json)
        return None
    seconds = parse_seconds(timeout)
    opened = project()
    if resolver_only:
        return tell_proposals(try_resolver(opened, request, command, seconds), as_json=as_json)
    report = pick(opened, request, publishing)
    return _go_on(opened, report, publishing, _Resolving(command, seconds, no_resolver, as_json))


@dataclass(frozen=True, slots=True)
class _Resolving:
    """How conflicts are handed to a resolver: what its results must pass, and whether none is to be asked at all."""

    command: str | None
    seconds: float | None
    is_off: bool
    as_json: bool


def _go_on(
    opened: Project,
    report: PickReport,
    publishing: PublishRequest,
    resolving: _Resolving,
    deviation: Deviation | None = None,
) -> ExitCode | None:
    """Have the resolver resolve each conflict that a pick comes to, as long as the person takes what it proposes."""
    proposal = None
    while report.waiting is not None and not resolving.is_off:
        proposal = propose(opened, report.waiting, resolving.command, resolving.seconds)
        if not _takes(proposal, as_json=resolving.as_json):
            break
        done = continue_pick(opened, report.topic, current().directory, publishing=publishing)
        report, deviation, proposal = done.report, done.deviation, None
    return tell_pick(opened, report, as_json=resolving.as_json, deviation=deviation, proposal=proposal)


def _modes(*, continue_: bool, skip: bool, abort: bool, status: bool) -> Sequence[tuple[str, bool]]:
    return (("continue", continue_), ("skip", skip), ("abort", abort), ("status", status))


def _takes(proposal: ProposedResolution | None, *, as_json: bool) -> bool:
    """Show what a resolver proposes, and ask whether that is the pick; without a terminal nobody says yes."""
    if proposal is None or as_json:
        return False
    tell_proposal(proposal)
    if proposal.refused is not None or sys.stdin is None or not sys.stdin.isatty():
        return False
    return typer.confirm("commit this resolution?", default=False, err=True)


def _branch_among(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return the stable branch that stands among the commits, and the others; raise `UsageError` if there is none."""
    store = project().store
    config = store.snapshot().state.config if len(words) > 1 and store.tip() is not None else None
    names = [word for word in words if config is not None and is_branch_word(config, word)]
    if not names:
        raise UsageError("no branch given", hints=("backportq pick COMMIT --branch BRANCH",))
    if len(names) > 1:
        raise UsageError(f"one branch is picked to at a time, found '{names[0]}' and '{names[1]}'")
    return names[0], [word for word in words if word != names[0]]


def _pushed_and_picked(publishing: PublishRequest, commits: Sequence[str]) -> tuple[PublishRequest, list[str]]:
    """Return both as they are meant: `--push COMMIT` is a push to the project's remote if none is called so."""
    repository = project().repository
    if not publishing.push or publishing.push in repository.git.text("remote").splitlines():
        return publishing, list(commits)
    if ".." not in publishing.push:
        try:
            resolve_commit(repository, publishing.push)
        except RefError:
            return publishing, list(commits)
    return replace(publishing, push=""), [publishing.push, *commits]


def _adopt(request: PickRequest, *, as_json: bool) -> None:
    adoption = adopt_picks(project(), request)
    if as_json:
        begun = {"begun": list(adoption.queue_update.items), "problem": adoption.queue_update.problem}
        output.emit_json(
            {"branch": adoption.branch, "topic": adoption.topic, "adopted": list(adoption.commits), "queue": begun}
        )
        return
    tell_adoption(adoption)


def _print_commands(request: PickRequest, *, as_json: bool) -> None:
    lines = print_pick(project(), request)
    if as_json:
        output.emit_json({"commands": list(lines)})
        return
    for line in lines:
        output.say(line)


def _resume(
    mode: str,
    names: Sequence[str],
    *,
    branch: str | None,
    note: str | None,
    publishing: PublishRequest,
    resolving: _Resolving,
) -> ExitCode | None:
    as_json = resolving.as_json
    if len(names) > 1 or branch is not None:
        raise UsageError(f"'--{mode}' takes at most the name of a topic branch", hints=("backportq pick --status",))
    name = names[0] if names else None
    if mode == "status":
        _status(as_json=as_json)
        return None

    here = current().directory
    if mode == "abort":
        _aborted(abort_pick(project(), name, here), as_json=as_json)
        return None
    if mode == "skip":
        opened = project()
        return _go_on(opened, skip_pick(opened, name, here, publishing), publishing, resolving)
    if note is None and not as_json and sys.stdin is not None and sys.stdin.isatty():
        # What cannot go on is refused before the question, not after the answer.
        asks_adaptation(project(), name, here)
        note = typer.prompt(
            "what did you have to change? (one line, or nothing)", default="", show_default=False, err=True
        )
    opened = project()
    done = continue_pick(opened, name, here, adaptation=note or None, publishing=publishing)
    return _go_on(opened, done.report, publishing, resolving, done.deviation)


def _aborted(record: object, *, as_json: bool) -> None:
    name = str(getattr(record, "topic", None) or getattr(record, "name", ""))
    if as_json:
        output.emit_json({"aborted": name})
        return
    output.say(f"gave up the pick to {name}; no branch was made or moved")


def _status(*, as_json: bool) -> None:
    found = list_picks(project())
    if as_json:
        output.emit_json(
            {
                "picks": [
                    {"topic": waiting.record.name, "problem": waiting.problem}
                    if isinstance(waiting.record, BrokenRecord)
                    else {**waiting_document(waiting.record), **_state_document(waiting)}
                    for waiting in found
                ]
            }
        )
        return
    if not found:
        output.say("no pick is in progress")
    for waiting in found:
        _print_status(waiting)


def _state_document(pick: InProgress) -> dict[str, object]:
    state = pick.resolution
    return {
        "problem": pick.problem,
        "rewound": pick.is_rewound,
        "unmerged": list(state.unmerged) if state is not None else [],
        "marked": list(state.marked) if state is not None else [],
        "unstaged": list(state.unstaged) if state is not None else [],
        "untracked": list(state.untracked) if state is not None else [],
    }


def _print_status(pick: InProgress) -> None:
    record, state = pick.record, pick.resolution
    if isinstance(record, BrokenRecord) or state is None:
        name = record.name if isinstance(record, BrokenRecord) else record.topic
        output.say(f"{name}: {pick.problem}", Style.BAD)
        output.next_step(f"backportq pick --abort {typed(name)}")
        return
    output.say(f"{record.topic} for {record.branch}: {short(record.current.upstream)} waits", Style.HEADING)
    output.say(f"  begun by {record.by} on {record.at:%Y-%m-%d}; {len(record.done)} made, {len(record.left)} to come")
    words = (
        ("unmerged", state.unmerged),
        ("has conflict markers", state.marked),
        ("not staged", state.unstaged),
        ("not tracked", state.untracked),
    )
    for what, paths in words:
        for path in paths:
            output.say(f"    {what}: {path}", Style.WAITING)
    if pick.is_rewound:
        commits = [*(done.upstream for done in record.done), record.current.upstream]
        commits += [step.upstream for step in record.left]
        tell_rewound(record.topic, record.branch, commits)
        output.next_step(f"backportq pick --abort {typed(record.topic)}", "before that")
    output.next_step(f"cd {typed(record.worktree)}")
    if not any(paths for _, paths in words):
        output.next_step(f"backportq pick --continue {typed(record.topic)}", "all is resolved")
