"""`undo`: take back the last change of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from backportq.cli.arguments import JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.decided import tell_changed, told
from backportq.cli.terminal import output
from backportq.model.ids import short
from backportq.model.words import typed
from backportq.services.queue_admin.audit import LeftOver, SentLetter, undo


def _tell_letters(letters: Sequence[SentLetter]) -> None:
    if letters:
        who = ", ".join(f"{letter.who} ({letter.kind}, {letter.at:%Y-%m-%d})" for letter in letters[:5])
        more = f" and {len(letters) - 5} more" if len(letters) > 5 else ""
        output.note(f"letters about this went out, and stay known: to {who}{more}")


def _tell_left(left: LeftOver) -> None:
    topic = typed(left.topic)
    if left.is_missing:
        output.note(f"branch '{left.topic}' does not exist (any more), so the next scan has that to do again")
    elif left.is_waiting:
        output.note(f"the pick to '{left.topic}' still waits for its conflict to be resolved")
        output.next_step(f"backportq pick --abort {topic}", "gives it up; --continue records it again")
    else:
        output.note(f"branch '{left.topic}' stays as it is")
        output.next_step(f"git branch -D {topic}", "throws the picks away")


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
                "letters": [
                    {"who": letter.who, "kind": letter.kind, "at": letter.at.isoformat()} for letter in undone.letters
                ],
                "left": [
                    {"topic": left.topic, "waiting": left.is_waiting, "missing": left.is_missing}
                    for left in undone.left
                ],
            }
        )
        return
    who = entry.who.name or entry.who.mail
    which = f"{short(entry.commit)} by {who}, {entry.at:%Y-%m-%d %H:%M}"
    if made.commit is None and undone.letters:
        _tell_letters(undone.letters)
        output.say("there is nothing to take back: what is known of letters is kept")
        output.next_step("backportq log", "shows the changes before, for 'backportq undo CHANGE'")
        return
    if made.commit is None:
        output.say(f"nothing to change: {which}, was taken back before")
        return
    output.say(f"took back {which}: {told(entry)}")
    tell_changed(made.items)
    _tell_letters(undone.letters)
    for left in undone.left:
        _tell_left(left)
    if not made.items:
        output.say("the files are as they were before")
