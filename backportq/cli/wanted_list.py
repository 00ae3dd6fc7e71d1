"""`tag --from FILE`: a list from elsewhere, shown as it was understood, confirmed, nominated.

Apart from the verb because it shows and asks before anything is decided. This module must not match anything.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from backportq.cli.render.decided import nominated, tell
from backportq.cli.terminal import output
from backportq.cli.terminal.table import Style
from backportq.errors import UsageError
from backportq.model.ids import short
from backportq.model.items.wanted_list import WantedList, read_wanted
from backportq.model.words import counted
from backportq.services.decisions.wanted_list import EntryMatch, branch_words, match_wanted, nominate_wanted
from backportq.services.project import Project

_STANDARD_INPUT = "-"
_MOST_BYTES = 16 << 20
_SHOWN_SKIPPED = 10


def tag_from_list(
    opened: Project,
    name: str,
    branches: Sequence[str],
    label: str | None,
    *,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Show what the list in the file `name` asks for, and nominate it once that is confirmed."""
    content = _read(name)
    state = opened.store.snapshot().state
    try:
        wanted = read_wanted(content, branch_words(state), label)
    except UsageError as error:
        raise UsageError(f"{_shown(name)}: {error.message}", hints=error.hints) from error
    matches = match_wanted(opened, wanted, branches)
    asked = [match for match in matches if match.branches]
    if not as_json:
        _show(name, wanted, matches)
    is_terminal = sys.stdin is not None and sys.stdin.isatty() and name != _STANDARD_INPUT
    if asked and not dry_run and not yes:
        if not is_terminal or as_json:
            raise UsageError(
                "nothing was nominated: there is no terminal to ask on whether the list was understood",
                hints=("--yes nominates what is shown", "--dry-run only shows it"),
            )
        output.flush()
        if not typer.confirm("Nominate these?", default=False):
            output.note("nothing was nominated")
            return
    source = Path(name).name if name != _STANDARD_INPUT else "a list"
    result = nominate_wanted(opened, asked, source) if asked and not dry_run else None
    if as_json:
        output.emit_json(_document(wanted, matches, dry_run=dry_run))
    elif result is not None:
        tell(result, nominated, as_json=False, dry_run=False, is_bulk=True)
    elif asked:
        output.note("nothing was written (--dry-run)")


def _shown(name: str) -> str:
    return "standard input" if name == _STANDARD_INPUT else name


def _read(name: str) -> bytes:
    try:
        if name == _STANDARD_INPUT:
            content = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"'{name}' cannot be read: {why}") from error
    if len(content) > _MOST_BYTES:
        raise UsageError(f"'{name}' is larger than {_MOST_BYTES >> 20} MiB", hints=("split the list",))
    return content


def _show(name: str, wanted: WantedList, matches: Sequence[EntryMatch]) -> None:
    asked = [match for match in matches if match.branches]
    output.heading(f"{name}: {wanted.format}, {counted(len(matches), 'row')}, {len(asked)} to nominate")
    for match in asked:
        output.say(f"  {' '.join(map(short, match.commits))} {match.subject} (found by {match.how})")
        output.say(f"    {', '.join(match.branches)}")
        for why in match.left_out:
            output.say(f"    not {why}")
    others = [match for match in matches if not match.branches]
    if others:
        output.blank()
        output.heading(f"left out: {len(others)}")
    for match in others[:_SHOWN_SKIPPED]:
        why = match.problem or "; ".join(match.left_out) or "no branch is left"
        named = match.subject or match.entry.title or ", ".join(match.entry.ids)
        output.say(f"  {match.entry.place}: {why}" + (f" ({named})" if named else ""), Style.WAITING)
    if len(others) > _SHOWN_SKIPPED:
        output.say(f"  and {len(others) - _SHOWN_SKIPPED} more; --json has all")
    output.blank()


def _document(wanted: WantedList, matches: Sequence[EntryMatch], *, dry_run: bool) -> dict[str, object]:
    return {
        "format": str(wanted.format),
        "entries": [
            {
                "place": match.entry.place,
                "commits": list(match.commits),
                "subject": match.subject or match.entry.title,
                "found_by": match.how or None,
                "branches": list(match.branches),
                "left_out": list(match.left_out),
                "problem": match.problem,
            }
            for match in matches
        ],
        "dry_run": dry_run,
    }
