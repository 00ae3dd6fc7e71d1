"""`stats`: who backports how much, and how late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from backportq.cli.arguments import BranchesArgument, JsonOption
from backportq.cli.invocation import project
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Column
from backportq.errors import UsageError
from backportq.model.reports.cadence import MONTHS, parse_plans
from backportq.model.reports.statistics import Row, TaskRow
from backportq.model.words import counted
from backportq.services.reports.stats import stats

_PEOPLE = 10
_FIRST = 2


def run(
    branches: BranchesArgument = None,
    year: Annotated[
        list[int] | None, typer.Option("--year", metavar="YEAR", help="only backports of this year")
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option(
            "--plan", metavar="PLANS", help="what cadences would cost: 'every 6 months, support 18+18; every 8, 18+18'"
        ),
    ] = None,
    months: Annotated[
        int, typer.Option("--months", min=1, max=120, metavar="N", help="with --plan: how far ahead")
    ] = MONTHS,
    every: Annotated[bool, typer.Option("--all", help="also stable branches that are not configured")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show who backports how much, and how late, from git alone.

    A backport counts for whoever committed it to the branch. The lag is from the commit upstream to the pick. The last
    table shows what became of the tasks that people were given.

    --plan says what release cadences would cost, side by side, from the project's own past: branches alive, backports
    by the age of a branch, how many of them conflict, releases to make, what the busiest person would have. The bounds
    are those between which eight in ten such forecasts of the past came true.
    """
    if plan is not None:
        if branches or year or every:
            raise UsageError("--plan takes no branches, --year or --all: every stable branch of the past counts")
        _plan(plan, months, as_json=as_json)
        return
    figures = stats(project(), branches=tuple(branches or ()), every_branch=every, years=tuple(year or ()))
    if as_json:
        output.emit_json(
            {
                "total": _row_document(figures.total),
                "branches": [_row_document(row) for row in figures.branches],
                "years": [_row_document(row) for row in figures.years],
                "tasks": [_task_document(row) for row in figures.tasks],
            }
        )
        return
    if not figures.total.count:
        output.say("no backport was found")
    else:
        _people(figures.total)
        _rows("branch", figures.branches)
        _rows("year", figures.years)
    if figures.tasks:
        _tasks(figures.tasks)


def _plan(plan: str, months: int, *, as_json: bool) -> None:
    # Forecasts read the whole past and make trials: 100 ms to load, which figures do not need.
    from backportq.cli.render.planned import cadence_document, print_cadence
    from backportq.services.reports.cadence import plan_cadence

    report = plan_cadence(project(), parse_plans(plan), months)
    if as_json:
        output.emit_json(cadence_document(report))
    else:
        print_cadence(report)


def _people(total: Row) -> None:
    people = counted(len(total.people), "person", "people")
    output.heading(f"{counted(total.count, 'backport')} by {people}")
    shown = total.people[:_PEOPLE]
    rows = [(person.who, str(person.count), _percent(person.share)) for person in shown]
    rest = total.people[_PEOPLE:]
    if rest:
        count = sum(person.count for person in rest)
        rows.append((f"{len(rest)} others", str(count), _percent(count / total.count)))
    output.table((Column("who"), Column("backports", right=True), Column("share", right=True)), rows)
    output.say(f"{_percent(total.by_author / total.count)} were made by the author of the original")
    output.blank()


def _rows(what: str, rows: Sequence[Row]) -> None:
    columns = (
        Column(what),
        Column("backports", right=True),
        Column("people", right=True),
        Column("first two", right=True),
        Column("lag: median", right=True),
        Column("90 %", right=True),
        Column("99 %", right=True),
        Column("most by", flexible=True, least=30),
    )
    output.table(
        columns,
        [
            (
                row.name,
                str(row.count),
                str(len(row.people)),
                _percent(row.share_of_first(_FIRST)),
                *(_days(value) for value in ((row.lag.median, row.lag.p90, row.lag.p99) if row.lag else (None,) * 3)),
                ", ".join(f"{person.who} {_percent(person.share)}" for person in row.people[:_FIRST]),
            )
            for row in rows
        ],
    )
    output.blank()


def _tasks(rows: Sequence[TaskRow]) -> None:
    output.heading("tasks")
    titles = ("asked", "taken", "done", "open", "handed back", "reminded", "median days")
    output.table(
        (Column("who"), *(Column(title, right=True) for title in titles)),
        [
            (
                row.who,
                *(str(count) for count in (row.asked, row.taken, row.done, row.open, row.handed_back, row.reminded)),
                _days(row.median_days),
            )
            for row in rows
        ],
    )


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _days(days: float | None) -> str:
    return "-" if days is None else f"{days:.0f} d" if days >= 10 else f"{days:.1f} d"


def _row_document(row: Row) -> dict[str, object]:
    lag = {"median": row.lag.median, "p90": row.lag.p90, "p99": row.lag.p99} if row.lag is not None else None
    return {
        "name": row.name,
        "backports": row.count,
        "by_author": row.by_author,
        "lag_days": lag,
        "people": [{"who": person.who, "backports": person.count, "share": person.share} for person in row.people],
    }


def _task_document(row: TaskRow) -> dict[str, object]:
    return {
        "who": row.who,
        "asked": row.asked,
        "taken": row.taken,
        "done": row.done,
        "open": row.open,
        "handed_back": row.handed_back,
        "withdrawn": row.withdrawn,
        "reminded": row.reminded,
        "median_days": row.median_days,
    }
