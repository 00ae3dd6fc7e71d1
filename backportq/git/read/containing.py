"""Which tags contain a commit: needed only for requests that wait for a release candidate.

Apart from the walk over branches because it asks git once for each such commit, of which there are few. This module
must not know what a release candidate is.
"""

from __future__ import annotations

from datetime import UTC, datetime

from backportq.git.repository import Repository
from backportq.model.ids import Oid


def tags_containing(repository: Repository, oid: Oid) -> tuple[tuple[str, datetime], ...]:
    """Return the short names of the tags from which `oid` is reached, with the date of each; sorted by name."""
    listing = repository.git.text(
        "for-each-ref", "--format=%(refname:lstrip=2)%00%(creatordate:unix)", f"--contains={oid}", "refs/tags/"
    )
    found = []
    for line in listing.splitlines():
        name, _, seconds = line.partition("\0")
        if seconds.isdigit():
            found.append((name, datetime.fromtimestamp(int(seconds), UTC)))
    return tuple(found)
