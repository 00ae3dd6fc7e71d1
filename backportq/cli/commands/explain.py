"""`explain`: why a commit conflicts on a branch, and what it is waiting for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from backportq.cli.arguments import BranchOption, CommitArgument, FetchMissingOption, JsonOption
from backportq.cli.invocation import allow_downloads, project
from backportq.cli.render.json_documents import deviation_document
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.git.trials import ConflictHunk
from backportq.model.ids import short
from backportq.model.words import counted, typed
from backportq.services.trials.conflict_text import Conflict
from backportq.services.trials.conflicting_branches import where_it_conflicts
from backportq.services.trials.explain import Bounds, Explanation, MissingCommit, explain

_HUNK_LINES = 30  # of each side, in text; JSON has all


def run(
    commit: CommitArgument,
    branch: Annotated[
        str | None, typer.Argument(metavar="[BRANCH]", help="a stable branch; without a queue, any revision")
    ] = None,
    named: BranchOption = None,
    short_: Annotated[bool, typer.Option("--short", help="the answer alone, no places of the conflict")] = False,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help="try at most N commits as prerequisites")
    ] = 100,
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="S", min=0.1, help="search for about S seconds at most")
    ] = 20.0,
    fetch: FetchMissingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say why a commit conflicts on a branch: where, who changed these lines, and what makes it apply.

    The prerequisites are upstream commits that the branch lacks; they are found by trial, so after them it does apply,
    which is not the same as being correct. Where a bound ended the search, that is said. The answer stands first, the
    places of the conflict below it. Without a branch, those are meant on which it conflicts.
    """
    if fetch:
        allow_downloads()
    branches = [*([branch] if branch is not None else []), *(named or ())]
    if not branches:
        where = where_it_conflicts(project(), commit)
        if not where.conflicting and not as_json:
            output.say(f"{short(where.commit)} applies or changes nothing on {', '.join(where.others)}", Style.GOOD)
            return
        branches = list(where.conflicting or where.others[-1:])
    bounds = Bounds(limit, seconds / len(branches))
    explanations = [explain(project(), commit, name, bounds=bounds) for name in branches]
    if as_json:
        first, *others = map(_document, explanations)
        output.emit_json({**first, "others": others} if others else first)
        return
    for at, found in enumerate(explanations):
        if at:
            output.blank()
        _print(found, is_short=short_, is_first=at == 0)


def _document(found: Explanation) -> dict[str, object]:
    return {
        "commit": found.commit.oid,
        "branch": found.branch,
        "onto": found.onto,
        "subject": found.commit.title,
        "verdict": str(found.verdict),
        "conflicts": [
            {
                "path": conflict.path,
                "kind": conflict.kind,
                "words": conflict.words,
                "hunks": [_hunk_document(hunk) for hunk in conflict.hunks],
            }
            for conflict in found.conflicts
        ],
        "culprits": [_missing_document(commit) for commit in found.culprits],
        "prerequisites": [commit.commit for commit in found.prerequisites],
        "prerequisites_in_queue": [commit.commit for commit in found.prerequisites if commit.is_queued],
        "clean_with_prerequisites": found.applies_after_all,
        "minimal": found.is_minimal,
        "candidates": found.candidates,
        "bound": found.bound,
        "alternatives": [
            {
                "commit": alternative.commit,
                "branch": alternative.branch,
                "verdict": str(alternative.verdict),
                "deviation": deviation_document(alternative.deviation),
            }
            for alternative in found.alternatives
        ],
    }


def _missing_document(commit: MissingCommit) -> dict[str, object]:
    return {"commit": commit.commit, "subject": commit.subject, "in_queue": commit.is_queued}


def _hunk_document(hunk: ConflictHunk) -> dict[str, object]:
    parts = {
        "before": hunk.before,
        "branch": hunk.branch,
        "base": hunk.base,
        "commit": hunk.commit,
        "after": hunk.after,
    }
    return {name: [line.decode("utf-8", "replace") for line in lines] for name, lines in parts.items()}


def _print(found: Explanation, *, is_short: bool, is_first: bool) -> None:
    if is_first:
        output.heading(f"{short(found.commit.oid)} {found.commit.title}")
    if found.verdict == "clean":
        output.say(f"applies to {_name(found)}: no textual conflict, which is not the same as correct", Style.GOOD)
        return
    if found.verdict == "empty":
        output.say(f"changes nothing on {_name(found)}", Style.DIM)
        return
    output.say(
        f"conflicts on {_name(found)} in {counted(len({conflict.path for conflict in found.conflicts}), 'file')}",
        Style.BAD,
    )
    _print_prerequisites(found)
    _print_alternatives(found)
    if not found.applies_after_all:
        _print_by_hand(found)
    if is_short:
        return
    _print_culprits(found)
    for path in dict.fromkeys(conflict.path for conflict in found.conflicts):
        output.blank()
        output.heading(path)
        for conflict in found.conflicts:
            if conflict.path == path:
                _print_conflict(conflict, found)


