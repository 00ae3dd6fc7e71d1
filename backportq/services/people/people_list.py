"""The people of the queue: listed, added, removed, and taken over from the history.

Tasks go only to people who are listed, because a key on an item has to mean somebody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from backportq.errors import DecisionError, UsageError
from backportq.git.read.identities import count_people
from backportq.git.refs import read_refs, resolve_configured
from backportq.model.commit import Identity, parse_identity
from backportq.model.ids import Oid
from backportq.model.items.decisions import unassign
from backportq.model.items.queue import QueueState
from backportq.model.items.records import Actor
from backportq.model.people.people import People, Person, find_person, resolve_person
from backportq.model.people.robots import Robots, is_read
from backportq.queue.codec.people import is_person_key
from backportq.queue.store import Decide
from backportq.services.branches import readable, set_gone_aside, tell_gone
from backportq.services.people.myself import mailmap_of, new_person
from backportq.services.project import Project

DEFAULT_DAYS = 365
DEFAULT_LEAST = 10


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """One person, with the number of their open items on each branch."""

    person: Person
    open_items: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which somebody takes tasks; None leaves a term as it is."""

    capacity: int | None = None
    away_until: date | None = None
    no_mail: bool | None = None
    no_tasks: bool | None = None

    def applied(self, person: Person) -> Person:
        """Return the person with these terms."""
        return replace(
            person,
            capacity=person.capacity if self.capacity is None else self.capacity,
            away_until=person.away_until if self.away_until is None else self.away_until,
            no_mail=person.no_mail if self.no_mail is None else self.no_mail,
            no_tasks=person.no_tasks if self.no_tasks is None else self.no_tasks,
        )


@dataclass(frozen=True, slots=True)
class ImportedPeople:
    """Who of the history is new among the people, and the names of the robots that were left out."""

    added: tuple[Person, ...]
    robots: tuple[str, ...] = ()


def list_people(project: Project) -> tuple[PersonEntry, ...]:
    """Return the people in the order of the file, then those whom items name although they are not listed."""
    state = project.store.snapshot().state
    load: dict[str, Counter[str]] = {}
    for queue in readable(state.branches.values(), closed_too=False):
        for item in queue.open:
            if item.assignee is not None:
                load.setdefault(item.assignee, Counter())[queue.branch] += 1
    known = {person.key for person in state.people.people}
    unlisted = [Person(key, "") for key in sorted(load) if key not in known]
    return tuple(PersonEntry(person, load.get(person.key, {})) for person in (*state.people.people, *unlisted))


def add_person(
    project: Project,
    text: str,
    *,
    key: str | None = None,
    mails: Sequence[str] = (),
    areas: Sequence[str] = (),
    branches: Sequence[str] = (),
    terms: Terms | None = None,
) -> Person:
    """Add the person written `Name <mail>`; to one who is listed with that mail, add what is new.

    Raise `UsageError` for a key that cannot be one, `DecisionError` for a key or mail that somebody else has.
    """
    typed = parse_identity(text)
    identity = typed if typed.mail or "@" not in text else Identity("", text.strip())
    if key is not None and not is_person_key(key):
        raise UsageError(f"'{key}' cannot be a key, wanted letters, digits, '_', '.', '+' and '-'")
    added: list[Person] = []

    def decide(state: QueueState) -> QueueState:
        old = find_person(state.people, text, mailmap_of(project)) if identity.mail else None
        if old is None:
            if key is not None and state.people.find(key) is not None:
                raise DecisionError(
                    f"'{key}' is somebody already", hints=("backportq people lists everybody", "give another --key")
                )
            old = new_person(state.people, identity, key)
        elif key is not None and key != old.key:
            raise DecisionError(f"'{text}' is listed as '{old.key}' already", hints=(f"give --key {old.key}, or none",))
        rival = next(
            (person for person in state.people.people if person.key != old.key and _shares(person, mails)), None
        )
        if rival is not None:
            raise DecisionError(
                f"'{', '.join(mails)}' is a mail of '{rival.key}' ({rival.name}) already",
                hints=("one mail belongs to one person; backportq edit people moves it",),
            )
        person = replace(
            old,
            mails=tuple(dict.fromkeys((*old.mails, *mails))),
            areas=tuple(dict.fromkeys((*old.areas, *areas))),
            branches=tuple(dict.fromkeys((*old.branches, *branches))),
        )
        person = terms.applied(person) if terms is not None else person
        # Planned again where another writer won; the last plan is the one that is stored.
        added[:] = [person]
        return replace(state, people=_with(state.people, person))

    _write(project, decide, f"{identity.name or identity.mail} added", "people add")
    return added[0]


