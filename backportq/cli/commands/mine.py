"""`mine`: what you have to do, on all branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

import typer

from backportq.cli.arguments import BranchOption, JsonOption, branches_among
from backportq.cli.invocation import project
from backportq.cli.render.json_documents import item_document
from backportq.cli.render.work import stage_words, topic_lines
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.errors import UsageError
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.tasks import is_overdue
from backportq.model.trials.verdict import Prospect
from backportq.model.words import short_names
from backportq.services.items.my_tasks import Tasks, tasks_of
from backportq.services.items.open_items import OpenItem, open_items
from backportq.services.items.tried_items import TriedItem, published_verdicts, try_items

_FEWEST = 3
_BESIDE = 7  # lines of the first screen that are no rows: title, header, how many more, what to type, the prompt


def run(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PERSON|BRANCH]...", help="somebody else: a key, name or mail; stable branches as with --branch"
        ),
    ] = None,
    branch: BranchOption = None,
    everything: Annotated[bool, typer.Option("--all", help="all rows, also where they are more than a screen")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what you have to do, on all branches, most urgent first, and of equal urgency the likeliest to be taken.

    What is picked already stands apart: by whom, to which branch, and whether it waits to be pushed or for review. What
    others let lie past its date on a branch that you maintain is listed below. On a terminal the first screen of it is
    shown; --all shows every row.
    """
    opened = project()
    people, branches = branches_among(words or (), branch)
    if len(people) > 1:
        raise UsageError(f"one person at a time, found '{people[0]}' and '{people[1]}'", hints=("backportq status",))
    tasks = tasks_of(opened, people[0] if people else None, branches=branches)
    if as_json:
        output.emit_json(
            {
                "person": tasks.person.key,
                "items": [_document(entry, tasks) for entry in tasks.items],
                "picked": [_document(entry, tasks) for entry in tasks.picked],
                "escalated": [_document(entry, tasks) for entry in tasks.escalated],
            }
        )
        return
    if not tasks.items:
        output.say(f"{tasks.person.name} has nothing to do")
        output.next_step("backportq pending --unassigned", "what nobody has yet")
        if not tasks.picked and not tasks.escalated:
            return
        output.blank()
    concerned = {entry.branch for entry in (*tasks.items, *tasks.escalated)}
    of_item: dict[tuple[BranchName, Oid], TriedItem] = {}
    if concerned:
        opened_items = open_items(opened, branches=sorted(concerned))
        published = published_verdicts(opened.store)
        tried = try_items(opened.repository, opened_items.items, opened_items.elsewhere, published=published)
        of_item = {(item.entry.branch, item.entry.item.commit): item for item in tried}
    names = short_names(configured.name for configured in tasks.branches)
    room, fewest = _room(tasks) if output.is_terminal() and not everything else (None, None)
    if room is not None:
        output.unpaged()
    if tasks.items:
        _print(f"{tasks.person.name}: {len(tasks.items)} to do", tasks.items[:room], of_item, names, tasks.today)
        _print_more(len(tasks.items), room)
    if tasks.picked:
        _print_picked(tasks.picked, names, fewest, tasks.today)
    if tasks.escalated:
        title = "left lying by others on branches you maintain"
        _print(title, tasks.escalated[:fewest], of_item, names, tasks.today)
        _print_more(len(tasks.escalated), fewest)
    if tasks.items:
        output.next_step("backportq take COMMIT", "says that you are on it")
        output.next_step("backportq hand-back COMMIT -m REASON", "says that you can't")


def _room(tasks: Tasks) -> tuple[int, int]:
    """Return how many rows of what is to do fit on a screen, and how many of what stands below it."""
    below = sum(3 + min(len(others), _FEWEST) for others in (tasks.picked, tasks.escalated) if others)
    return max(output.terminal_height() - _BESIDE - below, _FEWEST), _FEWEST


def _print_more(count: int, room: int | None) -> None:
    if room is not None and count > room:
        output.say(f"{count - room} more: --all lists them")
    output.blank()


def _print(
    title: str,
    entries: Sequence[OpenItem],
    tried: Mapping[tuple[BranchName, Oid], TriedItem],
    names: Mapping[BranchName, str],
    today: date,
) -> None:
    output.heading(title)
    output.table(
        (
            Column("commit", style=Style.ID),
            Column("branch"),
            Column("verdict"),
            Column("task"),
            Column("subject", flexible=True),
        ),
        [
            (
                short(entry.item.commit),
                names.get(entry.branch, entry.branch),
                _words(tried.get((entry.branch, entry.item.commit))),
                Cell(stage_words(entry, today), Style.BAD if is_overdue(entry.item, today) else Style.PLAIN),
                entry.item.subject,
            )
            for entry in entries
        ],
    )


def _print_picked(entries: Sequence[OpenItem], names: Mapping[BranchName, str], room: int | None, today: date) -> None:
    output.heading(f"picked: {len(entries)}, nothing left to do but to push them or to wait")
    columns = (
        Column("commit", style=Style.ID),
        Column("branch"),
        Column("task"),
        Column("topic branch"),
        Column("subject", flexible=True),
    )
    rows = [
        (
            short(entry.item.commit),
            names.get(entry.branch, entry.branch),
            stage_words(entry, today),
            Cell(entry.item.topic or "", Style.WAITING if entry.is_rewound else Style.PLAIN),
            entry.item.subject,
        )
        for entry in entries[:room]
    ]
    output.table(columns, rows)
    for entry in entries:
        for line in topic_lines(entry):
            output.say(f"  {line}", Style.WAITING)
    _print_more(len(entries), room)


def _words(tried: TriedItem | None) -> str:
    return str(Prospect.UNTRIED) if tried is None else tried.words


def _document(entry: OpenItem, tasks: Tasks) -> dict[str, object]:
    work = None if entry.stage is None else str(entry.stage)
    likely = tasks.likely[entry.branch, entry.item.commit]
    return {**item_document(entry.item, entry.branch), "work": work, "likely": likely}
