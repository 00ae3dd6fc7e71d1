"""Who is at work: the person of the queue whose git identity this is, and who somebody becomes as a new person.

Apart from the list of people because every decision asks it. This module must not write.
"""

from __future__ import annotations

from dataclasses import replace

from backportq.errors import DecisionError
from backportq.git.read.identities import canonical_identities
from backportq.model.commit import Identity
from backportq.model.people.people import Mapped, People, Person, find_person, proposed_key, resolve_person
from backportq.services.people.identities import mailmap_tip
from backportq.services.project import Project

MYSELF = "me"


def mailmap_of(project: Project) -> Mapped:
    """Return what maps an identity through the `.mailmap` at upstream's tip."""

    def mapped(identity: Identity) -> Identity:
        tip = mailmap_tip(project.repository, project.store.snapshot().state.config)
        return canonical_identities(project.repository, [identity], tip=tip)[identity]

    return mapped


def find_myself(project: Project, people: People) -> Person | None:
    """Return the person whose git identity this is, or None."""
    return find_person(people, str(project.actor()), mailmap_of(project))


def person_meant(project: Project, people: People, text: str) -> tuple[Person, People]:
    """Return the person that `text` means, and the people with them among them.

    `me` is the one whose git identity this is, and who is added if need be; anybody else must be listed, or
    `DecisionError` says whom `text` is near to.
    """
    if text != MYSELF or people.find(MYSELF) is not None:
        return resolve_person(people, text, mailmap_of(project)), people
    person = find_myself(project, people)
    if person is not None:
        return person, people
    person = new_person(people, project.actor())
    return person, replace(people, people=(*people.people, person))


def new_person(people: People, identity: Identity, key: str | None = None) -> Person:
    """Return a new person of this identity; raise `DecisionError` if it has no mail to be known by."""
    if not identity.mail:
        raise DecisionError(
            f"'{identity.name}' has no mail address", hints=("backportq people add 'Name <mail@example.org>'",)
        )
    return Person(key or proposed_key(people, identity), identity.name or identity.mail, (identity.mail,))
