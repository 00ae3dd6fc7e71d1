"""`release-notes`: what a branch took since its last release."""

from __future__ import annotations

from typing import Annotated

import typer

from backportq.cli.arguments import JsonOption
from backportq.cli.invocation import project
from backportq.cli.render.markdown import escaped
from backportq.cli.terminal import output
from backportq.model.ids import short
from backportq.model.words import counted
from backportq.services.reports.release_notes import ReleaseNote, ReleaseNotes, release_notes


def run(
    branch: Annotated[str, typer.Argument(metavar="BRANCH", help="a stable branch")],
    since: Annotated[
        str | None, typer.Option(metavar="REV", help="a tag or commit; by default the branch's last release")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="write markdown instead of plain text")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what a branch took since its last release.

    The last release is the nearest tag before the tip of the branch that is no release candidate; where the tip itself
    is tagged, that is the release the list is for. A branch without a release begins where it left upstream.

    Changes that name an advisory (XSA, CVE, GHSA) come first, the others follow by area. What was taken and reverted
    again is listed apart.
    """
    notes = release_notes(project(), branch, since)
    if as_json:
        output.emit_json(_document(notes))
    elif markdown:
        _print_markdown(notes)
    else:
        _print(notes)


def _document(notes: ReleaseNotes) -> dict[str, object]:
    return {
        "branch": notes.branch,
        "version": notes.version,
        "since": notes.since,
        "tip": notes.tip,
        "changes": [_change_document(change) for change in notes.changes],
        "undone": [_change_document(change) for change in notes.undone],
        "people": [{"name": name, "changes": count} for name, count in notes.people],
    }


def _change_document(change: ReleaseNote) -> dict[str, object]:
    return {
        "commit": change.commit,
        "upstream": change.upstream,
        "subject": change.subject,
        "author": change.author,
        "area": change.area,
        "security": list(change.security),
        "fix": change.is_fix,
    }


def _print(notes: ReleaseNotes) -> None:
    output.heading(_title(notes))
    output.say(_summary(notes))
    if notes.security:
        output.blank()
        output.heading("security")
        for change in notes.security:
            output.say(f"  {short(change.commit)} {change.subject} ({', '.join(change.security)})")
    for area, changes in notes.areas:
        output.blank()
        output.heading(area)
        for change in changes:
            output.say(f"  {short(change.commit)} {_without_area(change)}")
    if notes.undone:
        output.blank()
        output.heading("taken and reverted again")
        for change in notes.undone:
            output.say(f"  {short(change.commit)} {change.subject}")
    output.blank()
    output.heading("people")
    for name, count in notes.people:
        output.say(f"  {count:>4} {name}")


def _print_markdown(notes: ReleaseNotes) -> None:
    output.say(f"# {escaped(_title(notes))}")
    output.blank()
    output.say(escaped(_summary(notes)))
    groups = [("Security", notes.security), *notes.areas, ("Taken and reverted again", notes.undone)]
    for title, changes in groups:
        if changes:
            output.blank()
            output.say(f"## {escaped(title)}")
            output.blank()
        for change in changes:
            ids = f" (**{', '.join(change.security)}**)" if change.security else ""
            output.say(f"- {escaped(change.subject)}{ids}, `{short(change.commit)}`")
    output.blank()
    output.say("## People")
    output.blank()
    for name, count in notes.people:
        output.say(f"- {escaped(name)}: {count}")


def _title(notes: ReleaseNotes) -> str:
    return f"{notes.branch}: changes since {notes.since}"


def _summary(notes: ReleaseNotes) -> str:
    total, people = len(notes.changes), len(notes.people)
    security = f", {len(notes.security)} of them for security" if notes.security else ""
    return f"{counted(total, 'change')} by {counted(people, 'person', 'people')}{security}"


def _without_area(change: ReleaseNote) -> str:
    prefix = f"{change.area}: "
    return change.subject.removeprefix(prefix)
