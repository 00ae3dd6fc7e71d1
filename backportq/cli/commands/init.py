"""`init`: find upstream and the stable branches, and start a queue."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from backportq.cli.arguments import JsonOption
from backportq.cli.invocation import project
from backportq.cli.terminal import output
from backportq.cli.terminal.clean import clean
from backportq.cli.terminal.table import Column
from backportq.errors import BackportqError
from backportq.model.config import Config
from backportq.model.words import typed
from backportq.services.history.outline import BranchPoint, HistoryOutline, read_outline
from backportq.services.queue_admin.init import InitRequest, InitResult, initialise

_NAMED_DORMANT = 3


def run(
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
    as_json: JsonOption = False,
) -> None:
    """Find upstream and the stable branches, and start a queue.

    What is not given is found: upstream by its usual names, stable branches with their versions and staging branches by
    theirs (those with a commit in the 18 months before the last one of all, and not called unmaintained), dialects by
    the tags of recent commits. In a repository that has a queue, --branch adds branches to it.
    """
    wanted = InitRequest(upstream, tuple(branch or ()), tuple(dialect or ()), remote)
    result = initialise(project(), wanted, force=force)
    outline = _outline(result.config)
    if as_json:
        output.emit_json(_document(result, outline))
    else:
        _print(result, outline)
        _ask_for_verdicts()


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
        "doubt": result.doubt,
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
    length = f" ({outline.upstream_commits:,} commits)" if outline is not None else ""
    output.say(f"upstream  {result.config.upstream}{length}")
    signs = [
        f"{name} (in {result.signs[name]} recent commits)" for name in result.config.dialects if name in result.signs
    ]
    output.say(f"dialects  {', '.join(signs or result.config.dialects)}")
    columns = [Column("branch"), Column("version"), Column("staging"), Column("support")]
    if outline is not None:
        columns += [Column("parted"), Column("ahead", right=True), Column("behind", right=True), Column("last commit")]
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
    if result.dormant:
        named = ", ".join(branch.name for branch in result.dormant[-_NAMED_DORMANT:])
        output.blank()
        left_out = "1 stable branch is" if len(result.dormant) == 1 else f"{len(result.dormant)} stable branches are"
        more = "… " if len(result.dormant) > _NAMED_DORMANT else ""
        output.say(f"{left_out} left out, called unmaintained or without a commit for 18 months:")
        output.say(f"  {more}{named}")
        output.next_step(f"backportq init --branch {typed(result.dormant[-1].name)}", "adds one")
    if result.doubt is not None:
        output.warn(result.doubt)
    output.blank()
    output.say("next:")
    output.next_step("backportq scan", "finds what is pending")
    output.next_step("backportq edit config", "support levels, maintainers, rules")


def _cells(point: BranchPoint | None) -> tuple[str, ...]:
    if point is None:
        return ()
    parted, last = (str(at.date()) if at is not None else "-" for at in (point.at, point.last))
    return (parted, f"{point.ahead:,}", f"{point.behind:,}", last)
