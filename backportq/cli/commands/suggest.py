"""`suggest`: commits that nothing names but that look like they belong."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from backportq.cli.arguments import BranchesArgument, DryRunOption, JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Column, Style
from backportq.errors import UsageError
from backportq.model.ids import short
from backportq.services.decisions.nominate import Request, tag
from backportq.services.project import Project
from backportq.services.suggest.suggest import Suggestion, explain_suggestion, suggest

_CHOICE = re.compile(r"(\d{1,4})(?:-(\d{1,4}))?\Z")


def run(
    branches: BranchesArgument = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, metavar="N", help="so many a branch")] = 10,
    chosen: Annotated[
        str | None, typer.Option("--tag", metavar="N,M-K", help="nominate these rows, by their numbers")
    ] = None,
    explained: Annotated[
        str | None, typer.Option("--explain", metavar="COMMIT", help="say of one commit how likely it is on BRANCH")
    ] = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """List commits that nothing names but that look like what this project takes.

    It is learned from the project's own past, on this machine: the words of what was taken and what was not, who wrote
    it, how old it was, and how often it had been passed over. A row is a guess, and 'docs/backtest.md' says how good
    such guesses were. What the queue knows of a branch, declined items too, is not suggested again.
    """
    opened = project()
    if explained is not None:
        if len(branches or ()) != 1 or chosen is not None:
            raise UsageError("--explain wants one branch", hints=(f"backportq suggest --explain {explained} BRANCH",))
        made: tuple[Suggestion, ...] = (explain_suggestion(opened, explained, (branches or [""])[0]),)
    else:
        made = suggest(opened, tuple(branches or ()), limit=limit)
    if chosen is not None:
        _tag(opened, [made[row - 1] for row in _rows(chosen, len(made))], dry_run=dry_run, as_json=as_json)
    elif as_json:
        output.emit_json({"suggestions": [_document(each) for each in made]})
    else:
        _print(made, is_explained=explained is not None)


def _rows(text: str, most: int) -> list[int]:
    """Return the row numbers that `text` spells, such as `1,3-5`."""
    rows: list[int] = []
    for part in text.split(","):
        match = _CHOICE.match(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match is not None else (0, 0)
        if not 1 <= first <= last <= most:
            raise UsageError(
                f"'{part}' names no row, wanted numbers from 1 to {most} such as 1,3-5", hints=("backportq suggest",)
            )
        rows += range(first, last + 1)
    return list(dict.fromkeys(rows))


def _tag(opened: Project, made: list[Suggestion], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        raise UsageError("--tag and --json don't go together", hints=("backportq suggest --json",))
    for branch in dict.fromkeys(each.branch for each in made):
        commits = [each.commit for each in made if each.branch == branch]
        outcome = tag(opened, commits, (branch,), Request("suggested", None, force=False), dry_run=dry_run)
        tell(outcome, lambda _: "nominated", as_json=False, dry_run=dry_run)


def _print(made: tuple[Suggestion, ...], *, is_explained: bool) -> None:
    if not made:
        output.say("nothing to suggest")
        return
    columns = (
        Column("row", right=True),
        Column("commit", style=Style.ID),
        Column("likely", right=True),
        Column("subject", flexible=True, least=40),
    )
    numbered = list(enumerate(made, 1))
    for branch in dict.fromkeys(each.branch for each in made):
        rows = [(row, each) for row, each in numbered if each.branch == branch]
        output.heading(branch)
        output.table(
            columns,
            [(str(row), short(each.commit), f"{each.likely:.0%}", each.subject) for row, each in rows],
            remarks=[each.reasons if is_explained else each.reasons[:2] for _, each in rows],
        )
        output.blank()
    output.next_step("backportq suggest --tag 1,3-5", "nominates these rows")
    output.next_step("backportq decline COMMIT -b BRANCH -m REASON", "after 'tag': it is not suggested again")


def _document(each: Suggestion) -> dict[str, object]:
    return {
        "branch": each.branch,
        "commit": each.commit,
        "subject": each.subject,
        "author": each.author,
        "likely": each.likely,
        "reasons": list(each.reasons),
        "judge": None,
    }