def remove_person(project: Project, text: str) -> tuple[Person, int]:
    """Remove a person and take their open items from them; return who it was, and the number of items."""
    by = Actor(project.actor(), project.clock())
    removed: list[tuple[Person, int]] = []

    def decide(state: QueueState) -> QueueState:
        person = resolve_person(state.people, text, mailmap_of(project))
        queues = dict(state.branches)
        count = 0
        for name, queue in state.branches.items():
            held = [item for item in queue.open if item.assignee == person.key]
            if held:
                count += len(held)
                open_ = tuple(unassign(item, by) if item.assignee == person.key else item for item in queue.open)
                queues[name] = replace(queue, open=open_)
        removed[:] = [(person, count)]
        others = tuple(other for other in state.people.people if other.key != person.key)
        people = replace(state.people, people=others)
        return replace(state, people=people, branches=queues if count else state.branches)

    _write(project, decide, f"{text} removed", "people remove")
    return removed[0]


def import_people(
    project: Project, *, since: date | None = None, least: int = DEFAULT_LEAST, dry_run: bool = False
) -> ImportedPeople:
    """Add everybody with at least `least` commits on upstream and the stable branches since a day (a year ago by
    default).

    Author and committer both count, robots don't. Several mails of one name become one person, first of all one that
    is read.
    """
    state = project.store.snapshot().state
    refs = read_refs(project.repository)
    config, gone = set_gone_aside(state.config, refs)
    tell_gone(gone)
    # The staging branch where there is one: picks land there first, and their makers count.
    names = [config.upstream, *(branch.staging or branch.name for branch in config.branches)]
    tips: list[Oid] = [resolve_configured(refs, config, name).oid for name in names]
    first = since if since is not None else project.clock().date() - timedelta(days=DEFAULT_DAYS)
    counted = count_people(project.repository, tips, since=first)
    robots = Robots(config.people.robots)
    no_people = {identity.name or identity.mail for identity in counted if robots.has(identity)}
    for identity in [identity for identity in counted if robots.has(identity)]:
        del counted[identity]
    added: list[Person] = []

    def decide(now: QueueState) -> QueueState:
        people = now.people
        added.clear()
        for name, identities in _by_name(counted).items():
            total = sum(counted[identity] for identity in identities)
            mails = tuple(sorted(_once(identity.mail for identity in identities), key=lambda mail: not is_read(mail)))
            if total < least or any(_has(people, name, mail) for mail in mails):
                continue
            known_by = next(identity for identity in identities if identity.mail == mails[0])
            person = replace(new_person(people, known_by), mails=mails)
            people = replace(people, people=(*people.people, person))
            added.append(person)
        return replace(now, people=people) if added else now

    if dry_run:
        decide(state)
    else:
        _write(project, decide, "people of the history added", "people import")
    return ImportedPeople(tuple(added), tuple(sorted(no_people)))


def _by_name(counted: Counter[Identity]) -> dict[str, list[Identity]]:
    """Return the identities of each name, those with most commits first."""
    grouped: dict[str, list[Identity]] = {}
    for identity, _ in sorted(counted.items(), key=lambda pair: (-pair[1], str(pair[0]))):
        if identity.mail:
            grouped.setdefault(identity.name.casefold() or identity.mail, []).append(identity)
    return grouped


def _once(mails: Iterable[str]) -> Iterable[str]:
    """Return each mail in its first spelling; git counts different spellings as different identities."""
    spelt: dict[str, str] = {}
    for mail in mails:
        spelt.setdefault(mail.casefold(), mail)
    return spelt.values()


def _has(people: People, name: str, mail: str) -> bool:
    return any(
        person.name.casefold() == name or mail.casefold() in (address.casefold() for address in person.mails)
        for person in people.people
    )


def _shares(person: Person, mails: Sequence[str]) -> bool:
    theirs = {mail.casefold() for mail in person.mails}
    return any(mail.casefold() in theirs for mail in mails)


def _with(people: People, person: Person) -> People:
    if people.find(person.key) is None:
        return replace(people, people=(*people.people, person))
    return replace(people, people=tuple(person if other.key == person.key else other for other in people.people))


def _write(project: Project, decide: Decide, summary: str, command: str) -> None:
    project.store.change(decide, command=command, summary=summary, actor=project.actor(), at=project.clock())
