"""Tags as marks of releases: the nearest one before a commit, and those that contain a commit.

Nothing is known of a project's own naming, but for how everybody marks a version that is only to become a release.
Each function asks git once per commit; a branch's release notes and its waiting items need a handful of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from backportq.git.repository import Repository
from backportq.model.ids import Oid

_CANDIDATES = ("*[-._0-9][rR][cC][-._0-9]*", "*[-._0-9][aA][lL][pP][hH][aA]*", "*[-._0-9][bB][eE][tT][aA]*")
_CANDIDATE = re.compile(r"[-._0-9](?:rc[-._0-9]|alpha|beta)", re.IGNORECASE)  # the same as git's patterns above


def nearest_tag(repository: Repository, tip: Oid, *, only_releases: bool = False) -> str | None:
    """Return the name of the nearest tag before `tip`, never one of `tip` itself; None if there is none.

    With `only_releases`, release candidates, alphas and betas are passed over.
    """
    excluded = [f"--exclude={pattern}" for pattern in _CANDIDATES] if only_releases else []
    # From the parent: a tag of the tip itself names the release that is being made.
    answer = repository.git.run("describe", "--tags", "--abbrev=0", *excluded, f"{tip}^", ok=(0, 128))
    if answer.status != 0:
        return None
    return answer.out.decode("utf-8", "surrogateescape").strip() or None


def is_candidate(tag: str) -> bool:
    """Tell whether a tag names a release candidate, an alpha or a beta: `4.22.0-rc4`, `v6.1-rc1`, `24.1.0-beta`."""
    return _CANDIDATE.search(tag) is not None


def tags_containing(repository: Repository, oid: Oid) -> tuple[tuple[str, datetime], ...]:
    """Return the tags from which `oid` is reached, as short names with their dates, sorted by name."""
    listing = repository.git.text(
        "for-each-ref", "--format=%(refname:lstrip=2)%00%(creatordate:unix)", f"--contains={oid}", "refs/tags/"
    )
    found = []
    for line in listing.splitlines():
        name, _, seconds = line.partition("\0")
        if seconds.isdigit():
            found.append((name, datetime.fromtimestamp(int(seconds), UTC)))
    return tuple(found)


def tags_of_commits(repository: Repository) -> Mapping[Oid, Sequence[str]]:
    """Return the names of the tags of each tagged commit; one process for all of them."""
    listing = repository.git.text("for-each-ref", "--format=%(objectname) %(*objectname) %(refname)", "refs/tags/")
    found: dict[Oid, list[str]] = {}
    for line in listing.splitlines():
        tag, _, rest = line.partition(" ")
        commit, _, ref = rest.partition(" ")
        found.setdefault(Oid(commit or tag), []).append(ref.removeprefix("refs/tags/"))
    return found


def releases_between(repository: Repository, base: Oid, tip: Oid) -> tuple[date, ...]:
    """Return the days of the releases that `tip` reaches and `base` does not, in order; several tags of one commit are
    one release, and candidates are none."""
    listing = repository.git.text(
        "for-each-ref",
        "--format=%(refname:lstrip=2)%00%(objectname)%00%(*objectname)%00%(creatordate:unix)",
        f"--merged={tip}",
        f"--no-merged={base}",
        "refs/tags/",
    )
    days: dict[str, date] = {}
    for line in listing.splitlines():
        name, tag, commit, seconds = line.split("\0")
        if seconds.isdigit() and not is_candidate(name):
            days.setdefault(commit or tag, datetime.fromtimestamp(int(seconds), UTC).date())
    return tuple(sorted(days.values()))
