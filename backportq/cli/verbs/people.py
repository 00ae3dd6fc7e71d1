"""`people`: list and edit the people who get tasks."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from backportq.cli import output
from backportq.cli.invocation import project
from backportq.cli.options import DryRunOption, JsonOption
from backportq.cli.table import Column


def run(
    action: Annotated[
        Literal["list", "add", "remove", "import"], typer.Argument(help="what to do; list if nothing is said")
    ] = "list",
    person: Annotated[
        str | None, typer.Argument(metavar="[PERSON]", help="'Name <mail>' to add, anything else")
    ] = None,
    key: Annotated[str | None, typer.Option("--key", metavar="KEY", help="add: the key; else made of the mail")] = None,
    mail: Annotated[list[str] | None, typer.Option("--mail", metavar="MAIL", help="add: a further address")] = None,
    area: Annotated[list[str] | None, typer.Option("--area", metavar="PATH", help="add: paths they know")] = None,
    branch: Annotated[list[str] | None, typer.Option("--branch", "-b", metavar="BRANCH", help="add: branches")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="import: commits from this day on")
    ] = None,
    least: Annotated[int, typer.Option("--least", min=1, help="import: who has at least so many commits")] = 10,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """List the people who get tasks; add one, remove one, or import those of the history."""
    from backportq.errors import UsageError
    from backportq.services import people_list

    opened = project()
    if action in {"add", "remove"} and person is None:
        raise UsageError(f"whom to {action} is missing", hints=(f"backportq people {action} 'Name <mail>'",))
    if action == "add" and person is not None:
        added = people_list.add_person(
            opened, person, key=key, mails=mail or (), areas=area or (), branches=branch or ()
        )
        if not as_json:
            output.say(f"{added.key}: {added.name} <{', '.join(added.mails)}>")
            return
    elif action == "remove" and person is not None:
        removed, count = people_list.remove_person(opened, person)
        if not as_json:
            held = f", {count} open {'item is' if count == 1 else 'items are'} nobody's now" if count else ""
            output.say(f"{removed.key}: removed{held}")
            return
    elif action == "import":
        from backportq.cli.days import parse_day

        day = parse_day(since, opened.clock().date()) if since is not None else None
        found = people_list.import_people(opened, since=day, least=least, dry_run=dry_run)
        if not as_json:
            for one in found:
                output.say(f"{one.key}: {one.name} <{', '.join(one.mails)}>")
            output.note(f"{len(found)} people {'would be ' if dry_run else ''}added")
            return
    _list(as_json=as_json)


def _list(*, as_json: bool) -> None:
    from backportq.services.people_list import list_people

    listed = list_people(project())
    if as_json:
        output.emit_json(
            {
                "people": [
                    {
                        "key": one.person.key,
                        "name": one.person.name,
                        "mails": list(one.person.mails),
                        "areas": list(one.person.areas),
                        "branches": list(one.person.branches),
                        "capacity": one.person.capacity,
                        "away_until": one.person.away_until.isoformat() if one.person.away_until is not None else None,
                        "open": dict(one.open_items),
                    }
                    for one in listed
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
                one.person.key,
                str(sum(one.open_items.values())),
                one.person.name or "(not listed)",
                ", ".join(one.person.mails),
            )
            for one in listed
        ],
    )
