"""`log`: show who decided what, and when."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from backportq.cli.arguments import BranchOption, JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import told
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Column, Style
from backportq.model.ids import short
from backportq.model.words import short_day
from backportq.services.branches import is_branch_word
from backportq.services.queue_admin.audit import read_audit_log

_LEAST = 30  # columns of what was done; below them it stands in a line of its own


def run(
    commit: Annotated[
        str | None, typer.Argument(metavar="[COMMIT|BRANCH]", help="only what concerns this commit or branch")
    ] = None,
    branch: BranchOption = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="at most so many changes")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show who decided what, and when, newest first."""
    branches = tuple(branch or ())
    if commit is not None and is_branch_word(project().store.snapshot().state.config, commit):
        branches, commit = (*branches, commit), None
    entries = read_audit_log(project(), commit, branches, limit)
    if as_json:
        output.emit_json(
            {
                "changes": [
                    {
                        "change": entry.commit,
                        "at": entry.at.isoformat(),
                        "by": str(entry.who),
                        "command": entry.command,
                        "summary": entry.summary,
                        "items": [
                            {
                                "commit": item.commit,
                                "branch": item.branch,
                                "change": str(item.kind),
                                "fields": list(item.fields),
                            }
                            for item in entry.items
                        ],
                    }
                    for entry in entries
                ]
            }
        )
        return
    today = project().clock().date()
    output.table(
        (Column("change", style=Style.ID), Column("when"), Column("who"), Column("what", flexible=True, least=_LEAST)),
        [
            (
                short(entry.commit),
                _moment(entry.at, today),
                entry.who.name or entry.who.mail,
                told(entry),
            )
            for entry in entries
        ],
    )


def _moment(at: datetime, today: date) -> str:
    day = short_day(at.date(), today) if output.is_terminal() else at.date().isoformat()
    return f"{day} {at:%H:%M}"
