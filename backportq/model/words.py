"""Words in sentences and in commands, the same wherever one is said. This module must not know what they are about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+\Z")
_NO_VERSION = re.compile(r"[^0-9]*[-_/]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # in every locale
_RUN = 4  # from so many neighbours on, only the first and the last are named

Name = TypeVar("Name", bound=str)


def counted(number: int, word: str, many: str | None = None) -> str:
    """Return `1 commit` or `3 commits`, `1 person` or `3 people`; `many` is for what takes more than an `s`."""
    return f"{number} {word if number == 1 else many or f'{word}s'}"


def excerpt(text: str) -> str:
    """Return the beginning of what was found, on one line."""
    line = " ".join(text[:80].split())
    return line if len(text) <= 80 else f"{line}…"


def short_day(day: date, today: date) -> str:
    """Return a day for a row of a table: `1 Dec`, or `2025-12-01` where it is of another year than `today`."""
    return f"{day.day} {_MONTHS[day.month - 1]}" if day.year == today.year else day.isoformat()


def typed(word: object) -> str:
    """Return a word of a command as it is typed in a shell: quoted if need be.

    Names of branches, remotes and folders may hold whatever a shell obeys, and people copy the commands that we print.
    """
    text = str(word)
    return text if _PLAIN.match(text) else "'" + text.replace("'", "'\\''") + "'"


def short_names(branches: Iterable[Name]) -> dict[Name, str]:
    """Return each branch's name without the words that all of them begin with: `4.17` of `stable-4.17`, `stable-4.18`.

    What is cut ends with a separator and holds no digit, so that no version loses a part.
    """
    names = list(branches)
    starts = {match[0] if (match := _NO_VERSION.match(name)) is not None else "" for name in names}
    is_common = len(names) > 1 and len(starts) == 1
    return {name: name.removeprefix(next(iter(starts))) or name if is_common else name for name in names}


def name_run(names: Mapping[Name, str], some: Sequence[Name], *, least: int = _RUN) -> str:
    """Return the names of `some` of all branches, `least` or more neighbours in one word: `4.14 4.17…4.20`.

    `names` are all branches in their order, with the names by which they are shown.
    """
    order = list(names)
    runs: list[list[Name]] = []
    for name in some:
        if runs and order.index(name) == order.index(runs[-1][-1]) + 1:
            runs[-1].append(name)
        else:
            runs.append([name])
    return " ".join(
        f"{names[run[0]]}…{names[run[-1]]}" if len(run) >= least else " ".join(names[name] for name in run)
        for run in runs
    )
