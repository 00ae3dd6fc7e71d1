"""`tag`: nominate commits after the fact."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.decided import tell
from backportq.cli.invocation import project
from backportq.cli.options import BranchOption, CommitsArgument, DryRunOption, JsonOption
from backportq.model.item import Priority


def run(
    commits: CommitsArgument,
    branch: BranchOption = None,
    priority: Annotated[Priority | None, typer.Option("--priority", help="how urgent it is")] = None,
    note: Annotated[str | None, typer.Option("--note", "-m", metavar="TEXT", help="why, in your words")] = None,
    force: Annotated[bool, typer.Option("--force", help="also what landed, was declined, or is not upstream")] = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Nominate commits for backporting.

    Without --branch they are nominated for every branch that still takes fixes and lacks the commit.
    """
    from backportq.services.tagging import Request, tag  # gathers facts: not for -h

    outcome = tag(project(), commits, branch or (), Request(note, priority, force), dry_run=dry_run)
    tell(outcome, lambda one: "nominated" if one.before is None else "nominated too", as_json=as_json, dry_run=dry_run)
