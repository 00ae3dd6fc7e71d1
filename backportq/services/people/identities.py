"""The person behind each of many identities: authors, committers and maintainers of commits, in bulk.

`model/people/people` finds the person that somebody typed and can ask back. Here nothing is guessed. An identity is a
person by its mail, by its mail after `.mailmap`, or by a full name that only one person has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from backportq.errors import RefError
from backportq.git.read.identities import canonical_identities
from backportq.git.refs import read_refs, resolve_configured
from backportq.git.repository import Repository
from backportq.model.commit import Identity
from backportq.model.config import Config
from backportq.model.ids import Oid
from backportq.model.items.queue import QueueState
from backportq.model.people.people import People
from backportq.model.people.robots import Robots


@dataclass(frozen=True, slots=True)
class Match:
    """The key of the person that an identity is, or None; `rivals` are the keys of several people who share the
    mail."""

    key: str | None
    rivals: tuple[str, ...] = ()


@dataclass(slots=True)
class Identities:
    """Finds people by identity. `load` what will be asked first: one process then reads the mailmap for all.

    `tip` is the commit whose mailmap counts: upstream's, whatever is checked out. `robots` tells who is no person.
    """

    repository: Repository
    people: People
    tip: Oid | None
    robots: Robots = field(default_factory=Robots)
    _mails: dict[str, tuple[str, ...]] = field(init=False)
    _names: dict[str, tuple[str, ...]] = field(init=False)
    _canonical: dict[Identity, Identity] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Index the people, their addresses also as the mailmap gives them."""
        own = [(person, Identity(person.name, mail)) for person in self.people.people for mail in person.mails]
        mapped = canonical_identities(self.repository, [identity for _, identity in own], tip=self.tip)
        self._canonical = dict(mapped)
        mails: dict[str, list[str]] = {}
        for person, identity in own:
            # people.toml may have the address of either side of the mailmap.
            for mail in (identity.mail, mapped[identity].mail):
                mails.setdefault(mail.casefold(), []).append(person.key)
        names: dict[str, list[str]] = {}
        for person in self.people.people:
            names.setdefault(person.name.casefold(), []).append(person.key)
        self._mails = {mail: tuple(dict.fromkeys(keys)) for mail, keys in mails.items()}
        self._names = {name: tuple(keys) for name, keys in names.items() if name}

    def load(self, identities: Iterable[Identity]) -> None:
        """Look these identities up in the mailmap, all at once."""
        new = [identity for identity in dict.fromkeys(identities) if identity not in self._canonical]
        self._canonical.update(canonical_identities(self.repository, new, tip=self.tip))

    def canonical(self, identity: Identity) -> Identity:
        """Return the identity after the mailmap."""
        if identity not in self._canonical:
            self.load([identity])
        return self._canonical[identity]

    def find(self, identity: Identity) -> Match:
        """Return who `identity` is."""
        canonical = self.canonical(identity)
        for mail in (identity.mail, canonical.mail):
            keys = self._mails.get(mail.casefold(), ()) if mail else ()
            if keys:
                return Match(keys[0]) if len(keys) == 1 else Match(None, keys)
        for name in (canonical.name, identity.name):
            keys = self._names.get(name.casefold(), ())
            # A name that several people have tells nobody apart.
            if len(keys) == 1:
                return Match(keys[0])
        return Match(None)


def identities_of(repository: Repository, state: QueueState) -> Identities:
    """Return the identities of the people of a queue."""
    return Identities(
        repository, state.people, mailmap_tip(repository, state.config), Robots(state.config.people.robots)
    )


def mailmap_tip(repository: Repository, config: Config) -> Oid | None:
    """Return upstream's tip, whose mailmap counts; None where upstream is gone."""
    try:
        return resolve_configured(read_refs(repository), config, config.upstream).oid
    except RefError:
        return None
