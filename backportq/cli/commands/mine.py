"""`mine`: what you have to do, on all branches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

import typer

from backportq.cli.arguments import JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.json_documents import item_document
from backportq.cli.render.work import stage_words, topic_lines
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.model.ids import BranchName, Oid
from backportq.model.items.tasks import is_overdue
from backportq.services.items.my_tasks import tasks_of
from backportq.services.items.open_items import OpenItem, open_items
from backportq.services.items.tried_items import TriedItem, published_verdicts, try_items


def run(
    who: Annotated[str | None, typer.Argument(metavar="[PERSON]", help="somebody else: a key, name or mail")] = None,
    as_json: JsonOption = False,
) -> None:
    """List what you have to do, on all branches, most urgent first.

    What is picked already stands apart: by whom, to which branch, and whether it waits to be pushed or for review. What
    others let lie past its date on a branch that you maintain is listed below.
    """
    opened = project()
    tasks = tasks_of(opened, who)
    if as_json:
        output.emit_json(
            {
                "person": tasks.person.key,
                "items": [_document(entry) for entry in tasks.items],
                "picked": [_document(entry) for entry in tasks.picked],
                "escalated": [_document(entry) for entry in tasks.escalated],
            }
        )
        return
    if not tasks.items:
        output.say(f"{tasks.person.name} has nothing to do")
        output.next_step("backportq pending --unassigned", "what nobody has yet")
        if not tasks.picked and not tasks.escalated:
            return
        output.blank()
    branches = {entry.branch for entry in (*tasks.items, *tasks.escalated)}
    of_item: dict[tuple[BranchName, Oid], TriedItem] = {}
    if branches:
        opened_items = open_items(opened, branches=sorted(branches))
        published = published_verdicts(opened.store)
        tried = try_items(opened.repository, opened_items.items, opened_items.elsewhere, published=published)
        of_item = {(item.entry.branch, item.entry.item.commit): item for item in tried}
    if tasks.items:
        _print(f"{tasks.person.name}: {len(tasks.items)} to do", tasks.items, of_item, tasks.today)
    if tasks.picked:
        _print_picked(tasks.picked, tasks.today)
    if tasks.escalated:
        _print("left lying by others on branches you maintain", tasks.escalated, of_item, tasks.today)
    if tasks.items:
        output.next_step("backportq take COMMIT", "says that you are on it")
        output.next_step("backportq hand-back COMMIT -m REASON", "says that you can't")


def _print(
    title: str, entries: Sequence[OpenItem], tried: Mapping[tuple[BranchName, Oid], TriedItem], today: date
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
                entry.item.commit[:12],
                entry.branch,
                _verdict(tried.get((entry.branch, entry.item.commit))),
                Cell(stage_words(entry, today), Style.BAD if is_overdue(entry.item, today) else Style.PLAIN),
                entry.item.subject,
            )
            for entry in entries
        ],
    )
    output.blank()


def _print_picked(entries: Sequence[OpenItem], today: date) -> None:
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
            entry.item.commit[:12],
            entry.branch,
            stage_words(entry, today),
            Cell(entry.item.topic or "", Style.WAITING if entry.is_rewound else Style.PLAIN),
            entry.item.subject,
        )
        for entry in entries
    ]
    output.table(columns, rows)
    for entry in entries:
        for line in topic_lines(entry):
            output.say(f"  {line}", Style.WAITING)
    output.blank()


def _verdict(tried: TriedItem | None) -> str:
    if tried is None or tried.verdict is None:
        return "untried"
    if tried.verdict == "clean":
        return "applies"
    if tried.blocked_by:
        return f"after {len(tried.blocked_by)}"
    if tried.alternative is not None:
        return "other pick"
    return "conflicts" if tried.verdict == "conflict" else str(tried.verdict)


def _document(entry: OpenItem) -> dict[str, object]:
    work = None if entry.stage is None else str(entry.stage)
    return {**item_document(entry.item, entry.branch), "work": work}
