"""Adding the people named in MAINTAINERS and CODEOWNERS, those of upstream and of each stable branch.

- Areas are not copied: who looks after a file is read from the branch itself whenever it is asked.
- Who maintains a stable branch is copied, because only the branch's own file says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from backportq.git.refs import read_refs, resolve_configured
from backportq.model.commit import Identity
from backportq.model.ids import BranchName
from backportq.model.items.queue import QueueState
from backportq.model.mail.letter import is_mail
from backportq.model.people.people import People, Person, proposed_key
from backportq.queue.codec.people import is_person_key
from backportq.services.branches import set_gone_aside, tell_gone
from backportq.services.people.identities import Identities, identities_of
from backportq.services.people.ownership import Ownership, read_ownership
from backportq.services.project import Project


@dataclass(frozen=True, slots=True)
class FileOwner:
    """Somebody named in a file: an identity, or a handle of a forge. `branch` is the stable branch they maintain."""

    identity: Identity
    branch: BranchName | None = None


@dataclass(frozen=True, slots=True)
class FileImport:
    """Who was added, who maintains more branches than before, and what could not be read or taken."""

    added: tuple[Person, ...] = ()
    changed: tuple[Person, ...] = ()
    problems: tuple[str, ...] = ()


def import_from_files(project: Project, *, maintainers: bool, codeowners: bool, dry_run: bool = False) -> FileImport:
    """Add the people of these files in one change; branches that are gone are left out, with a word."""
    state = project.store.snapshot().state
    ownership = _ownership(project, state)
    stable = {branch.name for branch in state.config.branches}
    listed = [
        owner if owner.branch in stable else replace(owner, branch=None)
        for owner in _listed(ownership, maintainers=maintainers, codeowners=codeowners)
    ]
    problems = [
        f"{path} of {name}, line {problem.line}: {problem.why}"
        for name, files in ownership.items()
        for path, problem in files.problems()
        if (maintainers if path == "MAINTAINERS" else codeowners)
    ]
    made = FileImport()

    def decide(now: QueueState) -> QueueState:
        # Planned again where another writer won; the last plan is the one that is stored.
        nonlocal made
        people, made = _merged(project, now, listed)
        return replace(now, people=people) if people != now.people else now

    if dry_run:
        decide(state)
    else:
        summary = "people of MAINTAINERS and CODEOWNERS added"
        project.store.change(
            decide, command="people import", summary=summary, actor=project.actor(), at=project.clock()
        )
    return replace(made, problems=(*dict.fromkeys(problems), *made.problems))


def _ownership(project: Project, state: QueueState) -> dict[BranchName, Ownership]:
    """Return the files of each branch, those of upstream last.

    Read backwards, upstream then decides the name and mail of a person, and every branch adds its own maintainers.
    """
    refs = read_refs(project.repository)
    config, gone = set_gone_aside(state.config, refs)
    tell_gone(gone)
    names = [*(branch.name for branch in config.branches), config.upstream]
    tips = {name: resolve_configured(refs, config, name).oid for name in names}
    ownership = read_ownership(project.repository, tips.values())
    return {name: ownership[tip] for name, tip in tips.items()}


def _listed(ownership: dict[BranchName, Ownership], *, maintainers: bool, codeowners: bool) -> Iterator[FileOwner]:
    for name, files in reversed(ownership.items()):
        if maintainers:
            for section in files.maintainers.sections:
                for identity in section.maintainers:
                    yield FileOwner(identity)
            for contact in files.maintainers.contacts:
                yield FileOwner(contact.identity, name if contact.topic is None else None)
        if codeowners:
            for line in files.codeowners.lines:
                for owner in line.owners:
                    yield FileOwner(Identity(owner, "" if owner.startswith("@") else owner))


def _merged(project: Project, state: QueueState, listed: list[FileOwner]) -> tuple[People, FileImport]:
    people, identities = state.people, identities_of(project.repository, state)
    identities.load(owner.identity for owner in listed if owner.identity.mail)
    persons = {person.key: person for person in people.people}
    added: dict[str, None] = {}
    problems: dict[str, None] = {}
    new_keys: dict[str, str] = {}
    for owner in listed:
        if identities.robots.has(owner.identity):
            continue
        key = _known_key(owner, identities, persons, new_keys)
        if key is None:
            person = _new(owner, identities, People(tuple(persons.values())))
            if isinstance(person, str):
                problems.setdefault(person)
                continue
            key = person.key
            persons[key] = person
            added.setdefault(key)
        for word in (owner.identity.mail.casefold(), owner.identity.name.casefold()):
            if word:
                new_keys.setdefault(word, key)
        if owner.branch is not None and owner.branch not in persons[key].branches:
            persons[key] = replace(persons[key], branches=(*persons[key].branches, owner.branch))
    before = {person.key: person for person in people.people}
    changed = tuple(person for key, person in persons.items() if key in before and before[key] != person)
    made = FileImport(tuple(persons[key] for key in added), changed, tuple(problems))
    return replace(people, people=tuple(persons.values())), made


def _known_key(
    owner: FileOwner, identities: Identities, persons: dict[str, Person], new_keys: dict[str, str]
) -> str | None:
    name = owner.identity.name
    if name.startswith("@"):
        handle = name[1:].casefold()
        return next((key for key in persons if key.casefold() == handle), None)
    match = identities.find(owner.identity)
    # Several people share the mail: whoever it is, they are listed already.
    if match.rivals:
        return match.rivals[0]
    canonical = identities.canonical(owner.identity)
    words = (owner.identity.mail, canonical.mail, canonical.name, name)
    return match.key or next((new_keys[word.casefold()] for word in words if word.casefold() in new_keys), None)


def _new(owner: FileOwner, identities: Identities, people: People) -> Person | str:
    """Return the new person, or the reason why there can be none."""
    name = owner.identity.name
    if name.startswith("@"):
        handle = name[1:]
        # `@org/team` in CODEOWNERS.
        if "/" in handle or not is_person_key(handle):
            return f"'{name}' is a team, which cannot be given a task"
        return Person(handle, handle)
    canonical = identities.canonical(owner.identity)
    if not is_mail(canonical.mail):
        return f"'{canonical}' has no mail address that can be written to"
    mails = tuple(dict.fromkeys((canonical.mail, owner.identity.mail)))
    return Person(proposed_key(people, canonical), canonical.name or canonical.mail, mails)
