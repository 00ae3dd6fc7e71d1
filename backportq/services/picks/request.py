"""What a pick is asked to do, and the commits that were typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backportq.errors import RefError, UsageError
from backportq.git.read.lookup import read_commits
from backportq.git.repository import Repository
from backportq.model.commit import Commit
from backportq.model.ids import Oid, short
from backportq.services.commits import find_commits, state_of
from backportq.services.project import Project


@dataclass(frozen=True, slots=True)
class PickRequest:
    """What was typed.

    - `onto` names the topic branch; `append` continues an existing one, `force` makes it anew.
    - `again` picks also what has landed.
    - `merges` keeps the merges of ranges. Of a merge on upstream's first-parent line the `mainline` is 1.
    - `style` and `sign_off` override the project's own.
    - `dry_run` makes no branch, so none is in the way.
    """

    commits: tuple[str, ...]
    branch: str
    onto: str | None = None
    append: bool = False
    force: bool = False
    again: bool = False
    from_alternative: bool = False
    mainline: int | None = None
    merges: bool = False
    style: str | None = None
    sign_off: bool | None = None
    adaptation: str | None = None
    dry_run: bool = False


def choose_commits(project: Project, texts: Sequence[str], *, merges: bool = False) -> tuple[Oid, ...]:
    """Return the commits that were typed, in that order; of a range, oldest first, without merges unless they are asked
    for. Raise `RefError` or `UsageError`."""
    if not texts:
        raise UsageError("no commit given", hints=("backportq pending lists what is in the queue",))
    found: dict[Oid, None] = {}
    for text in texts:
        commits = find_commits(project.repository, state_of(project), text, merges=merges)
        if not commits:
            raise RefError(f"the range '{text}' is empty", hints=("the older end comes first: OLD..NEW",))
        found.update(dict.fromkeys(commits))
    return tuple(found)


def read_one(repository: Repository, oid: Oid) -> Commit:
    """Return the commit of this id; raise `RefError` where it is not in the repository."""
    found = read_commits(repository, (oid,)).get(oid)
    if found is None:
        raise RefError(f"commit '{short(oid)}' is not in this repository", hints=("git fetch",))
    return found
