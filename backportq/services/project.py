"""What every use case is given: the repository, the queue, the clock and the person at work.

They are opened in one step, so services take one argument and tests can replace the clock and the person.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeGuard

from backportq.errors import RepositoryError, UsageError
from backportq.git.repository import Repository
from backportq.model.commit import Identity, parse_identity
from backportq.queue.store import QueueStore

Clock = Callable[[], datetime]

_CRUD = " .,:;<>\"\\'"

_LAST_YEAR = 9900  # so that no sum of days and offsets leaves what datetime can express


@dataclass(frozen=True, slots=True)
class Project:
    """One opened project.

    - `clock` returns the present as an aware datetime.
    - `actor` returns the person whose git identity signs each decision. It raises `RepositoryError` where none is
      configured; reading commands never call it.
    """

    repository: Repository
    store: QueueStore
    clock: Clock
    actor: Callable[[], Identity]


def project_in(repository: Repository) -> Project:
    """Return the project of `repository`."""
    actor = functools.cache(functools.partial(committer_of, repository))  # asked of git once a command
    return Project(repository, QueueStore(repository), system_clock, actor)


def system_clock() -> datetime:
    """Return the present with the local UTC offset.

    `BACKPORTQ_NOW` (ISO 8601 with an offset) replaces it, so that reports and tests can be made for a given moment.
    """
    given = os.environ.get("BACKPORTQ_NOW")
    if not given:
        return datetime.now(UTC).astimezone()
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise UsageError(f"BACKPORTQ_NOW is '{given}', wanted a moment such as 2026-06-01T12:00:00+00:00") from error
    if not 1970 <= moment.year <= _LAST_YEAR:
        raise UsageError(f"BACKPORTQ_NOW is '{given}', wanted a year from 1970 to {_LAST_YEAR}")
    if moment.tzinfo is None:
        raise UsageError(f"BACKPORTQ_NOW is '{given}', which lacks an offset such as +00:00")
    return moment


def committer_of(repository: Repository) -> Identity:
    """Return git's committer identity in `repository`."""
    find = repository.settings.find
    name = os.environ.get("GIT_COMMITTER_NAME", find("committer.name") or find("user.name"))
    mail = os.environ.get("GIT_COMMITTER_EMAIL", find("committer.email") or find("user.email"))
    if _is_plain(name) and _is_plain(mail):
        return Identity(name, mail)
    # git's own answer, with its rules for what is not configured, and for signs that no identity may hold.
    answer = repository.git.run("var", "GIT_COMMITTER_IDENT", ok=(0, 128))
    if answer.status != 0:
        raise RepositoryError(
            "git does not know who you are, and a decision is recorded with a name",
            hints=('git config --global user.name "Your Name"', "git config --global user.email you@example.org"),
        )
    return parse_identity(answer.out.decode("utf-8", "replace"))


def _is_plain(text: str | None) -> TypeGuard[str]:
    """Tell whether git takes a name or a mail as it is (ident.c, `strbuf_addstr_without_crud`)."""
    return (
        text is not None
        and text != ""
        and text.isprintable()
        and text == text.strip(_CRUD)
        and not set(text) & set("<>")
    )