def _print_conflict(conflict: Conflict, found: Explanation) -> None:
    output.say(f"  {conflict.words}")
    for hunk in conflict.hunks:
        output.blank()
        _print_lines(hunk.before, " ", Style.DIM)
        output.say(f"  <<< {_name(found)}", Style.DIM)
        _print_lines(hunk.branch, " ", Style.BAD)
        output.say("  ||| before the commit", Style.DIM)
        _print_lines(hunk.base, " ", Style.DIM)
        output.say("  ===", Style.DIM)
        _print_lines(hunk.commit, " ", Style.GOOD)
        output.say(f"  >>> {short(found.commit.oid)}", Style.DIM)
        _print_lines(hunk.after, " ", Style.DIM)


def _print_lines(lines: Sequence[bytes], sign: str, style: Style) -> None:
    for line in lines[:_HUNK_LINES]:
        text = line.decode("utf-8", "replace").removesuffix("\r").expandtabs(8)
        output.say(f"  {sign} {text}".rstrip(), style)
    if len(lines) > _HUNK_LINES:
        output.say(f"    ... {len(lines) - _HUNK_LINES} lines more", Style.DIM)


def _print_culprits(found: Explanation) -> None:
    output.blank()
    if not found.culprits:
        output.say(f"no commit that {_name(found)} lacks touched these lines or made these files")
        return
    output.heading(f"not on {_name(found)}, and touched these lines or made these files")
    _table(found.culprits)


def _print_prerequisites(found: Explanation) -> None:
    output.blank()
    if found.applies_after_all:
        few = "" if found.is_minimal else ", perhaps more than needed"
        output.heading(f"applies after {counted(len(found.prerequisites), 'commit')}{few}, in this order")
        _table(found.prerequisites)
        if found.has_queue:
            output.next_step(
                f"backportq need {short(found.commit.oid)} --branch {typed(found.branch)} --from-explain",
                "records them",
            )
    elif found.candidates:
        output.say(f"no set among {counted(found.candidates, 'missing commit')} makes it apply")
    else:
        output.say(f"{_name(found)} lacks no commit on these files: its own changes conflict")
    if found.bound is not None:
        output.note(found.bound)


def _print_alternatives(found: Explanation) -> None:
    if not found.alternatives:
        return
    output.blank()
    output.heading("picks of it on other branches")
    words = {"clean": Cell("applies here", Style.GOOD), "empty": Cell("changes nothing here", Style.DIM)}
    rows = [
        (
            short(alternative.commit),
            alternative.branch,
            words.get(alternative.verdict, Cell("conflicts too", Style.BAD)),
            str(alternative.deviation or ""),
        )
        for alternative in found.alternatives
    ]
    columns = (
        Column("commit", style=Style.ID),
        Column("branch"),
        Column("verdict"),
        Column("deviation", flexible=True),
    )
    output.table(columns, rows)


def _print_by_hand(found: Explanation) -> None:
    """Print what a person can do where no other commit makes it apply."""
    what = f"{short(found.commit.oid)} --branch {typed(_name(found))}"
    if any(alternative.verdict == "clean" for alternative in found.alternatives):
        output.next_step(f"backportq pick {what} --from-alternative", "takes the pick that applies")
    else:
        paths = list(dict.fromkeys(conflict.path for conflict in found.conflicts))
        where = f"the conflict in {paths[0]}" if len(paths) == 1 else "the conflicts"
        output.next_step(f"backportq pick {what}", f"waits until you have resolved {where}")
    if found.has_queue:
        output.next_step(f"backportq decline {what} -m REASON", "if the branch does not need it")


def _name(found: Explanation) -> str:
    return short(found.onto) if found.branch == found.onto else found.branch


def _table(commits: Sequence[MissingCommit]) -> None:
    columns = (Column("commit", style=Style.ID), Column("queue"), Column("subject", flexible=True))
    rows = [
        (short(commit.commit), "in the queue" if commit.is_queued else "not queued", commit.subject)
        for commit in commits
    ]
    output.table(columns, rows)
