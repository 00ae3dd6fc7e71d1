"""`undo`: take back the last change of the queue."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell_changed, told
from backportq.cli.terminal import output
from backportq.model.ids import short
from backportq.services.queue_admin.audit import undo


def run(
    change: Annotated[
        str | None,
        typer.Argument(metavar="[CHANGE]", help="the change, as log shows it; the last one if none is given"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Take back a change of the queue by a new one.

    What others did since stays; where they decided the same thing it is refused. Undoing an undo does it again.
    """
    undone = undo(project(), change)
    made, entry = undone.change, undone.entry
    if as_json:
        output.emit_json(
            {
                "queue": made.commit,
                "changes": [
                    {
                        "commit": item.commit,
                        "branch": item.branch,
                        "change": str(item.kind),
                        "fields": list(item.fields),
                    }
                    for item in made.items
                ],
            }
        )
        return
    who = entry.who.name or entry.who.mail
    which = f"{short(entry.commit)} by {who}, {entry.at:%Y-%m-%d %H:%M}"
    if made.commit is None:
        output.say(f"nothing to change: {which}, was taken back before")
        return
    output.say(f"took back {which}: {told(entry)}")
    tell_changed(made.items)
    if not made.items:
        output.say("the files are as they were before")
