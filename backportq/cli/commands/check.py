"""`check`: is a branch ready for a release?"""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from backportq.cli.arguments import JsonOption, parse_words
from backportq.cli.invocation import project
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.errors import ExitCode
from backportq.model.ids import short
from backportq.model.priority import Priority
from backportq.services.items.tried_items import TriedItem
from backportq.services.reports.release_check import ReleaseCheck, check_release
from backportq.services.scan.report import tag_lost


def run(
    branch: Annotated[str, typer.Argument(metavar="BRANCH", help="a stable branch")],
    at_least: Annotated[
        str, typer.Option("--at-least", metavar="PRIORITY", help="the lowest priority that stands in the way")
    ] = "high",
    exit_code: Annotated[bool, typer.Option("--exit-code", help="what it does anyway; accepted for scripts")] = False,
    as_json: JsonOption = False,
) -> ExitCode | None:
    """Say whether a branch is ready for a release.

    It counts what is pending by priority and lists what stands in the way of a release, the likeliest to be taken first
    within each priority. It also lists the fixes that
    a newer maintained branch lacks, since upgrading would lose them. The exit code is 1 if anything stands in the way
    or would be lost.
    """
    del exit_code  # from when it had to be asked for
    (least,) = parse_words(Priority, [at_least], "--at-least")
    check = check_release(project(), branch)
    if as_json:
        output.emit_json(_document(check, least))
    else:
        _print(check, least)
    return None if check.is_ready(least) else ExitCode.NO


def _document(check: ReleaseCheck, least: Priority) -> dict[str, object]:
    return {
        "branch": check.branch,
        "ready": check.is_ready(least),
        "at_least": str(least),
        "pending": [
            {
                "commit": item.entry.item.commit,
                "subject": item.entry.item.subject,
                "priority": str(item.entry.item.priority),
                "assignee": item.entry.item.assignee,
                "verdict": str(item.verdict) if item.verdict is not None else None,
                "in_order": str(item.in_order) if item.in_order is not None else None,
                "likely": check.likely[item.entry.item.commit],
            }
            for item in check.pending
        ],
        "missing": [
            {"commit": warning.commit, "branch": warning.branch, "text": warning.text} for warning in check.missing
        ],
        "not_merged_up": [{"commit": warning.commit, "text": warning.text} for warning in check.not_merged_up],
    }


def _print(check: ReleaseCheck, least: Priority) -> None:
    counts = Counter((str(item.entry.item.priority), _applies(item)) for item in check.pending)
    output.heading(f"{check.branch}: {len(check.pending)} pending")
    columns = (Column("priority"), Column("apply", right=True), Column("do not", right=True))
    rows = [
        (str(priority), str(counts[str(priority), True]), str(counts[str(priority), False]))
        for priority in Priority
        if counts[str(priority), True] or counts[str(priority), False]
    ]
    if rows:
        output.table(columns, rows)
    in_the_way = check.stand_in_the_way(least)
    if in_the_way:
        output.blank()
        output.heading(f"of priority {least} or more")
        output.table(
            (
                Column("commit", style=Style.ID),
                Column("priority"),
                Column("likely", right=True),
                Column("who"),
                Column("subject", flexible=True),
            ),
            [
                (
                    short(item.entry.item.commit),
                    str(item.entry.item.priority),
                    f"{check.likely[item.entry.item.commit]:.0%}",
                    item.entry.item.assignee or "-",
                    item.entry.item.subject,
                )
                for item in in_the_way
            ],
        )
    if check.missing:
        output.blank()
        output.heading("missing in a newer branch")
        for warning in check.missing:
            output.say(f"  {short(warning.commit) if warning.commit is not None else ''} {warning.text}")
        asking = tag_lost(check.missing)
        if asking is not None:
            output.next_step(asking, "asks for what nobody asked for there")
    if check.not_merged_up:
        output.blank()
        output.heading("not merged up")
        for warning in check.not_merged_up:
            output.say(f"  {short(warning.commit) if warning.commit is not None else ''} {warning.text}")
    output.blank()
    ready = check.is_ready(least)
    verdict = Cell("ready for a release", Style.GOOD) if ready else Cell("not ready for a release", Style.BAD)
    output.say(f"{check.branch} is {verdict.text}", verdict.style or Style.PLAIN)


def _applies(item: TriedItem) -> bool:
    # In order: what applies after the items before it needs nobody.
    return item.in_order is not None and str(item.in_order) != "conflict"
