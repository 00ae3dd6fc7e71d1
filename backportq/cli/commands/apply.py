"""`apply`: build a branch with every item that applies, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer

from backportq.cli.arguments import (
    DryRunOption,
    FetchMissingOption,
    FormatPatchOption,
    JsonOption,
    PushAsOption,
    PushOption,
    PushOptionsOption,
    QueryOption,
    assignee_keys,
    parse_seconds,
    parse_words,
    publish_request,
)
from backportq.cli.invocation import allow_downloads, project
from backportq.cli.render.picked import also_document, tell_also, tell_begun
from backportq.cli.render.published import publication_document, tell_hand_in, tell_problem, tell_publication
from backportq.cli.render.resolved import tell_proposals
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.errors import ExitCode
from backportq.git.picking.resolving import resolver_of
from backportq.model.ids import short
from backportq.model.priority import Priority
from backportq.model.trials.verdict import Verdict
from backportq.model.words import counted, typed
from backportq.services.items.open_items import Filter
from backportq.services.picks.apply import ApplyEntry, ApplyReport, ApplyRequest, ApplyResult, apply
from backportq.services.picks.older_branches import also_on
from backportq.services.picks.request import PickRequest
from backportq.services.picks.resolver import try_resolver


def run(
    branch: Annotated[str, typer.Argument(metavar="BRANCH", help="the stable branch whose queue is applied")],
    onto: Annotated[
        str | None, typer.Option("--onto", metavar="NAME", help="the topic branch; backport/BRANCH/queue by default")
    ] = None,
    append: Annotated[bool, typer.Option("--append", help="build on top of the topic branch as it is")] = False,
    force: Annotated[bool, typer.Option("--force", help="replace an existing topic branch")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="only what is assigned to you")] = False,
    assignee: Annotated[
        list[str] | None, typer.Option(metavar="PERSON", help="only what is assigned to this person")
    ] = None,
    priority: Annotated[
        list[str] | None, typer.Option(metavar="PRIORITY", help="only security, high, normal or low")
    ] = None,
    verdict: Annotated[
        list[str] | None, typer.Option(metavar="VERDICT", help="only what is clean, conflict or empty on the tip alone")
    ] = None,
    query: QueryOption = None,
    with_prerequisites: Annotated[
        bool, typer.Option("--with-prerequisites", help="where an item conflicts, pick first what it needs")
    ] = False,
    command: Annotated[
        str | None, typer.Option("--exec", "-x", metavar="CMD", help="run this on each pick; leave out what fails")
    ] = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="end a --exec after this long, such as 90s, 20m or 2h")
    ] = None,
    keep_going: Annotated[bool, typer.Option("--keep-going", "-k", help="go on after a --exec that failed")] = False,
    push: PushOption = None,
    push_options: PushOptionsOption = None,
    push_as: PushAsOption = None,
    format_patch: FormatPatchOption = None,
    style: Annotated[
        str | None, typer.Option("--style", metavar="STYLE", help="how messages name the originals")
    ] = None,
    sign_off: Annotated[bool | None, typer.Option("--signoff/--no-signoff", "-s/-S", help="sign the picks off")] = None,
    dry_run: DryRunOption = False,
    no_record: Annotated[
        bool, typer.Option("--no-record", help="make the branch, and leave the queue as it is: nothing is in progress")
    ] = False,
    resolver_only: Annotated[
        bool, typer.Option("--resolver-only", help="only show what backportq.resolver makes of what conflicts")
    ] = False,
    fetch: FetchMissingOption = False,
    as_json: JsonOption = False,
) -> ExitCode | None:
    """Build a branch with every item that applies, in order.

    Each item is picked on top of the earlier ones that apply. An item that does not apply is left out, and listed at
    the end with the reason. Nothing that is checked out is touched. With --exec, each pick is tested in a temporary
    worktree; exit status 125 there means that it cannot be tested, and keeps the pick, as in 'git bisect run'.

    Applied items are in progress from then on. Those that nobody had become yours; what others have stays theirs.
    What conflicts is left to 'pick', which hands it to 'git config backportq.resolver' and asks; --resolver-only shows
    what that would make of each, with what --exec says of it, and keeps nothing.

    --no-record leaves the queue alone; --dry-run makes no branch either, and still runs what --exec names.

    The exit code is 1 if nothing was applied, or if a failing --exec ended the run, and 3 if the branch could not be
    handed in.
    """
    if fetch:
        allow_downloads()
    opened = project()
    request = ApplyRequest(
        branch=branch,
        onto=onto,
        append=append,
        force=force,
        wanted=Filter(
            assignees=assignee_keys(opened, tuple(assignee or ()), mine=mine),
            priorities=parse_words(Priority, priority, "--priority"),
        ),
        query=query,
        verdicts=parse_words(Verdict, verdict, "--verdict"),
        with_prerequisites=with_prerequisites,
        command=command,
        seconds=parse_seconds(timeout),
        keep_going=keep_going,
        publishing=publish_request(push, push_options, push_as, format_patch),
        style=style,
        sign_off=sign_off,
        dry_run=dry_run,
        record=not no_record,
    )
    if resolver_only:
        left = apply(opened, replace(request, dry_run=True, command=None)).results
        conflicts = tuple(entry.commit for entry in left if entry.result is ApplyResult.CONFLICT)
        trials = try_resolver(opened, PickRequest(conflicts, branch), command, request.seconds) if conflicts else []
        return tell_proposals(trials, as_json=as_json)
    report = apply(opened, request)
    made = [] if report.dry_run else [entry.commit for entry in report.made]
    also = also_on(opened, report.branch, made)
    if as_json:
        output.emit_json({**_document(report), "also": also_document(also)})
    else:
        _print(report)
        tell_also(also)
    if report.problem is not None:
        output.warn(report.problem)
    tell_problem(report.publication)
    # The branch is made, so the answer is not "no": handing it in failed.
    if report.publication.problem is not None:
        return ExitCode.BAD_STATE
    return ExitCode.NO if report.stopped or not report.made else None


def _document(report: ApplyReport) -> dict[str, object]:
    return {
        "branch": report.branch,
        "topic": report.topic,
        "onto": report.onto,
        "tip": report.tip,
        "dry_run": report.dry_run,
        "stopped": report.stopped,
        "pushed": report.publication.pushed[1].removeprefix("refs/heads/") if report.publication.pushed else None,
        "published": publication_document(report.publication),
        "results": [
            {
                "commit": entry.commit,
                "subject": entry.subject,
                "fate": str(entry.result),
                "made": entry.made,
                "why": entry.why,
                "needed_by": entry.needed_by,
                "check": None
                if entry.check is None
                else {
                    "result": str(entry.check.result),
                    "status": entry.check.status,
                    "seconds": round(entry.check.seconds, 3),
                    "log": str(entry.check.log),
                },
            }
            for entry in report.results
        ],
    }


_WORDS = {
    "conflict": "conflicts",
    "empty": "empty",
    "untried": "untried",
    "failed": "failed",
    "not-approved": "not approved",
    "not-reached": "not reached",
}


def _print(report: ApplyReport) -> None:
    made = report.made
    added = [entry for entry in made if entry.result == "prerequisite"]
    left = [entry for entry in report.results if entry.made is None]
    total = len(report.results) - len(added)
    also = f", and {len(added)} that they need" if added else ""
    output.heading(f"{report.branch}: {len(made) - len(added)} of {total} items applied{also}")
    for entry in added:
        needs = "another item" if entry.needed_by is None else short(entry.needed_by)
        output.say(f"  {short(entry.commit)} is not in the queue, but {needs} needs it: {entry.subject}")
    # Status 125, as in `git bisect run`: the pick is kept, and somebody has to look at it.
    untested = [entry for entry in made if entry.check is not None and entry.check.result == "skipped"]
    for entry in untested:
        output.say(f"  {short(entry.commit)} could not be tested (exit status 125): {entry.subject}", Style.WAITING)
    if left:
        output.blank()
        output.say("left out:")
        columns = (Column("commit", style=Style.ID), Column("because"), Column("subject", flexible=True), Column("why"))
        output.table(columns, [_row(entry) for entry in left])
    _print_logs(report.results)
    output.blank()
    if not made:
        output.say("no branch was made")
        return
    commits = counted(len(made), "commit")
    if report.dry_run:
        output.say(f"{report.topic} would have {commits} on top of {short(report.onto)} (--dry-run)")
        if report.is_in_the_way:
            output.say("a branch of that name exists already: --append, --force or --onto decides what becomes of it")
        return
    output.say(f"branch {report.topic} is ready: {commits} on top of {short(report.onto)}", Style.HEADING)
    tell_begun(report.queue_update)
    tell_publication(report.publication)
    output.say("next:")
    output.next_step(f"git log {short(report.onto)}..{typed(report.topic)}", "review it")
    tell_hand_in(report.publication, report.hand_in)
    if any(entry.result == "conflict" for entry in left):
        output.next_step(f"backportq explain COMMIT {typed(report.branch)}", "why it conflicts, and what it needs")
        if resolver_of(project().repository) is not None:
            onto = f"--onto {typed(report.topic)} --append"
            output.next_step(f"backportq pick COMMIT -b {typed(report.branch)} {onto}", "hands it to your resolver")


def _row(entry: ApplyEntry) -> tuple[Cell | str, ...]:
    style = Style.BAD if entry.result in ("conflict", "failed") else Style.DIM
    return short(entry.commit), Cell(_WORDS[entry.result], style), entry.subject, entry.why


def _print_logs(results: Sequence[ApplyEntry]) -> None:
    failed = [entry for entry in results if entry.result == "failed" and entry.check is not None]
    if failed:
        output.blank()
        output.say("logs of the failed checks:")
    for entry in failed:
        if entry.check is not None:
            output.say(f"  {entry.check.log}")
