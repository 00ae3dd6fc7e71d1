"""What commands take, spelled and explained the same everywhere: shared options, days, words of a fixed set, people.

- `JsonOption`, `BranchOption` … are the types of a verb's parameters.
- `parse_day`, `parse_words`, `assignee_keys` turn what was typed into values, or say what was wanted.

Nothing is filtered or decided here; services do that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from backportq.errors import UsageError

if TYPE_CHECKING:
    from backportq.model.people.people import People
    from backportq.services.picks.publish import PublishRequest
    from backportq.services.project import Project

JsonOption = Annotated[bool, typer.Option("--json", help="print one JSON document instead of text")]
BranchOption = Annotated[
    list[str] | None,
    typer.Option("--branch", "-b", metavar="BRANCH", help="only this stable branch; may be given several times"),
]
BranchesArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[BRANCH]...", help="stable branches; all of them when none is named")
]
ItemsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[COMMIT|BRANCH]...",
        help="commits: ids, abbreviations, refs, or ranges such as A..B; stable branches as with --branch",
    ),
]
CommitArgument = Annotated[str, typer.Argument(metavar="COMMIT", help="a commit: id, abbreviation, or ref")]
QueryOption = Annotated[
    str | None,
    typer.Option(
        "--query",
        "-q",
        metavar="QUERY",
        help="items such as 'branch:B unassigned -verdict:conflict'; 'pending --help' has all words",
    ),
]
FetchMissingOption = Annotated[
    bool,
    typer.Option("--fetch", help="in a partial clone: fetch the contents that are missing, as git's own commands do"),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", "-n", help="say what would be done, and write nothing")]
PushOption = Annotated[
    str | None,
    typer.Option(
        "--push",
        metavar="[REMOTE]",
        help="push the topic branch for review, as [publish] of the configuration says; to its remote, or this one",
    ),
]
PushOptionsOption = Annotated[
    list[str] | None, typer.Option("--push-option", "-o", metavar="OPTION", help="tell the server this as well")
]
PushAsOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="the branch or full ref there, such as refs/for/B; the only way to push to a stable branch",
    ),
]
FormatPatchOption = Annotated[
    str | None, typer.Option("--format-patch", metavar="DIR", help="write the picks there, for 'git send-email'")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="with --query: do not ask whether these are meant")]
ReasonOption = Annotated[str, typer.Option("--reason", "--note", "-m", metavar="TEXT", help="the reason; it is kept")]

_DELAY = re.compile(r"\+?(\d{1,4}) *(d|days?|w|weeks?|months?)\Z", re.IGNORECASE)
# A month is 30 days here: a delay is rough, and needs no calendar.
_UNITS = {"s": 1, "m": 60, "h": 3600}
_DAYS = {"d": 1, "w": 7, "m": 30}

Word = TypeVar("Word", bound=StrEnum)


def parse_seconds(text: str | None) -> float | None:
    """Return the seconds of `--timeout`, such as `90s`, `20m` or `2h`; raise `UsageError` for anything else."""
    if text is None:
        return None
    number, unit = (text[:-1], text[-1:]) if text[-1:] in _UNITS else (text, "s")
    if not number.isdecimal() or int(number) == 0:
        raise UsageError(f"--timeout is '{text}', wanted a time such as 90s, 20m or 2h")
    return float(int(number) * _UNITS[unit])


def publish_request(
    push: str | None, push_options: Sequence[str] | None, push_as: str | None, format_patch: str | None
) -> PublishRequest:
    """Return where picks are handed in, of the options that say so."""
    from backportq.cli.invocation import current
    from backportq.services.picks.publish import PublishRequest

    directory = None if format_patch is None else current().directory / format_patch
    return PublishRequest(push, push_as, tuple(push_options or ()), directory)


def parse_day(text: str, today: date, *, past: bool = False) -> date:
    """Return the day of `2026-07-01`, or of a delay from `today` such as `2w`, before it if it is in the `past`; raise
    `UsageError` for anything else."""
    match = _DELAY.match(text.strip())
    if match is not None:
        delay = timedelta(days=int(match[1]) * _DAYS[match[2][0].lower()])
        return today - delay if past else today + delay
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            f"'{text}' is not a day", hints=("write a date such as 2026-07-01, or a delay such as 2w or 10d",)
        ) from error


def parse_words(kind: type[Word], words: Sequence[str] | None, option: str) -> tuple[Word, ...]:
    """Return the values of an option as members of `kind`; raise `UsageError` for a word that is none."""
    known = [str(word) for word in kind]
    for word in words or ():
        if word not in known:
            raise UsageError(f"{option} is '{word}', wanted one of {', '.join(known)}")
    return tuple(kind(word) for word in words or ())


def branches_among(words: Sequence[str], branches: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """Return the words that name no stable branch of the queue, and the branches: those of `--branch`, and those that
    stand among the words. Where there is no queue, no word is one."""
    from backportq.cli.invocation import project
    from backportq.services.branches import is_branch_word

    store = project().store
    if not words or store.tip() is None:
        return list(words), list(branches or ())
    config = store.snapshot().state.config
    named = [word for word in words if is_branch_word(config, word)]
    return [word for word in words if word not in named], [*(branches or ()), *named]


def assignee_keys(
    project: Project, names: Sequence[str], *, mine: bool, people: People | None = None
) -> tuple[str, ...]:
    """Return the keys of the named people; with `mine` also the key of whoever runs the command."""
    from backportq.model.people.people import resolve_person  # 20 ms, which -h need not pay

    wanted = [*names, *([str(project.actor())] if mine else [])]
    if not wanted:
        return ()
    known = people if people is not None else project.store.snapshot().state.people
    return tuple(resolve_person(known, text).key for text in wanted)
