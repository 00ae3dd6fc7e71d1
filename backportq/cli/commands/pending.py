"""`pending`: what is open on each branch, and whether it applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Annotated

import typer

from backportq.cli.arguments import BranchesArgument, JsonOption, QueryOption, assignee_keys, parse_day, parse_words
from backportq.cli.invocation import project
from backportq.cli.render.json_documents import item_document, trial_document
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.model.items.item import Priority
from backportq.model.items.nomination_words import first_reason
from backportq.model.items.queue import BranchQueue
from backportq.model.items.task_words import blocker_words, lacking_words, vote_words
from backportq.model.items.votes import VoteTally, tally, wanted_approvals
from backportq.model.trials.verdict import Trial, Verdict
from backportq.model.words import typed
from backportq.services.items.open_items import LATER, EffectiveState, Filter, OpenItem, OpenItems, open_items
from backportq.services.items.query import filter_entries, query_of
from backportq.services.items.tried_items import TriedItem, published_verdicts, try_items
from backportq.services.project import Project
from backportq.services.queue_admin.sync import unsynced_note
from backportq.services.suggest.likelihood import read_outlook
from backportq.services.suggest.order import JudgedItem, Order, in_order

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
    by: Annotated[
        str | None, typer.Option("--by", metavar="WORD", help="in order of likely (the default), branch, age or author")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="also what was passed over so often that it is folded into one line")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="at most so many rows a branch")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="only what upstream got on this day or later")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the open items, the likeliest first, and whether they apply.

    "applies" means that git finds no textual conflict, not that the result is correct; "after N" that it does once so
    many earlier items are picked. "likely" is the share of such items that this project took before, by why they are
    here and by how many later commits were taken on the branch since ("passed over"). What was passed over more often
    than nearly everything that this project ever took is folded into one line, unless somebody decided anything about
    it or a list is asked for with conditions. --by branch is the order to pick in. Deferred items and those that wait
    for a date come last. JSON has all items, in the order to pick in unless --by says otherwise.

    A query is a list of conditions that all hold. KEY:VALUE, with several values as KEY:A,B for any of them, where KEY
    is branch, state, assignee ('me' too), priority, verdict, via (how it was nominated), author, subject, commit or
    path; or a word alone: unassigned, overdue, staged, noted. '-' in front turns a condition around, and quotes keep
    what has spaces together. likely>0.5 compares how likely an item is to be taken.
    """
    order = parse_words(Order, [by] if by is not None else None, "--by")
    first_day = None if since is None else parse_day(since, project().clock().astimezone(UTC).date())
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
    published = published_verdicts(opened.store)
    tried = try_items(opened.repository, found.items, found.elsewhere, published=published)
    tried = [each for each in tried if wanted.admits(each.entry)]
    if overdue or query is not None:
        tried = _matching(opened, tried, f"{query or ''} {'overdue' if overdue else ''}")
    if verdicts:
        tried = [each for each in tried if each.verdict in verdicts]
    if first_day is not None:
        tried = [each for each in tried if each.entry.item.committed.astimezone(UTC).date() >= first_day]
    outlook = read_outlook(opened, found.state, found.history)
    if outlook.problem is not None:
        output.warn(outlook.problem, ("backportq suggest --learn",))
    now = opened.clock()
    judged = [JudgedItem(each, outlook.of(each.entry.item, each.entry.branch, now)) for each in tried]
    if as_json:
        ordered = in_order(judged, order[0]) if order else judged
        output.emit_json({"items": [_document(each) for each in ordered]})
    else:
        narrowed = len(tried) < len(found.items)
        shown = in_order(judged, order[0] if order else Order.LIKELY)
        _print(found, shown, View(everything or narrowed, limit, by_likelihood=not order or order[0] is Order.LIKELY))
    if found.moved:
        output.note(f"{', '.join(found.moved)} moved since the last scan; run 'backportq scan'")
    elif found.hidden:
        output.note(f"{found.hidden} items have landed or were reverted meanwhile; 'backportq scan' closes them")
    waiting = unsynced_note(opened, found.history.refs)
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


def _document(judged: JudgedItem) -> dict[str, object]:
    each, likelihood = judged.tried, judged.likelihood
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


@dataclass(frozen=True, slots=True)
class View:
    """How much of a list is shown: all of it, or at most `limit` rows a branch and nothing that is folded away; and
    whether the likely rows stand first, so that a line can be drawn below them."""

    is_whole: bool
    limit: int | None
    by_likelihood: bool

    def split(self, items: Sequence[JudgedItem]) -> tuple[Sequence[JudgedItem], int, int]:
        """Return the items to show, how many are folded away, and how many more are beyond the limit."""
        kept = [item for item in items if self.is_whole or not item.likelihood.is_folded]
        shown = kept if self.limit is None else kept[: self.limit]
        return shown, len(items) - len(kept), len(kept) - len(shown)


def _say_nothing(found: OpenItems) -> None:
    if not found.state.config.branches:
        output.warn("no stable branch is configured", ("backportq init --branch NAME adds one",))
    output.say("nothing is pending" if not found.items else "no open item is of that kind")


