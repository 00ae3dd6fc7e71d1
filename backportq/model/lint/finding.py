"""One thing that `lint` has to say of one commit message.

The codes are what scripts filter by and what SARIF calls a rule, so they never change their meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backportq.model.ids import Oid


class Level(StrEnum):
    """How bad it is: a tag that does nothing, a tag that is doubtful, or one that is missing perhaps."""

    ERROR = "error"
    WARNING = "warning"
    REMINDER = "reminder"


class Code(StrEnum):
    """What it is about."""

    MALFORMED_TAG = "malformed-tag"
    UNKNOWN_COMMIT = "unknown-commit"
    AMBIGUOUS_COMMIT = "ambiguous-commit"
    WRONG_SUBJECT = "wrong-subject"
    NOT_CONTAINED = "not-contained"
    UNKNOWN_VERSION = "unknown-version"
    FIXES_RELEASED = "fixes-released"
    CHANGES_RELEASED = "changes-released"

    @property
    def summary(self) -> str:
        """One line on what the code means."""
        return _SUMMARIES[self]


_SUMMARIES = {
    Code.MALFORMED_TAG: "a tag that nobody can read, and that therefore does nothing",
    Code.UNKNOWN_COMMIT: "a tag names a commit that this repository does not have",
    Code.AMBIGUOUS_COMMIT: "a tag names several commits by one abbreviation",
    Code.WRONG_SUBJECT: "a tag quotes another subject than its commit has",
    Code.NOT_CONTAINED: "a tag names a commit that is not in the history of this one",
    Code.UNKNOWN_VERSION: "a tag asks for versions of which there is no branch",
    Code.FIXES_RELEASED: "what the commit fixes is in stable branches, and it asks for no backport",
    Code.CHANGES_RELEASED: "the lines that a fix changes are in stable branches, and it asks for no backport",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """`commit` is None for a message that is no commit yet, `source` the file it was read from, None for commits.

    `line` counts from 1, in the file or in the commit's message. `suggestion` is a whole line to write instead, or to
    add in the case of a reminder; None where there is nothing to suggest.
    """

    commit: Oid | None
    source: str | None
    line: int
    level: Level
    code: Code
    text: str
    suggestion: str | None = None
