"""Adding a line to a commit message by git's own trailer rules (git-interpret-trailers(1))."""

from __future__ import annotations

from pathlib import Path

from backportq.errors import UsageError
from backportq.git.repository import Repository
from backportq.git.user import run_as_user


def add_line(repository: Repository, path: Path, line: str) -> None:
    """Add the trailer `line` to the message in `path`, unless it is there; comments and scissors stay as they are."""
    args = ("interpret-trailers", "--if-exists", "addIfDifferent", "--trailer", line)
    try:
        made = run_as_user(repository, *args, stdin=path.read_bytes()).out
        path.write_bytes(made)
    except OSError as error:
        raise UsageError(f"cannot write '{path}': {error.strerror}") from error
