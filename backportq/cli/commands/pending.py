"""`pending`: what is open, one row a change, and whether it applies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Annotated

import typer

from backportq.cli.arguments import (
    BranchesArgument,
    BranchOption,
    FetchMissingOption,
    JsonOption,
    QueryOption,
    assignee_keys,
    parse_day,
    parse_words,
)
from backportq.cli.invocation import allow_downloads, project
from backportq.cli.render.json_documents import item_document, trial_document
from backportq.cli.render.pending_list import View, print_list
from backportq.cli.terminal import output
from backportq.model.priority import Priority
from backportq.model.trials.verdict import Trial, Verdict
from backportq.model.words import counted
from backportq.services.items.grouping import JudgedItem, Order, in_order, judge
from backportq.services.items.open_items import EffectiveState, Filter, OpenItem, OpenItems, open_items
from backportq.services.items.query import filter_entries, query_of
from backportq.services.items.tried_items import TrialsOnDemand, TriedItem
from backportq.services.project import Project
from backportq.services.queue_admin.sync import unsynced_note
from backportq.services.suggest.likelihood import read_outlook


def run(
    branches: BranchesArgument = None,
    mine: Annotated[bool, typer.Option("--mine", help="only what is assigned to you")] = False,
    assignee: Annotated[
        list[str] | None, typer.Option(metavar="PERSON", help="only what is assigned to this person")
    ] = None,
    unassigned: Annotated[bool, typer.Option("--unassigned", help="only what nobody has")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="only what is past the day it was wanted by")] = False,
    query: QueryOption = None,
    state: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="only pending, in-progress, deferred or waiting")
    ] = None,
    verdict: Annotated[list[str] | None, typer.Option(metavar="VERDICT", help="only clean, conflict or empty")] = None,
    priority: Annotated[
        list[str] | None, typer.Option(metavar="PRIORITY", help="only security, high, normal or low")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="WORD", help="in order of likely (the default), branch, age or author")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="all rows, also what was passed over so often that it is folded away")
    ] = False,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="at most so many rows")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="only what upstream got on this day or later")
    ] = None,
    branch: BranchOption = None,
    fetch: FetchMissingOption = False,
    as_json: JsonOption = False,
) -> None:
    """List what is open, one row a change: the most urgent first, then the likeliest, and where it applies.

    "4.17 4.18 applies · 4.19 conflicts" says of each branch what a pick gives. "applies" means that git finds no
    textual conflict, not that the result is correct; "after N" that it does once so many earlier items are picked.
    "likely" is the share of such items that this project took before, by why they are here and by how many later
    commits were taken on the branch since ("passed"); of several branches the likeliest is meant. What was passed over
    more often than nearly everything that this project ever took is folded away, unless somebody decided anything
    about it or a list is asked for with conditions. Deferred items and those that wait for a date come last.

    On a terminal the first screen is shown: --limit gives more rows, --all every one. --by branch shows the branches
    one after the other, in the order to pick in. JSON has one entry for each branch; "change" says which belong
    together.

    A query is a list of conditions that all hold. KEY:VALUE, with several values as KEY:A,B for any of them, where KEY
    is branch, state, assignee ('me' too), priority, verdict, via (how it was nominated), author, subject, text (of the
    message, notes and reasons), commit, path, or deviation (of its picks on other branches: identical, context,
    functional, none). A comparison: likely<0.2, age>90 (days, or 12w, 6m, 2y), date>=2026-01-31, due<2026-02-28,
    branches>2 (on how many it is open). A word alone: unassigned, overdue, staged, noted. '-' in front turns a
    condition around, and quotes keep what has spaces together.
    """
    if fetch:
        allow_downloads()
    order = parse_words(Order, [by] if by is not None else None, "--by")
    now = project().clock()
    first_day = None if since is None else parse_day(since, now.astimezone(UTC).date(), past=True)
    verdicts = parse_words(Verdict, verdict, "--verdict")
    standings = parse_words(EffectiveState, state, "--state")
    priorities = parse_words(Priority, priority, "--priority")
    opened = project()
    found = open_items(opened, branches=(*(branches or ()), *(branch or ())))
    wanted = Filter(
        assignees=assignee_keys(opened, tuple(assignee or ()), mine=mine, people=found.state.people),
        unassigned=unassigned,
        standings=standings,
        priorities=priorities,
    )
    entries = [entry for entry in found.items if wanted.admits(entry)]
    if first_day is not None:
        entries = [entry for entry in entries if entry.item.committed.astimezone(UTC).date() >= first_day]
    trials = TrialsOnDemand(opened.repository, opened.store, found)
    if overdue or query is not None:
        entries = _matching(opened, found, entries, f"{query or ''} {'overdue' if overdue else ''}", trials)
    if verdicts:
        entries = [entry for entry in entries if trials.of(entry).verdict in verdicts]
    outlook = read_outlook(opened, found.state, found.history)
    if outlook.problem is not None:
        output.warn(outlook.problem, ("backportq suggest --learn",))
    judged = judge(entries, outlook, now)
    if as_json:
        changes = in_order(judged, order[0] if order else Order.BRANCH)
        output.emit_json({"items": [_document(item, trials.of(item.entry)) for each in changes for item in each.items]})
    else:
        narrowed = len(entries) < len(found.items)
        view = View(
            order[0] if order else Order.LIKELY,
            is_whole=everything or narrowed,
            limit=limit,
            today=now.astimezone(UTC).date(),
        )
        print_list(found, judged, view, trials)
    if found.moved:
        output.note(f"{', '.join(found.moved)} moved since the last scan; run 'backportq scan'")
    elif found.hidden:
        have = "has landed or was" if found.hidden == 1 else "have landed or were"
        output.note(f"{counted(found.hidden, 'item')} {have} reverted meanwhile; 'backportq scan' closes what is done")
    waiting = unsynced_note(opened, found.history.refs)
    if waiting is not None:
        output.note(waiting)


def _matching(
    opened: Project, found: OpenItems, entries: Sequence[OpenItem], text: str, trials: TrialsOnDemand
) -> list[OpenItem]:
    """Return what the query admits; trials are made only where it asks for verdicts."""
    query = query_of(opened, text, found.state)
    outcomes = {entry: trials.of(entry).outcome for entry in entries} if query.needs_verdicts else {}
    return filter_entries(opened, entries, query, opened.clock().astimezone(UTC).date(), outcomes)


def _document(judged: JudgedItem, each: TriedItem) -> dict[str, object]:
    entry, likelihood = judged.entry, judged.likelihood
    trial: dict[str, object] | None = None
    if isinstance(each.outcome, Trial):
        trial = {
            **trial_document(each.outcome),
            "in_order": str(each.in_order),
            "blocked_by": list(each.blocked_by),
            "alternative": None
            if each.alternative is None
            else {"commit": each.alternative.commit, "branch": each.alternative.branch},
        }
    return {
        **item_document(entry.item, entry.branch),
        "change": entry.item.commit,
        "state": str(entry.standing),
        "work": None if entry.stage is None else str(entry.stage),
        "mainline": entry.mainline,
        "waits_until": entry.due.isoformat() if entry.due is not None else None,
        "waits_for": entry.wait,
        "likely": likelihood.likely,
        "reasons": list(likelihood.reasons),
        "passed_over": likelihood.passed_over,
        "age_days": likelihood.age_days,
        "trial": trial,
        "trial_failure": None if isinstance(each.outcome, Trial) else each.outcome.why,
    }
