"""`init`: find upstream and the stable branches, and start a queue."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import typer

from backportq.cli.arguments import JsonOption
from backportq.cli.baseline import close_passed_over, passed_over_words
from backportq.cli.deciding import DecisionMode
from backportq.cli.invocation import project
from backportq.cli.render.scanned import print_branches, print_warnings
from backportq.cli.terminal import output
from backportq.cli.terminal.clean import clean
from backportq.cli.terminal.table import Column
from backportq.errors import BackportqError, ConfigError, UsageError
from backportq.model.config import Config, StableBranch
from backportq.model.ids import BranchName
from backportq.model.words import counted, short_day, typed
from backportq.services.decisions.baseline import OLD, Baseline, baseline_moment, count_passed_over
from backportq.services.history.outline import BranchPoint, HistoryOutline, read_outline
from backportq.services.queue_admin.dependency_bumps import DependencyBumps
from backportq.services.queue_admin.init import InitRequest, InitResult, initialise

_NAMED = 3
_QUICKLY_COUNTED = 250_000
"""So many commits upstream take a few seconds to read; `init` in a longer history leaves that to the scan."""


def run(
    day: Annotated[
        str | None, typer.Argument(metavar="[DATE|TAG]", help="with --baseline: until when; by default until now")
    ] = None,
    upstream: Annotated[str | None, typer.Option(metavar="BRANCH", help="where fixes land first")] = None,
    branch: Annotated[
        list[str] | None,
        typer.Option("--branch", "-b", metavar="BRANCH", help="a stable branch; may be given several times"),
    ] = None,
    dialect: Annotated[
        list[str] | None,
        typer.Option(metavar="DIALECT", help="how tags are written (xen, linux, ...); may be given several times"),
    ] = None,
    remote: Annotated[str | None, typer.Option(metavar="REMOTE", help="take branches from this remote")] = None,
    force: Annotated[bool, typer.Option("--force", help="replace the configuration of an existing queue")] = False,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="scan too, and close what was passed over until now, or the DATE or TAG")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="with --baseline: do not ask")] = False,
    as_json: JsonOption = False,
) -> None:
    """Find upstream and the stable branches, and start a queue.

    What is not given is found: upstream by its usual names, stable branches with their versions and staging branches by
    theirs (those that go on at their own pace, and are not called unmaintained), dialects by the tags of recent
    commits. Of several remotes the one with the newest upstream is taken for all. A queue that a remote has is joined.
    In a repository that has a queue, --branch adds branches to it.

    --baseline is for branches that were maintained without a queue for long: it scans as well, counts what each of them
    passed over (20 later commits or more were taken there), and asks whether that is to be closed, as 'backportq scan
    --baseline' does.
    """
    moment = _baseline_moment(day, yes=yes, as_json=as_json) if baseline else None
    if day is not None and moment is None:
        raise UsageError(
            f"unexpected argument '{day}'", hints=(f"backportq init --branch {typed(day)}", "backportq init -h")
        )
    wanted = InitRequest(upstream, tuple(branch or ()), tuple(dialect or ()), remote)
    try:
        result = initialise(project(), wanted, force=force)
    except ConfigError as error:
        if moment is not None:
            error.hints = ("backportq scan --baseline closes what was passed over", *error.hints)
        raise
    outline = _outline(result.config)
    mode = DecisionMode(yes, as_json=as_json)
    if as_json:
        closed = {"passed_over": dict(_begin(moment, mode))} if moment is not None else {}
        output.emit_json({**_document(result, outline), **closed})
        return
    _print(result, outline)
    if moment is not None:
        output.blank()
        _begin(moment, mode)
    _print_next(outline, is_scanned=moment is not None)
    _ask_for_verdicts()


def _baseline_moment(day: str | None, *, yes: bool, as_json: bool) -> datetime:
    """Return until when; raise `UsageError` for a day to come and where nobody can be asked: nothing is done yet."""
    moment = baseline_moment(project(), day)
    if not yes and (as_json or sys.stdin is None or not sys.stdin.isatty()):
        raise UsageError(
            "--baseline asks before it closes anything, and there is no terminal to ask on",
            hints=(f"backportq init --baseline {f'{typed(day)} ' if day else ''}--yes",),
        )
    return moment


def _begin(moment: datetime, mode: DecisionMode) -> Mapping[BranchName, int]:
    """Scan for the first time, close what was passed over, and return how much of each branch."""
    from backportq.services.scan.scan import scan

    opened = project()
    report = scan(opened)
    if not mode.as_json:
        print_branches(report, dry_run=False)
        print_warnings(report.warnings, every=False)
    return close_passed_over(opened, Baseline(moment), mode)


def _ask_for_verdicts() -> None:
    """Ask once in each clone whether verdicts that its remote publishes are to be taken; scripts are not asked."""
    store = project().store
    if store.verdicts_remote is not None or sys.stdin is None or not (sys.stdin.isatty() and output.is_terminal()):
        return
    from backportq.queue.sync.remotes import remote_of
    from backportq.services.queue_admin.verdicts import is_publishing, take_verdicts

    try:
        remote = remote_of(store)
    except BackportqError:  # there is no remote
        return
    if not is_publishing(project(), remote):
        return
    where = clean(f"'{remote}' publishes what trials found; show that in lists, re-tried by sample?")
    is_wanted = typer.confirm(where, default=True, err=True)
    store.choose_verdicts(remote if is_wanted else "")
    if is_wanted:
        take_verdicts(project(), remote)


def _outline(config: Config) -> HistoryOutline | None:
    """Return the outline of the history, or warn and return None where it cannot be read: the queue exists by then."""
    try:
        return read_outline(project().repository, config)
    except BackportqError as problem:
        output.warn(problem.message, problem.hints)
        return None


def _document(result: InitResult, outline: HistoryOutline | None) -> dict[str, object]:
    added = {branch.name for branch in result.added}
    points = {point.branch: point for point in outline.partings} if outline is not None else {}
    return {
        "upstream": result.config.upstream,
        "upstream_commits": outline.upstream_commits if outline is not None else None,
        "branches": [
            {
                "branch": branch.name,
                "version": branch.version,
                "staging": branch.staging,
                "support": str(branch.support),
                "added": branch.name in added,
                **_point_document(points.get(branch.name)),
            }
            for branch in result.config.branches
        ],
        "dialects": list(result.config.dialects),
        "dormant": [branch.name for branch in result.dormant],
        "point_releases": [branch.name for branch in result.point_releases],
        "also_possible": [[branch.name for branch in family.branches] for family in result.also_possible],
        "merged_upwards": [
            {"older": pair.older, "newer": pair.newer, "count": pair.count}
            for pair in (outline.upward if outline is not None else ())
        ],
        "proposed_rules": [result.bumps.rule] if result.bumps is not None else [],
        "remote": result.config.remote,
        "joined": result.joined,
        "doubt": result.doubt,
        "rules": [
            {"name": rule.name, "pattern": rule.pattern, "priority": str(rule.priority)} for rule in result.config.rules
        ],
    }


def _point_document(point: BranchPoint | None) -> dict[str, object]:
    if point is None:
        return {"base": None, "parted": None, "ahead": None, "behind": None, "last": None}
    return {
        "base": point.base,
        "parted": point.at.isoformat() if point.at is not None else None,
        "ahead": point.ahead,
        "behind": point.behind,
        "last": point.last.isoformat() if point.last is not None else None,
    }


def _print(result: InitResult, outline: HistoryOutline | None) -> None:
    if result.joined is not None:
        output.say(f"joined    the queue of '{result.joined}', as last fetched")
    if result.config.remote is not None:
        why = f" ({result.remote.why})" if result.remote.why else ""
        output.say(f"remote    {result.config.remote}{why}")
    count = outline.upstream_commits if outline is not None else 0
    length = f" ({count:,} commit{'' if count == 1 else 's'})" if count else ""
    output.say(f"upstream  {result.config.upstream}{length}")
    signs = [
        f"{name} (in {result.signs[name]} recent commits)" for name in result.config.dialects if name in result.signs
    ]
    output.say(f"dialects  {', '.join(signs or result.config.dialects)}")
    if result.advisories:
        (rule,) = result.config.rules
        output.say(f"security  what mentions {rule.pattern} is urgent (in {result.advisories} recent commits)")
    columns = [Column("branch"), Column("version"), Column("staging"), Column("support")]
    if outline is not None:
        columns += [Column("parted"), Column("ahead", right=True), Column("behind", right=True)]
        columns.append(Column("last" if output.is_terminal() else "last commit"))
    points = {point.branch: point for point in outline.partings} if outline is not None else {}
    if result.config.branches:
        output.blank()
        output.table(
            columns,
            [
                (
                    branch.name,
                    branch.version,
                    branch.staging or "-",
                    str(branch.support),
                    *_cells(points.get(branch.name)),
                )
                for branch in result.config.branches
            ],
        )
        for point in points.values():
            if point.base is None:
                output.warn(f"'{point.branch}' has no history in common with '{result.config.upstream}'")
    else:
        output.warn("no stable branch was found; 'backportq init --branch NAME' adds one")
    if outline is not None and outline.upward:
        output.blank()
        pairs = ", ".join(f"{pair.older} into {pair.newer}" for pair in outline.upward)
        output.say(f"merged upwards: {pairs}")
        output.say("  what waits to be merged is reported as not merged up; fixes that came up are not asked for below")
    _print_left_out(result)
    if result.bumps is not None:
        _propose_rule(result.bumps)
    if result.doubt is not None:
        output.warn(result.doubt)


def _print_next(outline: HistoryOutline | None, *, is_scanned: bool) -> None:
    output.blank()
    output.say("next:")
    if is_scanned:
        output.next_step("backportq pending", "what to do, and whether it applies")
    else:
        output.next_step("backportq scan", "finds what is pending")
        _propose_baseline(outline)
    output.next_step("backportq edit config", "support levels, maintainers, rules")


def _propose_baseline(outline: HistoryOutline | None) -> None:
    """Say how much old branches passed over, as a scan would find it, and how to close that."""
    today = project().clock()
    if outline is None or not any(point.at is not None and today - point.at >= OLD for point in outline.partings):
        return
    if outline.upstream_commits > _QUICKLY_COUNTED:
        output.next_step("backportq scan --baseline", "also closes what old branches passed over, after a question")
        return
    from backportq.services.scan.scan import scanned_state

    output.flush()  # what was found stands already; counting reads the history as the scan will
    opened = project()
    counts = count_passed_over(opened, scanned_state(opened))
    if counts:
        output.next_step(
            "backportq scan --baseline", f"also closes what was {passed_over_words(counts)}, if you say so"
        )


def _propose_rule(bumps: DependencyBumps) -> None:
    output.blank()
    output.say(f"{bumps.commits} of {bumps.looked_at:,} recent commits bump a dependency ('{bumps.example}')")
    output.next_step("backportq edit config", "takes a rule that keeps these out, where each branch bumps its own:")
    output.blank()
    for line in bumps.rule.split("\n"):
        output.say(f"  {line}")


def _print_left_out(result: InitResult) -> None:
    groups = [("called unmaintained, or resting for longer than they used to", result.dormant)]
    groups.append(("cut from a stable branch for one release", result.point_releases))
    for why, branches in groups:
        if branches:
            output.blank()
            output.say(f"{counted(len(branches), 'branch is', 'branches are')} left out, {why}:")
            output.say(f"  {_newest(branches)}")
            output.next_step(f"backportq init --branch {typed(branches[-1].name)}", "adds one")
    if result.also_possible:
        output.blank()
        output.say("also possible, by their names:")
        for family in result.also_possible[:_NAMED]:
            output.say(f"  {_newest(family.branches)}")


def _newest(branches: Sequence[StableBranch]) -> str:
    more = "… " if len(branches) > _NAMED else ""
    return more + ", ".join(branch.name for branch in branches[-_NAMED:])


def _cells(point: BranchPoint | None) -> tuple[str, ...]:
    if point is None:
        return ()
    today = project().clock().date()
    days = [at.date() if at is not None else None for at in (point.at, point.last)]
    if output.is_terminal():  # seven columns have to fit
        parted, last = ("-" if day is None else short_day(day, today) for day in days)
    else:
        parted, last = ("-" if day is None else day.isoformat() for day in days)
    return (parted, f"{point.ahead:,}", f"{point.behind:,}", last)
