"""Who looks after the files of each branch, by the branch's own MAINTAINERS and CODEOWNERS.

A stable branch's own file counts for that branch. Xen names the branch's maintainer there, and who looked after a file
when the release was made may still know it best.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backportq.git.read.tree_files import files_at
from backportq.git.repository import Repository
from backportq.model.ids import Oid
from backportq.model.people.codeowners import PLACES, CodeOwners, parse_codeowners
from backportq.model.people.maintainers import BranchContact, Maintainers, MalformedLine, Owner, Role, parse_maintainers

MAINTAINERS_FILE = "MAINTAINERS"


@dataclass(frozen=True, slots=True)
class Ownership:
    """The files of one commit; `codeowners_path` is where CODEOWNERS was found."""

    maintainers: Maintainers = field(default_factory=Maintainers)
    codeowners: CodeOwners = field(default_factory=CodeOwners)
    codeowners_path: str | None = None

    def owners_of(self, paths: Iterable[str]) -> tuple[tuple[Owner, int], ...]:
        """Return the maintainers of most of `paths`, without reviewers, each with the number of their paths.

        Maintainers of exact sections come before those of `THE REST`, whatever the numbers.
        """
        counts: dict[str, tuple[Owner, int]] = {}
        for path in paths:
            for owner in self.maintainers.owners_of(path):
                if owner.role is Role.MAINTAINER:
                    mail = owner.identity.mail.casefold()
                    counts[mail] = (counts.get(mail, (owner, 0))[0], counts.get(mail, (owner, 0))[1] + 1)
        return tuple(sorted(counts.values(), key=lambda entry: (entry[0].section == "THE REST", -entry[1])))

    def code_owners_of(self, paths: Iterable[str]) -> tuple[tuple[str, int], ...]:
        """Return the mails and handles of CODEOWNERS for `paths`, the one with most of them first."""
        counts: dict[str, int] = {}
        for path in paths:
            for owner in self.codeowners.owners_of(path):
                counts[owner] = counts.get(owner, 0) + 1
        return tuple(sorted(counts.items(), key=lambda entry: -entry[1]))

    def contacts_for(self, paths: Iterable[str]) -> tuple[BranchContact, ...]:
        """Return who maintains the branch for `paths`: first those of a topic that covers all paths, then those of the
        branch."""
        touched = tuple(paths)
        return tuple(
            sorted(
                (
                    contact
                    for contact in self.maintainers.contacts
                    if contact.topic is None or _covers(contact.topic, touched)
                ),
                key=lambda contact: contact.topic is None,
            )
        )

    def problems(self) -> tuple[tuple[str, MalformedLine], ...]:
        """Return the malformed lines of both files, each with the path of its file."""
        named = [(MAINTAINERS_FILE, problem) for problem in self.maintainers.malformed]
        return (*named, *((self.codeowners_path or PLACES[0], problem) for problem in self.codeowners.malformed))


def read_ownership(repository: Repository, commits: Iterable[Oid]) -> Mapping[Oid, Ownership]:
    """Return the ownership at each of `commits`; two processes read the files of all."""
    wanted = list(dict.fromkeys(commits))
    files = files_at(repository, ((oid, path) for oid in wanted for path in (MAINTAINERS_FILE, *PLACES)))
    # By content, since most branches have the same file: it is parsed once.
    parsed: dict[bytes, Maintainers] = {}
    owned: dict[bytes, CodeOwners] = {}
    result = {}
    for oid in wanted:
        text = files.get((oid, MAINTAINERS_FILE))
        if text is not None and text not in parsed:
            parsed[text] = parse_maintainers(text.decode("utf-8", "replace"))
        place = next((path for path in PLACES if (oid, path) in files), None)
        code = files[oid, place] if place is not None else None
        if code is not None and code not in owned:
            owned[code] = parse_codeowners(code.decode("utf-8", "replace"))
        result[oid] = Ownership(
            parsed[text] if text is not None else Maintainers(),
            owned[code] if code is not None else CodeOwners(),
            place,
        )
    return result


def _covers(topic: str, paths: tuple[str, ...]) -> bool:
    return bool(paths) and all(path.startswith(f"{topic}/") for path in paths)
