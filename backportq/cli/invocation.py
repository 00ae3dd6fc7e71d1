"""What one run of the program was told before its command: the directory, whether to colour, the name it was called by.

It is apart so that a verb takes only its own arguments. The repository is opened when a verb first asks for it, since
`--help` and wrong usage need none.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backportq.services.project import Project


@dataclass(slots=True)
class Invocation:
    """What the user said before the verb.

    - `directory`: where to look for the repository (`-C`).
    - `program`: how the user calls us, `backportq` or `git backportq`.
    - `color` is False after `--no-color`, `pages` after `--no-pager`.
    - `paged`: what is printed on a terminal goes through the pager.
    - `opened`: the project, once a verb asked for it.
    - `verb` is the command, `arguments` is all that was typed after the program's name.
    """

    directory: Path
    program: str = "backportq"
    color: bool = True
    pages: bool = True
    paged: bool = False
    verb: str = ""
    arguments: tuple[str, ...] = ()
    opened: Project | None = None


_current = Invocation(Path())


def begin(invocation: Invocation) -> None:
    """Make `invocation` the current one; called once, at the start."""
    global _current  # noqa: PLW0603 - a process runs one command; threading it through each verb would only add noise
    _current = invocation


def current() -> Invocation:
    """Return what this run was told."""
    return _current


def project() -> Project:
    """Return the project of the current directory or of `-C DIR`, opened once.

    Raise `RepositoryError` if there is no usable repository.
    """
    if _current.opened is None:
        _current.opened = reopen()
    return _current.opened


def allow_downloads() -> None:
    """Let the trials of this command fetch what a partial clone lacks."""
    opened = project()
    repository = replace(opened.repository, may_download=True)
    _current.opened = replace(opened, repository=repository)


def reopen() -> Project:
    """Return the same project opened anew, for a thread of its own; raise `RepositoryError` if it is gone."""
    from backportq.git.repository import discover  # `--help` imports this module, and needs no git
    from backportq.services.project import project_in

    return project_in(discover(_current.directory, obeys_environment=True))


def command(*words: str) -> list[str]:
    """Return how to run another command of ours on the same repository, in a process of its own."""
    return [sys.executable, "-m", "backportq", "-C", str(_current.directory), *words]
