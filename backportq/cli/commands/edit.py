"""`edit`: open a queue file in your editor, and check it."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.invocation import project
from backportq.cli.render.decided import tell_changed
from backportq.cli.terminal import output
from backportq.errors import UsageError
from backportq.model.ids import short
from backportq.model.words import typed
from backportq.queue.codec.misspelt import misspelt_in
from backportq.services.queue_admin.edit import edit_queue


def run(
    target: Annotated[str | None, typer.Argument(metavar="[BRANCH|config|people]", help="which file")] = None,
    branch: Annotated[
        str | None, typer.Option("--branch", "-b", metavar="BRANCH", help="the items of this stable branch")
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="the closed items of the branch")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="go on with a text that was refused")] = False,
) -> None:
    """Open a file of the queue in your editor, check it, and store it.

    A text that is refused is kept, and what others changed meanwhile is merged.
    """
    if target is not None and branch is not None:
        raise UsageError(
            f"one file at a time, found '{target}' and '{branch}'", hints=(f"backportq edit {typed(branch)}",)
        )
    target = target or branch or "config"
    opened = project()
    made = edit_queue(opened, target, closed=closed, resume=resume)
    if made.commit is None:
        output.say("nothing changed")
        return
    tell_changed(made.items)
    output.say(f"stored as {short(made.commit)}")
    for words in misspelt_in(opened.store.files(made.commit)):
        output.warn(words)