def _print(found: OpenItems, judged: Sequence[JudgedItem], view: View) -> None:
    tried = [each.tried for each in judged]
    for branch in found.branches:
        its = [each for each in judged if each.tried.entry.branch == branch.name]
        if its:
            _print_branch(found.state.queue_of(branch.name), its, found.state.config.policy, view)
    if not tried:
        _say_nothing(found)
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
        output.say("untried: git could not try it, or a merge beside the upstream line; show says why")
    if any(each.likelihood.passed_over for each in judged):
        output.say("passed: how many later commits were taken on the branch since; show says why it is likely or not")
    if any(each.entry.mainline is not None for each in tried):
        output.say("merges are tried and picked against their first parent")
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
        where = " ".join(f"-b {typed(name)}" for name in names)
        output.next_step(f"backportq {command} {where}", "what is needed, and not in the queue")


def _print_branch(queue: BranchQueue, its: Sequence[JudgedItem], policy: Mapping[str, object], view: View) -> None:
    due = [each for each in its if each.tried.entry.standing not in LATER]
    later = [each.tried.entry for each in its if each.tried.entry.standing in LATER]
    counts = _counts([each.tried for each in due])
    output.heading(f"{queue.branch}: {counts}" + (f", {len(later)} later" if later else ""))
    judged, folded, beyond = view.split(due)
    now = [each.tried for each in judged]
    has_people = any(each.entry.item.assignee is not None or _is_begun(each.entry) for each in now)
    rows = [_row(each) for each in judged]
    columns: tuple[Column, ...] = _COLUMNS
    # A column of nothing would take room from the subjects, which are long.
    empty = [] if has_people else ["who"]
    empty += [] if any(each.likelihood.passed_over for each in judged) else ["passed"]
    kept = [at for at, column in enumerate(columns) if column.title not in empty]
    columns = tuple(columns[at] for at in kept)
    rows = [[row[at] for at in kept] for row in rows]
    tallies = [tally(each.entry.item, policy) for each in now]
    remarks = [(*blocker_words(each.blockers), *lacking_words(each.entry.lacking, queue.closed)) for each in now]
    if wanted_approvals(policy):
        columns = (*columns[:-1], Column("votes"), columns[-1])
        rows = [[*row[:-1], _votes(each), row[-1]] for row, each in zip(rows, tallies, strict=True)]
    else:  # a vote is rare then, and a column of nothing takes room from the subjects
        remarks = [(*words, *vote_words(each)) for words, each in zip(remarks, tallies, strict=True)]
    line = _last_likely(judged) if view.by_likelihood else None
    if line is not None:
        remarks[line] = (*remarks[line], f"less likely from here on: {len(judged) - line - 1}")
    if rows:
        output.table(columns, rows, remarks=remarks)
    if beyond:
        output.say(f"{beyond} more beyond --limit")
    if folded:
        least = min(each.likelihood.passed_over for each in due if each.likelihood.is_folded)
        output.say(f"{folded} more, passed over {least} times or more: --all shows them")
    for entry in later:
        output.say(f"{entry.item.commit[:_SHOWN]}  {_later(entry)}: {entry.item.subject}")
    output.blank()


def _last_likely(judged: Sequence[JudgedItem]) -> int | None:
    """Return the row below which only less likely ones stand; None where all rows, or none, are likely."""
    from backportq.model.likelihood.outlook import LIKELY

    likely = sum(each.likelihood.likely >= LIKELY for each in judged)
    return likely - 1 if 0 < likely < len(judged) else None


_COLUMNS = (
    Column("commit", style=Style.ID),
    Column("verdict"),
    Column("likely"),
    Column("passed"),
    Column("why"),
    Column("who"),
    Column("subject", flexible=True, least=32),
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


def _row(judged: JudgedItem) -> list[Cell | str]:
    each, likelihood = judged.tried, judged.likelihood
    item = each.entry.item
    who = item.assignee or "-"
    return [
        item.commit[:_SHOWN],
        _verdict(each),
        f"{likelihood.likely:.0%}",
        f"{likelihood.passed_over or '-'}",
        _why(each.entry),
        f"{who}*" if _is_begun(each.entry) else who,
        item.subject,
    ]


def _is_begun(entry: OpenItem) -> bool:
    return str(entry.standing) == "in-progress"


def _votes(votes: VoteTally) -> Cell:
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
    urgent = item.priority in ("high", "security")
    return Cell(first_reason(item) + _MARKS.get(str(item.priority), ""), Style.BAD if urgent else Style.PLAIN)


def _later(entry: OpenItem) -> str:
    until = f" until {entry.due.date().isoformat()}" if entry.due is not None else ""
    what = f" for {entry.wait}" if entry.wait and str(entry.standing) == "waiting" else ""
    reason = f" ({entry.wait})" if entry.wait and str(entry.standing) == "deferred" else ""
    return f"{entry.standing}{what}{until}{reason}"
