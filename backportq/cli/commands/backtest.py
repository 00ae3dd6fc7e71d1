"""`backtest`: what each list would have been worth in the project's own past."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from backportq.cli.arguments import BranchesArgument, BranchOption, JsonOption, parse_day
from backportq.cli.invocation import project
from backportq.cli.render.backtest_page import HEADINGS, row_of, with_section
from backportq.cli.render.curves import bars, drawn
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Column
from backportq.errors import UsageError
from backportq.model.likelihood.measures import PRECISION
from backportq.services.project import Project
from backportq.services.suggest.backtest import Backtest, backtest


def run(
    named: BranchesArgument = None,
    begin: Annotated[str | None, typer.Option("--from", metavar="DAY", help="judge from this day on")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DAY", help="judge up to this day")] = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="draw precision against recall into this file")
    ] = None,
    written: Annotated[
        Path | None,
        typer.Option("--write", metavar="FILE", help="write the figures into this Markdown page, as a section"),
    ] = None,
    branch: BranchOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what each list would have been worth in this project's past.

    Every Monday and every push session (commits on stable branches with gaps under 24 hours) of the past is replayed on
    the branches that had parted less than 18 months before: what was open, how each list would have ranked it, and what
    landed later. Nothing is used that came after the moment, and a commit that was named only within the session in
    which it landed counts as missed. The ceiling is the share of what landed that could have been known before.

    fixes, newer-branch and rules are what scan nominates, newest first, and then the rest; newest is everything, newest
    first; likely is the order of pending; model is what suggest would have learned by then, where LightGBM is
    installed. With branches named, only what landed there is judged; the lists learn from all. Only configured branches
    are replayed: 'init --branch' adds older ones. The last table counts, branch by branch, what landed of the rows that
    the rules name and of as many best rows of the model.
    """
    opened = project()
    today = opened.clock().astimezone(UTC).date()
    found = backtest(
        opened,
        begin=None if begin is None else parse_day(begin, today),
        end=None if end is None else parse_day(end, today),
        threads=os.cpu_count() or 1,
        branches=(*(named or ()), *(branch or ())),
    )
    if svg is not None:
        try:
            svg.write_text(drawn({name: each.curve for name, each in found.lists.items()}, found.ceiling), "utf-8")
        except OSError as error:
            raise UsageError(f"cannot write '{svg}': {error.strerror or error}") from error
    if written is not None:
        _write(written, opened, found)
    if as_json:
        output.emit_json(_document(found))
        return
    output.heading(f"{found.begin} to {found.end}: {found.landed} picks on {', '.join(found.branches)}")
    output.table(_COLUMNS, [(name, *row_of(measures)) for name, measures in found.lists.items()])
    output.blank()
    output.say("precision at each 5 % of recall, left to right")
    names = max(map(len, found.lists))
    for name, measures in found.lists.items():
        output.say(f"  {name:<{names}}  {bars(measures.curve)}")
    output.blank()
    output.say(f"ceiling: {found.ceiling:.0%} of what landed was upstream before its push session began")
    hidden = found.lists["likely"].hidden_by_folding
    if hidden is not None:
        output.say(f"folding: {hidden:.0%} of what landed later was folded away in pending")
    output.say("what a project forgot for ever counts as wrong")
    output.blank()
    output.heading("of as many rows as the rules ever name on a branch, how many landed")
    output.table(
        _BRANCH_COLUMNS,
        [
            (each.branch, str(each.rows), str(each.rules), "-" if each.model is None else str(each.model))
            for each in found.by_branch
        ],
    )


_BRANCH_COLUMNS = (
    Column("branch"),
    Column("rows", right=True),
    Column("rules", right=True),
    Column("model", right=True),
)
_COLUMNS = (Column("list"), *(Column(heading, right=True) for heading in HEADINGS))


def _write(path: Path, opened: Project, found: Backtest) -> None:
    """Put the figures into a page, which may not be there yet, under the name of the repository's folder."""
    folder = opened.repository.common_dir
    name = (folder.parent if folder.name == ".git" else folder).name.removesuffix(".git")
    try:
        page = path.read_text("utf-8") if path.exists() else "# What the lists would have been worth\n"
        path.write_text(with_section(page, name, found), "utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"cannot write '{path}': {why or error}") from error


def _document(found: Backtest) -> dict[str, object]:
    return {
        "from": found.begin.isoformat(),
        "to": found.end.isoformat(),
        "branches": list(found.branches),
        "landed": found.landed,
        "ceiling": found.ceiling,
        "lists": [
            {
                "name": name,
                "average_precision": measures.average_precision,
                "recall_at_precision": {str(PRECISION): measures.recall_at_precision},
                "weekly_top": {str(top): share for top, share in measures.weekly_top.items()},
                "late_in_14_days": measures.late_in_14_days,
                "before_session": {f"recall@{depth}": share for depth, share in measures.before_session.items()},
                "first_ten_rows": measures.first_ten_rows,
                "hidden_by_folding": measures.hidden_by_folding,
                "lead_days": measures.lead_days,
                "precision_at_recall": list(measures.curve),
            }
            for name, measures in found.lists.items()
        ],
        "by_branch": [
            {"branch": each.branch, "rows": each.rows, "rules": each.rules, "model": each.model}
            for each in found.by_branch
        ],
    }
