"""What tags say, as values: the result of reading one message.

Separate from the reading, so that services which only look at tags depend on nothing else. This module must not parse.
"""

from __future__ import annotations

from dataclasses import dataclass

from backportq.model.priority import Priority
from backportq.model.versions import Called, VersionRange


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet: `days` after the commit went upstream, or once release candidate `candidate` is out (`# after -rc3`)."""

    days: int | None = None
    candidate: int | None = None


@dataclass(frozen=True, slots=True)
class FixesTag:
    """The commit says that it fixes another. `hex` is what was written of the id, in lower case (6 to 64 digits), or
    None where only a subject was quoted; `subject` has no quotes and no parentheses. `number` is that of the request
    (`#100`, `!12`) where nothing else is said. `text` is the whole line."""

    text: str
    hex: str | None
    subject: str | None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class BackportRequest:
    """The commit is asked for on the branches of `versions`, after `wait`; `priority` where the message says one."""

    text: str
    versions: VersionRange
    wait: Wait | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class OptOut:
    """A backport to the branches of `versions` is refused: of this commit, or of the commit `hex` if that is given."""

    text: str
    versions: VersionRange
    hex: str | None = None


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """The commit `hex` is to be picked first, on the branches of `versions`; several stand in pick order."""

    text: str
    hex: str
    subject: str | None
    versions: VersionRange


@dataclass(frozen=True, slots=True)
class RevertMark:
    """The message says that the commit takes back, or applies again, the commit `hex`."""

    text: str
    hex: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A tag that cannot be read: its line, and what was wanted and found."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class CommitTrailers:
    """Everything that one message says, each kind in the order of the message.

    `numbered` are fixes of what has a number: a change, or an issue, as only upstream's history can tell.
    `foreign` is the line that ends what was copied from another project (`Origin: <url> <id>`); the tags above it
    belong there and are not in any of the other fields.
    """

    fixes: tuple[FixesTag, ...] = ()
    requests: tuple[BackportRequest, ...] = ()
    opt_outs: tuple[OptOut, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    reverts: tuple[RevertMark, ...] = ()
    reapplies: tuple[RevertMark, ...] = ()
    foreign: str | None = None
    malformed: tuple[Malformed, ...] = ()
    numbered: tuple[FixesTag, ...] = ()

    def refuses(self, branch: Called) -> bool:
        """Tell whether the commit itself is not to be picked to this branch."""
        return any(line.hex is None and line.versions.covers(branch) for line in self.opt_outs)


NO_TAGS = CommitTrailers()
"""What a message without tags says."""
