"""`suggest`: commits that nothing names but that look like they belong."""

from __future__ import annotations

import os
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
from backportq.model.likelihood.judgement import weighed
from backportq.model.likelihood.learned import LearnedModel
from backportq.model.likelihood.measures import PRECISION
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
    learn: Annotated[bool, typer.Option("--learn", help="learn from the past, for everybody with this queue")] = False,
    judged: Annotated[
        int | None, typer.Option("--judge", min=1, max=100, metavar="N", help="ask your own judge about N rows")
    ] = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """List commits that nothing names but that look like what this project takes.

    With --learn it learns this from the project's own past and writes what it learned to the queue branch, with how it
    did in a backtest of the last year; that needs LightGBM (pip install 'backportq[learn]') and takes minutes. From
    then on everybody with this queue has suggestions, and pending is ordered by the same weights. Weights that do no
    better than the rules are not used. A row is a guess; 'backportq backtest' says how good such guesses were. What the
    queue knows of a branch is not suggested again, and what was declined is learned from.

    With --judge a command of your own is asked about the first N rows of each branch: git config backportq.judge CMD.
    It gets one JSON document a commit on standard input and prints {"likely": 0 to 1, "reason": "..."}. Its word is
    one more signal: rows stand by both, and it weighs as much as what became of earlier ones that it judged warrants.
    """
    opened = project()
    if learn:
        _learn(opened, as_json=as_json)
        return
    if explained is not None:
        if len(branches or ()) != 1 or chosen is not None:
            raise UsageError("--explain wants one branch", hints=(f"backportq suggest --explain {explained} BRANCH",))
        rows: tuple[Suggestion, ...] = (explain_suggestion(opened, explained, (branches or [""])[0]),)
    else:
        found = suggest(opened, tuple(branches or ()), limit=limit)
        if found.problem is not None:
            output.warn(found.problem, ("backportq suggest --learn",))
        elif not found.is_learned and not as_json:
            output.say("nothing was learned yet")
            output.next_step("backportq suggest --learn", "learns from the project's past")
            return
        rows = found.rows
    if judged is not None:
        rows = _judged(opened, rows, judged)
    if chosen is not None:
        _tag(opened, [rows[row - 1] for row in _rows(chosen, len(rows))], dry_run=dry_run, as_json=as_json)
    elif as_json:
        output.emit_json({"suggestions": [_document(each) for each in rows]})
    else:
        _print(rows, is_explained=explained is not None)


def _judged(opened: Project, rows: tuple[Suggestion, ...], limit: int) -> tuple[Suggestion, ...]:
    from backportq.services.suggest.judge import judge  # few ask one

    judged = judge(opened, rows, limit=limit)
    for text in judged.warnings:
        output.warn(text)
    branches = list(dict.fromkeys(row.branch for row in rows))

    def by_both(row: Suggestion) -> float:
        return -weighed(row.likely, row.judge, judged.trust)

    return tuple(
        row
        for branch in branches
        for row in sorted((each for each in judged.rows if each.branch == branch), key=by_both)
    )


def _learn(opened: Project, *, as_json: bool) -> None:
    # What learns loads much that no other use of this command needs.
    from backportq.services.suggest.keep_learned import learn_and_keep

    made = learn_and_keep(opened, threads=os.cpu_count() or 1)
    proof = made.proof
    if as_json:
        output.emit_json({"learned": _learned_document(made)})
        return
    output.say(f"learned from {made.samples} samples of {', '.join(made.branches)}")
    if proof is None:
        output.say("not used: the past is too short to prove it")
        return
    output.say(f"proved on {proof.begin} to {proof.end}: {proof.landed} picks, ceiling {proof.ceiling:.0%}")
    output.table(
        (
            Column("list"),
            Column("average precision", right=True),
            Column(f"recall at {PRECISION:.0%}", right=True),
            Column("10 a week", right=True),
            Column("before a session, 25", right=True),
        ),
        [
            (
                name,
                f"{score.average_precision:.3f}",
                f"{score.recall_at_precision:.1%}",
                f"{score.weekly_top:.1%}",
                f"{score.before_session:.1%}",
            )
            for name, score in (("learned", proof.model), ("rules", proof.rules))
        ],
    )
    output.say("used from now on" if proof.is_passed else "not used: it does no better than the rules")


def _learned_document(made: LearnedModel) -> dict[str, object]:
    proof = made.proof
    return {
        "learned": made.learned.isoformat(),
        "upstream": made.upstream,
        "branches": list(made.branches),
        "samples": made.samples,
        "is_used": proof is not None and proof.is_passed,
        "backtest": None
        if proof is None
        else {
            "from": proof.begin.isoformat(),
            "to": proof.end.isoformat(),
            "landed": proof.landed,
            "ceiling": proof.ceiling,
            **{
                name: {
                    "average_precision": score.average_precision,
                    "recall_at_precision": score.recall_at_precision,
                    "weekly_top": score.weekly_top,
                    "before_session": score.before_session,
                }
                for name, score in (("model", proof.model), ("rules", proof.rules))
            },
        },
    }


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
            remarks=[_remarks(each, is_explained=is_explained) for _, each in rows],
        )
        output.blank()
    output.next_step("backportq suggest --tag 1,3-5", "nominates these rows")
    output.next_step("backportq decline COMMIT -b BRANCH -m REASON", "after 'tag': it is not suggested again")


def _remarks(each: Suggestion, *, is_explained: bool) -> tuple[str, ...]:
    reasons = each.reasons if is_explained else each.reasons[:2]
    if each.judge is None:
        return reasons
    return (*reasons, f"your judge says: {each.judge.likely:.0%}, {each.judge.reason or 'without a reason'}")


def _document(each: Suggestion) -> dict[str, object]:
    return {
        "branch": each.branch,
        "commit": each.commit,
        "subject": each.subject,
        "author": each.author,
        "likely": each.likely,
        "reasons": list(each.reasons),
        "judge": None if each.judge is None else {"likely": each.judge.likely, "reason": each.judge.reason},
    }
