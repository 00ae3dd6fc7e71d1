"""`show`: everything known of one commit, branch by branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import typer

from backportq.cli.arguments import BranchOption, CommitArgument, FetchMissingOption, JsonOption
from backportq.cli.invocation import allow_downloads, project
from backportq.cli.render.commit_report import print_comparisons, print_report, tag_lines
from backportq.cli.render.json_documents import (
    deviation_document,
    evidence_document,
    item_document,
    nomination_document,
    trial_document,
)
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Style
from backportq.model.ids import BranchName, Oid
from backportq.model.likelihood.outlook import Likelihood
from backportq.model.trials.deviation import Deviation
from backportq.model.trials.verdict import Trial, TrialOutcome
from backportq.queue.log import LogEntry
from backportq.services.branches import choose_branches
from backportq.services.items.show import CommitReport, OnBranch, decisions_on, show, try_in_order, try_on_branches
from backportq.services.picks.pick_comparison import compare_picks, resolver_notes
from backportq.services.project import Project
from backportq.services.suggest.likelihood import read_outlook
from backportq.services.trials.deviation import deviations_of


def run(
    commit: CommitArgument,
    named: Annotated[
        list[str] | None, typer.Argument(metavar="[BRANCH]...", help="stable branches, as with --branch")
    ] = None,
    diff: Annotated[
        bool, typer.Option("--diff", "-d", help="compare each pick with the original, as git range-diff does")
    ] = False,
    branches: BranchOption = None,
    fetch: FetchMissingOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show everything known of one commit on every branch: landed, pending or declined, and why; or why not.

    A pick on a stable branch is followed to the upstream commit it was made from.
    """
    if fetch:
        allow_downloads()
    opened = project()
    shown = show(opened, commit)
    only = (*(named or ()), *(branches or ()))
    if only:
        wanted = {each.name for each in choose_branches(opened.store.snapshot().state.config, only)}
        shown = replace(shown, branches=tuple(each for each in shown.branches if each.branch in wanted))
    trials = try_on_branches(opened, shown)
    history = decisions_on(opened, shown.commit.oid)
    pairs = [(pick.commit, pick.upstream) for each in shown.branches for pick in each.picks]
    deviations = {pick: found for (pick, _), found in deviations_of(opened.repository, pairs).items()}
    resolved = resolver_notes(opened, shown)
    comparisons = compare_picks(opened, shown) if diff or resolved else ()
    likelihoods = _likelihoods(opened, shown)
    if as_json:
        document = {**_document(shown, trials, history, deviations, likelihoods), "resolved": resolved}
        if diff:
            document["diffs"] = [
                {
                    "branch": comparison.branch,
                    "where": comparison.where,
                    "commit": comparison.pick,
                    "text": comparison.text,
                }
                for comparison in comparisons
            ]
        output.emit_json(document)
        return
    print_report(shown, trials, try_in_order(opened, shown, trials), history, deviations, likelihoods)
    for branch, words in resolved.items():
        output.say(f"{branch}: {words}", Style.WAITING)
    # What a program resolved, a reviewer sees hunk by hunk without asking.
    shown_too = [comparison for comparison in comparisons if diff or comparison.branch in resolved]
    if diff or shown_too:
        print_comparisons(shown_too)


def _likelihoods(opened: Project, shown: CommitReport) -> Mapping[BranchName, Likelihood]:
    """Return how likely its open items are to be taken, as lists say it."""
    items = {each.branch: each.item for each in shown.branches if each.item is not None and each.item.state.is_open}
    if not items:
        return {}
    commits = {item.commit for item in items.values()}
    outlook = read_outlook(opened, shown.history.state, shown.history, only=commits)
    return {branch: outlook.of(item, branch, opened.clock()) for branch, item in items.items()}


def _document(
    shown: CommitReport,
    trials: Mapping[BranchName, TrialOutcome],
    history: Sequence[LogEntry],
    deviations: Mapping[Oid, Deviation],
    likelihoods: Mapping[BranchName, Likelihood],
) -> dict[str, object]:
    return {
        "commit": shown.commit.oid,
        "asked": shown.asked,
        "pick_on": shown.pick_on,
        "other_originals": list(shown.other_originals),
        "upstream": shown.is_upstream,
        "subject": shown.commit.title,
        "author": str(shown.commit.author),
        "committed": shown.commit.committed.isoformat(),
        "reverted_by": shown.reverted_by,
        "reverts": shown.reverts,
        "fixes": list(shown.fixes),
        "fixed_by": list(shown.fixed_by),
        "tags": list(tag_lines(shown)),
        "warnings": list(shown.warnings),
        "branches": [
            _branch_document(each, trials.get(each.branch), deviations, likelihoods.get(each.branch))
            for each in shown.branches
        ],
        "history": [
            {
                "commit": entry.commit,
                "at": entry.at.isoformat(),
                "who": str(entry.who),
                "command": entry.command,
                "summary": entry.summary,
                "branches": [item.branch for item in entry.items],
            }
            for entry in history
        ],
    }


def _branch_document(
    each: OnBranch,
    outcome: TrialOutcome | None,
    deviations: Mapping[Oid, Deviation],
    likelihood: Likelihood | None,
) -> dict[str, object]:
    return {
        "likely": None if likelihood is None else likelihood.likely,
        "reasons": [] if likelihood is None else list(likelihood.reasons),
        "branch": each.branch,
        "version": each.version,
        "status": str(each.place),
        "why": list(each.why),
        "evidence": [evidence_document(evidence) for evidence in each.evidence],
        "picks": [
            {
                "commit": pick.commit,
                "staged": pick.staged,
                "reverted_by": pick.reverted_by,
                "deviation": deviation_document(deviations.get(pick.commit)),
            }
            for pick in each.picks
        ],
        "state": str(each.standing) if each.standing is not None else None,
        "assignee": each.item.assignee if each.item is not None else None,
        "item": item_document(each.item, each.branch) if each.item is not None else None,
        "nominations": [nomination_document(reason) for reason in each.nominations],
        "trial": trial_document(outcome) if isinstance(outcome, Trial) else None,
    }
