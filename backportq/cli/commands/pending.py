"""`pending`: what is open on each branch, and whether it applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Annotated

import typer

from backportq.cli.arguments import BranchesArgument, JsonOption, QueryOption, assignee_keys, parse_words
from backportq.cli.invocation import project
from backportq.cli.render.json_documents import item_document, trial_document
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.model.items.item import Priority
from backportq.model.items.queue import BranchQueue
from backportq.model.items.task_words import blocker_words, lacking_words, vote_words
from backportq.model.items.votes import Tally, tally, wanted_approvals
from backportq.model.trials.verdict import Trial, Verdict
from backportq.services.assignment.propose import filter_entries
from backportq.services.items.open_items import LATER, EffectiveState, Filter, OpenItem, OpenItems, open_items
from backportq.services.items.query import query_of
from backportq.services.items.tried_items import TriedItem, try_items
from backportq.services.project import Project
from backportq.services.queue_admin.sync import unsynced_note

_SHOWN = 12  # digits of a commit id in text


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
    as_json: JsonOption = False,
) -> None:
    """List the open items, and whether they apply.

    "applies" means that git finds no textual conflict, not that the result is correct; "in order" that it does once
    the items above it are picked. Items stand in upstream order, the order to pick them in. Deferred items and those
    that wait for a date come last.

    A query is a list of conditions that all hold. KEY:VALUE, with several values as KEY:A,B for any of them, where KEY
    is branch, state, assignee ('me' too), priority, verdict, via (how it was nominated), author, subject, commit or
    path; or a word alone: unassigned, overdue, staged, noted. '-' in front turns a condition around, and quotes keep
    what has spaces together.
    """
    verdicts = parse_words(Verdict, verdict, "--verdict")
    standings = parse_words(EffectiveState, state, "--state")
    priorities = parse_words(Priority, priority, "--priority")
    opened = project()
    found = open_items(opened, branches=tuple(branches or ()))
    wanted = Filter(
        assignees=assignee_keys(opened, tuple(assignee or ()), mine=mine, people=found.state.people),
        unassigned=unassigned,
        standings=standings,
        priorities=priorities,
    )
    tried = [each for each in try_items(opened.repository, found.items, found.elsewhere) if wanted.admits(each.entry)]
    if overdue or query is not None:
        tried = _matching(opened, tried, f"{query or ''} {'overdue' if overdue else ''}")
    if verdicts:
        tried = [each for each in tried if each.verdict in verdicts]
    if as_json:
        output.emit_json({"items": [_document(each) for each in tried]})
    else:
        _print(found, tried)
    if found.moved:
        output.note(f"{', '.join(found.moved)} moved since the last scan; run 'backportq scan'")
    elif found.hidden:
        output.note(f"{found.hidden} items have landed or were reverted meanwhile; 'backportq scan' closes them")
    waiting = unsynced_note(opened)
    if waiting is not None:
        output.note(waiting)


def _matching(opened: Project, tried: Sequence[TriedItem], text: str) -> list[TriedItem]:
    """Return what the query admits; the trials are made already."""
    outcomes = {each.entry: each.outcome for each in tried}
    found = filter_entries(
        opened, list(outcomes), query_of(opened, text), opened.clock().astimezone(UTC).date(), outcomes
    )
    wanted = set(found)
    return [each for each in tried if each.entry in wanted]


def _document(each: TriedItem) -> dict[str, object]:
    entry = each.entry
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
        "state": str(entry.standing),
        "waits_until": entry.due.isoformat() if entry.due is not None else None,
        "waits_for": entry.wait,
        "trial": trial,
        "trial_failure": None if isinstance(each.outcome, Trial) else each.outcome.why,
    }


def _print(found: OpenItems, tried: Sequence[TriedItem]) -> None:
    for branch in found.branches:
        its = [each for each in tried if each.entry.branch == branch.name]
        if its:
            _print_branch(found.state.queue_of(branch.name), its, found.state.config.policy)
    if not tried:
        output.say("nothing is pending" if not found.items else "no open item is of that kind")
        return
    words = {_verdict(each).text.split()[0] for each in tried}
    output.say("applies: no textual conflict, which is not the same as correct")
    if "after" in words:
        output.say("after N: applies once these N earlier items are picked")
    if "other" in words:
        output.say("other pick: it conflicts, but its pick on another branch applies (--json names it)")
    if "empty" in words:
        output.say("empty: it would change nothing there; whoever looked at it may decline it")
    if "untried" in words:
        output.say("untried: a merge, or git could not try it; show says why")
    if any(item.entry.item.priority in ("high", "security") for item in tried):
        output.say("!: high priority, !!: security")
    if any(_is_begun(each.entry) for each in tried):
        output.say("NAME*: in progress, taken or picked by somebody; show says where")
    _print_lacking(found, tried)
    output.next_step("backportq show COMMIT", "why it is pending, branch by branch")
    output.next_step("backportq take COMMIT", "makes it yours; decline and defer say no and later")


def _print_lacking(found: OpenItems, tried: Sequence[TriedItem]) -> None:
    """Print how to ask for what items need and neither their branch nor its queue has."""

    branches: dict[str, list[str]] = {}
    for branch in found.branches:
        its = [each.entry for each in tried if each.entry.branch == branch.name and each.entry.standing not in LATER]
        lacking = dict.fromkeys(oid for entry in its for oid in entry.lacking)
        declined = [item.commit for item in found.state.queue_of(branch.name).closed if item.commit in lacking]
        for verb, oids in (("tag", [oid for oid in lacking if oid not in declined]), ("reopen", declined)):
            if oids:
                branches.setdefault(" ".join([verb, *(oid[:_SHOWN] for oid in oids)]), []).append(branch.name)
    for command, names in branches.items():
        where = " ".join(f"-b {name}" for name in names)
        output.next_step(f"backportq {command} {where}", "what is needed, and not in the queue")


def _print_branch(queue: BranchQueue, its: Sequence[TriedItem], policy: Mapping[str, object]) -> None:
    now = [each for each in its if each.entry.standing not in LATER]
    later = [each.entry for each in its if each.entry.standing in LATER]
    output.heading(f"{queue.branch}: {_counts(now)}" + (f", {len(later)} later" if later else ""))
    has_people = any(each.entry.item.assignee is not None or _is_begun(each.entry) for each in now)
    rows = [_row(each) for each in now]
    columns: tuple[Column, ...] = _COLUMNS
    if not has_people:  # the column would be empty, and subjects are long
        columns = (*columns[:3], columns[4])
        rows = [[*row[:3], row[4]] for row in rows]
    tallies = [tally(each.entry.item, policy) for each in now]
    remarks = [(*blocker_words(each.blockers), *lacking_words(each.entry.lacking, queue.closed)) for each in now]
    if wanted_approvals(policy):
        columns = (*columns[:-1], Column("votes"), columns[-1])
        rows = [[*row[:-1], _votes(each), row[-1]] for row, each in zip(rows, tallies, strict=True)]
    else:  # a vote is rare then, and a column of nothing takes room from the subjects
        remarks = [(*words, *vote_words(each)) for words, each in zip(remarks, tallies, strict=True)]
    if rows:
        output.table(columns, rows, remarks=remarks)
    for entry in later:
        output.say(f"{entry.item.commit[:_SHOWN]}  {_later(entry)}: {entry.item.subject}")
    output.blank()


_COLUMNS = (
    Column("commit", style=Style.ID),
    Column("verdict"),
    Column("why"),
    Column("who"),
    Column("subject", flexible=True, least=40),
)


def _counts(tried: Sequence[TriedItem]) -> str:
    """Return how many items there are and how many of each verdict."""
    words = [_verdict(each).text for each in tried]
    counts = {
        "apply": words.count("applies"),
        "after others": sum(word.startswith("after ") for word in words),
        "with another pick": words.count("other pick"),
        "conflict": words.count("conflicts"),
        "empty": words.count("empty"),
        "untried": words.count("untried"),
    }
    parts = [f"{count} {word}" for word, count in counts.items() if count]
    return f"{len(tried)} pending" + (f" ({', '.join(parts)})" if parts else "")


def _row(each: TriedItem) -> list[Cell | str]:
    item = each.entry.item
    who = item.assignee or "-"
    return [
        item.commit[:_SHOWN],
        _verdict(each),
        _why(each.entry),
        f"{who}*" if _is_begun(each.entry) else who,
        item.subject,
    ]


def _is_begun(entry: OpenItem) -> bool:
    return str(entry.standing) == "in-progress"


def _votes(votes: Tally) -> Cell:
    """Return how many approve of how many wanted, or that somebody objects."""
    if votes.objections:
        return Cell("objected", Style.BAD)
    return Cell(f"{len(votes.approvals)}/{votes.wanted}", Style.GOOD if votes.is_approved else Style.WAITING)


def _verdict(each: TriedItem) -> Cell:
    if each.verdict is None:
        return Cell("untried", Style.WAITING)
    if each.verdict == "clean":
        return Cell("applies", Style.GOOD)
    if each.verdict == "empty":
        return Cell("empty", Style.DIM)
    if each.blocked_by:
        return Cell(f"after {len(each.blocked_by)}", Style.GOOD)
    return Cell("other pick", Style.WAITING) if each.alternative is not None else Cell("conflicts", Style.BAD)


_MARKS = {"security": " !!", "high": " !", "low": " (low)"}


def _why(entry: OpenItem) -> Cell:
    """Return the first reason in a word, and a mark where the priority is not the usual one."""
    item = entry.item
    word = "kept"
    if item.nominations:
        first = item.nominations[0]
        word = first.branch or "" if str(first.via) == "newer-branch" else first.rule or str(first.via)
    urgent = item.priority in ("high", "security")
    return Cell(word + _MARKS.get(str(item.priority), ""), Style.BAD if urgent else Style.PLAIN)


def _later(entry: OpenItem) -> str:
    until = f" until {entry.due.date().isoformat()}" if entry.due is not None else ""
    what = f" for {entry.wait}" if entry.wait and str(entry.standing) == "waiting" else ""
    reason = f" ({entry.wait})" if entry.wait and str(entry.standing) == "deferred" else ""
    return f"{entry.standing}{what}{until}{reason}"
