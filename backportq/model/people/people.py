"""People: who can be given a task, and how a name that somebody typed is matched to one of them.

The values of `people.toml`; mapping addresses through `.mailmap` is for `backportq.git`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from backportq.model.items.nomination import no_extra


@dataclass(frozen=True, slots=True)
class Person:
    """One person.

    `key` is what assignments store; `mails` has the main address first. `areas` are path patterns as in `F:` of
    MAINTAINERS, `branches` the stable branches that the person looks after. `capacity` is how many open items the
    person takes at a time, None as many as come. `no_mail`: wants none from this program. `no_tasks`: is known, but
    is never proposed for a task.
    """

    key: str
    name: str
    mails: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    capacity: int | None = None
    away_until: date | None = None
    no_mail: bool = False
    no_tasks: bool = False
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


@dataclass(frozen=True, slots=True)
class People:
    """All of `people.toml`, in the order of the file."""

    people: tuple[Person, ...] = ()
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)

    def find(self, key: str) -> Person | None:
        """Return the person with this key, or None."""
        return next((person for person in self.people if person.key == key), None)


def is_away(person: Person, today: date) -> bool:
    """Tell whether the person is away: `away_until` names the first day of being back."""
    return person.away_until is not None and today < person.away_until
