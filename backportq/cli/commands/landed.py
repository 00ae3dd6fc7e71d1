"""`landed`: what was picked to a branch, from where, on what evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from backportq.cli.arguments import JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.json_documents import deviation_document
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.model.history.landed import LandedPick
from backportq.model.ids import Oid, short
from backportq.model.trials.deviation import Deviation
from backportq.model.words import counted
from backportq.services.reports.landed import LandedReport, landed
from backportq.services.trials.deviation import deviations_of


def run(
    branch: Annotated[str, typer.Argument(metavar="BRANCH", help="a stable branch, or its version")],
    reverted: Annotated[bool, typer.Option("--reverted", help="only picks that were reverted")] = False,
    staged: Annotated[bool, typer.Option("--staged", help="only picks that are on the staging branch alone")] = False,
    unexplained: Annotated[
        bool, typer.Option("--unexplained", help="list instead the branch's commits that no evidence shows to be picks")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List what was picked to a branch, from where, and on what evidence.

    Only commits after the merge base with upstream are listed, not what the branch shares with upstream. Evidence is,
    strongest first: link (a person said so), trailer (the message names the commit), key (both carry the same number
    of a pull request, or the like), patch-id (the same change), subject (the same author, and a subject that upstream
    used once).

    "differs" compares the two patches, without line numbers. "identical" patches need no second look. "context only"
    patches change the same lines in other surroundings. For others it counts the changed lines that only one has.
    """
    opened = project()
    report = landed(opened, branch)
    shown = [
        pick for pick in report.picks if (not reverted or pick.reverted_by is not None) and (not staged or pick.staged)
    ]
    for warning in report.warnings:
        output.warn(warning)
    pairs = [] if unexplained and not as_json else [(pick.commit, pick.upstream) for pick in shown]
    deviations = deviations_of(opened.repository, pairs)
    if as_json:
        output.emit_json(_document(report, shown, deviations))
    elif unexplained:
        rows = [(short(oid), report.commits[oid].title) for oid in report.unexplained]
        output.table((Column("commit", style=Style.ID), Column("subject", flexible=True)), rows)
    else:
        _print(report, shown, deviations)


def _document(
    report: LandedReport, shown: list[LandedPick], deviations: Mapping[tuple[Oid, Oid], Deviation]
) -> dict[str, object]:
    return {
        "branch": report.facts.branch.name,
        "tip": report.facts.tip,
        "base": report.facts.base,
        "landed": [
            {
                "upstream": pick.upstream,
                "commit": pick.commit,
                "subject": report.commits[pick.commit].title,
                "members": list(report.facts.changes.members.get(pick.upstream, ())),
                "evidence": [{"kind": str(evidence.kind), "text": evidence.text} for evidence in pick.evidence],
                "staged": pick.staged,
                "reverted_by": pick.reverted_by,
                "deviation": deviation_document(deviations.get((pick.commit, pick.upstream))),
            }
            for pick in shown
        ],
        "unexplained": list(report.unexplained),
    }


def _print(report: LandedReport, shown: list[LandedPick], deviations: Mapping[tuple[Oid, Oid], Deviation]) -> None:
    columns = (
        Column("upstream", style=Style.ID),
        Column("pick", style=Style.ID),
        Column("evidence"),
        Column("differs"),
        Column("now"),
        Column("subject", flexible=True, least=40),
    )
    rows = [
        (
            short(pick.upstream),
            short(pick.commit),
            ", ".join(str(kind) for kind in dict.fromkeys(evidence.kind for evidence in pick.evidence)),
            str(deviations.get((pick.commit, pick.upstream), "")),
            _now(pick),
            report.commits[pick.commit].title,
        )
        for pick in shown
    ]
    if rows:
        output.table(columns, rows)
        output.blank()
    # A pick of several commits, or of one that upstream has twice, has a row for each.
    picks = {pick.commit: pick for pick in report.picks}.values()
    reverted = sum(pick.reverted_by is not None for pick in picks)
    staged = sum(pick.staged for pick in picks)
    parts = [f"{counted(len(picks), 'pick')} on {report.facts.branch.name}"]
    parts += [f"{staged} only staged"] if staged else []
    parts += [f"{reverted} reverted"] if reverted else []
    parts += [counted(len(report.unexplained), "other commit")] if report.unexplained else []
    output.say(", ".join(parts))


def _now(pick: LandedPick) -> Cell:
    if pick.reverted_by is not None:
        return Cell(f"reverted by {short(pick.reverted_by)}", Style.BAD)
    return Cell("staged", Style.WAITING) if pick.staged else Cell("landed", Style.GOOD)
