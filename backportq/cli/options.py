"""Options and arguments that several verbs share, so that they are spelled and explained the same everywhere.

This module must not interpret values: services do.
"""

from __future__ import annotations

from typing import Annotated

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="print one JSON document instead of text")]
BranchOption = Annotated[
    list[str] | None,
    typer.Option("--branch", "-b", metavar="BRANCH", help="only this stable branch; may be given several times"),
]
BranchesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[BRANCH]...", help="stable branches; all of them when none is named")
]
CommitsArgument = Annotated[
    list[str], typer.Argument(metavar="COMMIT...", help="commits: ids, abbreviations, refs, or ranges such as A..B")
]
CommitArgument = Annotated[str, typer.Argument(metavar="COMMIT", help="a commit: id, abbreviation, or ref")]
QueryOption = Annotated[
    str | None,
    typer.Option(
        "--query",
        "-q",
        metavar="QUERY",
        help="items such as 'branch:B unassigned -verdict:conflict'; 'pending --help' has all words",
    ),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", "-n", help="say what would be done, and write nothing")]
ReasonOption = Annotated[str, typer.Option("--reason", "-m", metavar="TEXT", help="the reason; it is kept")]
