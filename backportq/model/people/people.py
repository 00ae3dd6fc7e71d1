"""People who can be given tasks, and finding the one that somebody means by what they typed.

- `Person` and `People` are the values of `people.toml`.
- `find_person` and `resolve_person` take a key, a mail, a name or a word of one. The most exact kind of match wins, so
  a part of somebody's name never shadows a key.
- `.mailmap` is git's to read: callers pass a function that maps an identity through it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from backportq.errors import DecisionError
from backportq.model.commit import Identity, parse_identity
from backportq.model.declared import Shape, declared, no_extra
from backportq.model.near_words import near_words

Mapped = Callable[[Identity], Identity]
"""Returns the identity that `.mailmap` maps one to, or the same."""

_NEAR = 3
# Words before the @ by which people who have a domain of their own sort their mail.
_NOBODY = re.compile(
    r"admin|code|contact|dev|email|foss|git(?:hub|lab)?|hello|hi|info|kernel|linux|mail|me|noreply|opensource|oss|public"
    r"|root|self|software|work",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Person:
    """One person.

    - `key`: what assignments store.
    - `mails`: the main address first.
    - `areas`: path patterns as in `F:` of MAINTAINERS; `branches`: the stable branches that the person looks after.
    - `capacity`: how many open items the person takes at a time; None for no limit.
    - `no_mail`: gets no mail from this program. `no_tasks`: is known, but never proposed for a task.
    """

    key: str = field(metadata=declared(Shape.NAME))
    name: str = field(metadata=declared(Shape.TEXT))
    mails: tuple[str, ...] = field(default=(), metadata=declared(Shape.TEXTS))
    areas: tuple[str, ...] = field(default=(), metadata=declared(Shape.TEXTS))
    branches: tuple[str, ...] = field(default=(), metadata=declared(Shape.TEXTS))
    capacity: int | None = field(default=None, metadata=declared(Shape.COUNT))
    away_until: date | None = field(default=None, metadata=declared(Shape.DAY))
    no_mail: bool = field(default=False, metadata=declared(Shape.FLAG))
    no_tasks: bool = field(default=False, metadata=declared(Shape.FLAG))
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)


@dataclass(frozen=True, slots=True)
class People:
    """All of `people.toml`, in the order of the file."""

    people: tuple[Person, ...] = field(default=(), metadata=declared(Shape.RECORDS, Person, name="person"))
    extra: Mapping[str, object] = field(default_factory=no_extra, hash=False)

    def find(self, key: str) -> Person | None:
        """Return the person with this key, or None."""
        return next((person for person in self.people if person.key == key), None)


def is_away(person: Person, today: date) -> bool:
    """Tell whether the person is away: `away_until` names the first day of being back."""
    return person.away_until is not None and today < person.away_until


def find_person(people: People, text: str, mapped: Mapped = lambda identity: identity) -> Person | None:
    """Return the one person that `text` means, or None; raise `DecisionError` where it may mean several.

    Tried in this order, ignoring case: the key, the mail, the full name (each also after `.mailmap`), one word of the
    name. `Name <mail>` is looked up by its mail, then by its name.
    """
    typed = parse_identity(text)
    identity = typed if typed.mail else Identity(text.strip(), text.strip() if "@" in text else "")
    for matches in _ways(people, text.strip(), identity, mapped):
        if len(matches) == 1:
            return matches[0]
        if matches:
            names = ", ".join(f"'{person.key}' ({_shown(person)})" for person in matches)
            raise DecisionError(
                f"'{text}' may be several people: {names}",
                hints=tuple(f"use the key '{person.key}'" for person in matches[:_NEAR]),
            )
    return None


def resolve_person(people: People, text: str, mapped: Mapped = lambda identity: identity) -> Person:
    """Return the one person that `text` means; raise `DecisionError` with near matches if there is none."""
    person = find_person(people, text, mapped)
    if person is not None:
        return person
    near = near_people(people, text)
    hints = [f"did you mean '{person.key}' ({_shown(person)})?" for person in near]
    identity = parse_identity(text)
    suggested = text if identity.mail else f"{text.strip()} <MAIL>"
    hints.append(f"backportq people add '{suggested}'")
    if not people.people:
        hints.append("backportq people import, to list those of the history")
    raise DecisionError(f"nobody in the people of this queue is '{text}'", hints=tuple(hints))


def near_people(people: People, text: str) -> tuple[Person, ...]:
    """Return the people whose key, name or mail is spelled most like `text`, the nearest first, at most three."""
    words: dict[str, Person] = {}
    for person in people.people:
        for word in (person.key, person.name, *person.name.split(), *person.mails):
            words.setdefault(word.casefold(), person)
            words.setdefault(word.casefold().partition("@")[0], person)
    near = near_words(text.casefold(), words, at_most=_NEAR * 2)
    return tuple(dict.fromkeys(words[word] for word in near))[:_NEAR]


def proposed_key(people: People, identity: Identity) -> str:
    """Return a key for a new person that nobody has yet; a number makes it unique.

    It is the local part of the mail, or the name where that part tells nobody apart (`work@ada.example`). GitHub's own
    addresses have the login behind a number.
    """
    local, _, domain = identity.mail.partition("@")
    if domain.casefold() == "users.noreply.github.com":
        local = local.rpartition("+")[2]
    if not local or _NOBODY.fullmatch(local):
        local = ".".join(identity.name.split()) or local
    plain = re.sub(r"[^\w.+-]+", "-", local.casefold()).strip("-.+") or "person"
    key, number = plain, 2
    while people.find(key) is not None:
        key, number = f"{plain}{number}", number + 1
    return key


def _ways(people: People, text: str, identity: Identity, mapped: Mapped) -> Iterator[tuple[Person, ...]]:
    # From exact to loose: the first way that finds anybody decides.
    folded = text.casefold()
    yield tuple(person for person in people.people if person.key == text)
    yield tuple(person for person in people.people if person.key.casefold() == folded)
    yield _with_mail(people, identity.mail)
    yield _with_name(people, identity.name)
    canonical = mapped(identity) if identity.mail else identity
    if canonical != identity:
        yield _with_mail(people, canonical.mail)
        yield _with_name(people, canonical.name)
    if not identity.mail:
        yield tuple(person for person in people.people if folded in person.name.casefold().split())


def _with_mail(people: People, mail: str) -> tuple[Person, ...]:
    folded = mail.casefold()
    return tuple(
        person for person in people.people if folded and folded in (address.casefold() for address in person.mails)
    )


def _with_name(people: People, name: str) -> tuple[Person, ...]:
    folded = name.casefold()
    return tuple(person for person in people.people if folded and person.name.casefold() == folded)


def _shown(person: Person) -> str:
    return f"{person.name} <{person.mails[0]}>" if person.mails else person.name
