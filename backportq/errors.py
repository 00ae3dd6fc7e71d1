"""Exceptions and exit codes of the whole program.

They are in one place so that the single error boundary in `backportq.cli.boundary` maps every failure to a documented
exit code. An exception class exists for each decision that a caller can take; conflicts, empty picks and commits
that have landed are outcomes, not errors, and never appear here.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """Process exit codes; scripts rely on the numbers."""

    DONE = 0
    NO = 1
    USAGE = 2
    BAD_STATE = 3
    CONFLICT = 4
    INTERRUPTED = 130


class BackportqError(Exception):
    """Base of every failure that a person can act on.

    `message` is in git's grammar: lower case, no full stop, the subject in single quotes, what was wanted and what was
    found. Each of `hints` is a next step, with the command to type.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.BAD_STATE

    def __init__(self, message: str, *, hints: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hints = hints


class UsageError(BackportqError):
    """The command line asks for something that cannot be meant: a missing option, a malformed value."""

    exit_code = ExitCode.USAGE


class RepositoryError(BackportqError):
    """The git repository is missing, unusable, shallow where history is needed, or lacks objects."""


class RefError(BackportqError):
    """A branch, revision or commit id does not resolve, or resolves to several things."""


class GitFailedError(BackportqError):
    """A git process ended with an error that has no more specific class; carries git's own words."""


class ConfigError(BackportqError):
    """`config.toml` or `people.toml` is missing, malformed, or names what does not exist."""


class QueueFileError(BackportqError):
    """A queue file is malformed: the message gives file, line, column, key, what was wanted and what was found."""


class SchemaError(BackportqError):
    """A queue was written by a newer schema than this program knows; it is refused, never rewritten."""


class QueueBusyError(BackportqError):
    """The queue ref kept moving under a change until the bounded retries were used up."""


class DecisionError(BackportqError):
    """A decision does not fit the item it is about: unknown item or person, a transition that does not exist."""


class ConflictError(BackportqError):
    """A conflict that a person must resolve."""

    exit_code = ExitCode.CONFLICT
