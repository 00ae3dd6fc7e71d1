"""`people`: list and edit the people who get tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

import typer

from backportq.cli.arguments import DryRunOption, JsonOption, parse_day
from backportq.cli.invocation import project
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Column
from backportq.errors import UsageError
from backportq.model.people.people import Person
from backportq.model.words import counted
from backportq.services.people import people_list
from backportq.services.people.import_files import import_from_files
from backportq.services.people.people_list import import_people, list_people
from backportq.services.project import Project


class ImportSource(StrEnum):
    """Where people are found."""

    HISTORY = "history"
    MAINTAINERS = "maintainers"
    CODEOWNERS = "codeowners"


def run(
    action: Annotated[
        Literal["list", "add", "remove", "import"], typer.Argument(help="what to do; list by default")
    ] = "list",
    person: Annotated[
        str | None, typer.Argument(metavar="[PERSON]", help="add: 'Name <mail>'; remove: a key, name or mail")
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", metavar="KEY", help="add: the key; made from the mail by default")
    ] = None,
    mail: Annotated[list[str] | None, typer.Option("--mail", metavar="MAIL", help="add: a further address")] = None,
    area: Annotated[list[str] | None, typer.Option("--area", metavar="PATH", help="add: paths that they know")] = None,
    branch: Annotated[
        list[str] | None, typer.Option("--branch", "-b", metavar="BRANCH", help="add: a branch that they look after")
    ] = None,
    capacity: Annotated[
        int | None, typer.Option("--capacity", min=0, help="add: how many open items they take at a time")
    ] = None,
    away_until: Annotated[
        str | None, typer.Option("--away-until", metavar="DATE", help="add: the day on which they are back")
    ] = None,
    no_mail: Annotated[
        bool | None, typer.Option("--no-mail/--wants-mail", help="add: gets no mail from this program")
    ] = None,
    no_tasks: Annotated[
        bool | None, typer.Option("--no-tasks/--takes-tasks", help="add: is never proposed for a task")
    ] = None,
    sources: Annotated[
        list[ImportSource] | None,
        typer.Option("--from", help="import: only from this source; from all three by default"),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="import: count commits from this day on")
    ] = None,
    least: Annotated[
        int, typer.Option("--least", min=1, help="import: only people with at least so many commits")
    ] = 10,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """List the people who get tasks; add one, remove one, or import those of the history and of the project's files.

    'import' takes three sources: everybody with at least --least commits since a day; and the people named in
    MAINTAINERS and in CODEOWNERS, of upstream and of each stable branch. 'add' also changes somebody who is listed.
    """
    opened = project()
    if action in {"add", "remove"} and person is None:
        raise UsageError(f"no person to {action}", hints=(f"backportq people {action} 'Name <mail>'",))
    if action == "add" and person is not None:
        added = people_list.add_person(
            opened,
            person,
            key=key,
            mails=mail or (),
            areas=area or (),
            branches=branch or (),
            terms=people_list.Terms(
                capacity, parse_day(away_until, opened.clock().date()) if away_until else None, no_mail, no_tasks
            ),
        )
        if not as_json:
            output.say(f"{added.key}: {added.name} <{', '.join(added.mails)}>")
            return
    elif action == "remove" and person is not None:
        removed, count = people_list.remove_person(opened, person)
        if not as_json:
            held = f", {counted(count, 'open item is', 'open items are')} unassigned now" if count else ""
            output.say(f"{removed.key}: removed{held}")
            return
    elif action == "import":
        day = parse_day(since, opened.clock().date()) if since is not None else None
        _import(opened, tuple(sources or ImportSource), day, least, dry_run=dry_run, as_json=as_json)
        if not as_json:
            return
    # With --json every action answers with the list as it is then.
    _list(as_json=as_json)


def _import(
    opened: Project, sources: Sequence[ImportSource], since: date | None, least: int, *, dry_run: bool, as_json: bool
) -> None:
    """Import people, and say on standard error what was not understood."""

    added: list[Person] = []
    robots: tuple[str, ...] = ()
    if ImportSource.HISTORY in sources:
        imported = import_people(opened, since=since, least=least, dry_run=dry_run)
        added += imported.added
        robots = imported.robots
    if ImportSource.MAINTAINERS in sources or ImportSource.CODEOWNERS in sources:
        by_file = import_from_files(
            opened,
            maintainers=ImportSource.MAINTAINERS in sources,
            codeowners=ImportSource.CODEOWNERS in sources,
            dry_run=dry_run,
        )
        # After a dry run the people of the history are not in the queue yet: do not list them twice.
        known = {mail for person in added for mail in person.mails}
        added += [person for person in by_file.added if not known.intersection(person.mails)]
        for problem in by_file.problems:
            output.warn(problem)
        for person in by_file.changed:
            output.note(f"{person.key} maintains {', '.join(person.branches)}")
    for person in added if not as_json else ():
        mails = f" <{', '.join(person.mails)}>" if person.mails else ""
        output.say(f"{person.key}: {person.name}{mails}")
    if robots:
        output.note(f"left out as robots, which take no tasks: {', '.join(robots)}")
    output.note(f"{counted(len(added), 'person', 'people')} {'would be ' if dry_run else ''}added")


def _list(*, as_json: bool) -> None:
    listed = list_people(project())
    if as_json:
        output.emit_json(
            {
                "people": [
                    {
                        "key": entry.person.key,
                        "name": entry.person.name,
                        "mails": list(entry.person.mails),
                        "areas": list(entry.person.areas),
                        "branches": list(entry.person.branches),
                        "capacity": entry.person.capacity,
                        "away_until": entry.person.away_until.isoformat()
                        if entry.person.away_until is not None
                        else None,
                        "open": dict(entry.open_items),
                    }
                    for entry in listed
                ]
            }
        )
        return
    if not listed:
        output.say("nobody is listed")
        output.next_step("backportq people import", "those of the history")
        output.next_step("backportq people add 'Name <mail>'")
        return
    output.table(
        (Column("key"), Column("open", right=True), Column("name"), Column("mails", flexible=True)),
        [
            (
                entry.person.key,
                str(sum(entry.open_items.values())),
                entry.person.name or "(not listed)",
                ", ".join(entry.person.mails),
            )
            for entry in listed
        ],
    )
