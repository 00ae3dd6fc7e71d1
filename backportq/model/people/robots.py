"""Identities that are no person, and addresses that nobody reads.

Forges, their bots and a project's own scripts write and commit; they take no tasks. Addresses of people who keep theirs
secret look like addresses and lead nowhere. This module must not know people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from backportq.model.commit import Commit, Identity, parse_identity
from backportq.model.trailers.message import trailers_of

_NAME = re.compile(
    r".*\[bot\]|(?:.*[-_])?(?:ro)?bot(?:[-_]\d+)?|.*\brobot|(?:github )?copilot(?: .*)?|github[ -]actions?|dependabot.*"
    r"|renovate(?: bot)?",
    re.IGNORECASE,
)
_LOCAL = re.compile(
    r"(?:\d+\+)?(?:.*\[bot\]|(?:.*[-_.])?(?:ro)?bot(?:[-_]\d+)?|copilot|github[-.]actions?)|noreply|no-reply|do-?not-?reply",
    re.IGNORECASE,
)
_NAMED_BOT = re.compile(r".* bot", re.IGNORECASE)  # people are called so, too; then their mail does not say it again
_SPEAKS_OF_BOT = re.compile(r"(?:ro)?bot(?![a-z])|(?<![a-z])(?:ro)?bot", re.IGNORECASE)
_NOBODY = re.compile(r"(?:\d+\+)?(?:noreply|no-reply|do-?not-?reply)", re.IGNORECASE)
_NOWHERE = re.compile(
    r"(?:.*\.)?noreply\..*|.*\.(?:local|localdomain|lan|internal|invalid|\(none\))|localhost|\(none\)", re.IGNORECASE
)
_HUMANS = frozenset({"co-authored-by", "co-developed-by"})


@dataclass(frozen=True, slots=True)
class Robots:
    """Tells robots from people; `globs` are the project's own, over mail addresses."""

    globs: tuple[str, ...] = ()

    def has(self, identity: Identity) -> bool:
        """Tell whether an identity is a robot."""
        mail = identity.mail.casefold()
        local = mail.partition("@")[0]
        if _NAME.fullmatch(identity.name) or _LOCAL.fullmatch(local):
            return True
        if _NAMED_BOT.fullmatch(identity.name) and _SPEAKS_OF_BOT.search(mail):
            return True
        return any(fnmatchcase(mail, glob.casefold()) for glob in self.globs)

    def people_in(self, identities: Iterable[Identity]) -> Iterator[Identity]:
        """Yield the identities that are people."""
        return (identity for identity in identities if identity.name and not self.has(identity))

    def humans_beside(self, commit: Commit) -> Iterator[Identity]:
        """Yield the people whom a commit names as its authors in trailers."""
        trailers = (trailer for trailer in trailers_of(commit.message) if trailer.key.casefold() in _HUMANS)
        return self.people_in(parse_identity(trailer.value) for trailer in trailers)


def is_read(mail: str) -> bool:
    """Tell whether somebody may read what is sent to an address: false for those that stand in place of one."""
    local, _, domain = mail.rpartition("@")
    return not _NOBODY.fullmatch(local) and not _NOWHERE.fullmatch(domain)
