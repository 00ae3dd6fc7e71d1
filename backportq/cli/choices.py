"""Reading options whose values are words of a fixed set, or people; the same in every command that filters items.

This module must not filter: services do.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from backportq.errors import UsageError

if TYPE_CHECKING:
    from backportq.model.people.people import People
    from backportq.services.project import Project

Word = TypeVar("Word", bound=StrEnum)


def parse_words(kind: type[Word], given: Sequence[str] | None, option: str) -> tuple[Word, ...]:
    """Return the words that were given for an option, each one of `kind`; raise `UsageError` for another."""
    known = [str(word) for word in kind]
    for word in given or ():
        if word not in known:
            raise UsageError(f"{option} is '{word}', wanted one of {', '.join(known)}")
    return tuple(kind(word) for word in given or ())


def assignee_keys(
    opened: Project, given: Sequence[str], *, mine: bool, people: People | None = None
) -> tuple[str, ...]:
    """Return the keys of the people that are meant; with `mine` also the one whose git identity this is."""
    from backportq.model.people.matching import resolve_person

    named = [*given, *([str(opened.actor())] if mine else [])]
    if not named:
        return ()
    known = people if people is not None else opened.store.snapshot().state.people
    return tuple(resolve_person(known, text).key for text in named)
