"""`try`: would these commits apply there?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from backportq.cli.arguments import FetchMissingOption, JsonOption, branches_among
from backportq.cli.invocation import allow_downloads, project
from backportq.cli.render.json_documents import trial_document
from backportq.cli.render.verdicts import trial_cell
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.errors import ExitCode, RefError, UsageError
from backportq.git.read.lookup import resolve_range
from backportq.git.repository import Repository
from backportq.model.ids import short
from backportq.services.trials.mainlines import upstream_tips
from backportq.services.trials.try_commits import (
    Answered,
    Refused,
    TrialRequest,
    at_line,
    name_branches,
    read_requests,
    try_pairs,
)


def run(
    commits: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COMMIT|BRANCH]...",
            help="commits: ids, abbreviations, refs, ranges A..B; without --onto also stable branches of the queue",
        ),
    ] = None,
    onto: Annotated[
        list[str] | None,
        typer.Option(
            "--onto",
            "--branch",
            "-b",
            metavar="REV",
            help="apply to this: any revision, or a version; may be given several times",
        ),
    ] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="read lines 'COMMIT REV' from standard input")] = False,
    mainline: Annotated[
        int | None, typer.Option("--mainline", "-m", metavar="N", min=1, help="for merges: the parent to compare with")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="exit with 1 unless everything applies")] = False,
    fetch: FetchMissingOption = False,
    as_json: JsonOption = False,
) -> ExitCode | None:
    """Test-apply commits, in memory.

    The answer is that of 'git cherry-pick': the verdict and, when it applies, the resulting tree. Nothing in the
    repository is changed. No queue is needed; where there is one, a version stands for the branch that its picks go
    to. "applies" means that there is no textual conflict, not that the result is correct. A merge on the queue's
    upstream line is compared with its first parent; other merges need --mainline.

    With --stdin, lines that cannot be tried are reported with their number, the others are answered, and the exit code
    is 3. With --exit-code, it is 1 if any commit conflicts or changes nothing.
    """
    if fetch:
        allow_downloads()
    opened = project()
    repository = opened.repository
    if not stdin and not onto and len(commits or ()) > 1:
        commits, onto = branches_among(commits or (), None)
    requests = _from_stdin(commits, onto) if stdin else _from_arguments(repository, commits, onto)
    answers = try_pairs(repository, name_branches(opened, requests), mainline=mainline, upstream=upstream_tips(opened))
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    if refused and not stdin:
        raise RefError(refused[0].why, hints=refused[0].hints)
    answered = [answer for answer in answers if isinstance(answer, Answered)]
    if as_json:
        _emit(answered, refused)
    else:
        _print(answered)
    for line in refused:
        output.warn(at_line(line).why)
    if refused:
        return ExitCode.BAD_STATE
    if exit_code and any(answer.trial.verdict != "clean" for answer in answered):
        return ExitCode.NO
    return None


def _from_stdin(commits: Sequence[str] | None, onto: Sequence[str] | None) -> list[TrialRequest | Refused]:
    if commits or onto:
        raise UsageError("--stdin takes neither commits nor --onto", hints=("backportq try COMMIT --onto REV",))
    return read_requests(sys.stdin.buffer)


def _from_arguments(
    repository: Repository, commits: Sequence[str] | None, onto: Sequence[str] | None
) -> list[TrialRequest | Refused]:
    if not commits:
        raise UsageError("no commit to try", hints=("backportq try COMMIT --onto REV",))
    if not onto:
        raise UsageError("--onto is missing: what to apply it to", hints=("backportq try COMMIT --onto REV",))
    texts = [text for given in commits for text in (resolve_range(repository, given) if ".." in given else (given,))]
    return [TrialRequest(text, where) for where in onto for text in texts]


def _emit(answered: Sequence[Answered], refused: Sequence[Refused]) -> None:
    trials = [{"commit": answer.trial.commit, **trial_document(answer.trial)} for answer in answered]
    output.emit_json({"trials": trials, "errors": [{"line": line.line, "text": line.why} for line in refused]})


def _print(answered: Sequence[Answered]) -> None:
    columns = (Column("commit", style=Style.ID), Column("onto"), Column("verdict", flexible=True))
    output.table(columns, [_row(answer) for answer in answered])
    if any(answer.trial.verdict == "clean" for answer in answered):
        output.note("'applies' means no textual conflict, which is not the same as correct")
    if any(answer.trial.mainline is not None for answer in answered):
        parents = sorted({str(answer.trial.mainline) for answer in answered if answer.trial.mainline is not None})
        output.note(f"merges were compared with parent {', '.join(parents)} (--mainline)")


def _row(answer: Answered) -> tuple[Cell | str, ...]:
    trial = answer.trial
    onto = answer.asked.branch or answer.asked.onto
    return short(trial.commit), short(trial.onto) if onto == trial.onto else onto, trial_cell(trial)
