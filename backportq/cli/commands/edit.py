"""`edit`: open a queue file in your editor, and check it."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.invocation import project
from backportq.cli.render.decided import tell_changed
from backportq.cli.terminal import output
from backportq.model.ids import short
from backportq.queue.codec.misspelt import misspelt_in
from backportq.services.queue_admin.edit import edit_queue


def run(
    target: Annotated[str, typer.Argument(metavar="[BRANCH|config|people]", help="which file")] = "config",
    closed: Annotated[bool, typer.Option("--closed", help="the closed items of the branch")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="go on with a text that was refused")] = False,
) -> None:
    """Open a file of the queue in your editor, check it, and store it.

    A text that is refused is kept, and what others changed meanwhile is merged.
    """
    opened = project()
    made = edit_queue(opened, target, closed=closed, resume=resume)
    if made.commit is None:
        output.say("nothing changed")
        return
    tell_changed(made.items)
    output.say(f"stored as {short(made.commit)}")
    for words in misspelt_in(opened.store.files(made.commit)):
        output.warn(words)
