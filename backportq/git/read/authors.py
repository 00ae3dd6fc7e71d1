"""Who wrote the commits of some branches, as `.mailmap` has them.

For finding the people of a project; it must not decide who becomes one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from backportq.git.repository import Repository
from backportq.model.commit import Identity
from backportq.model.ids import Oid


def count_people(repository: Repository, tips: Iterable[Oid], *, since: date) -> Counter[Identity]:
    """Return how many commits since a day each person wrote or committed, over all `tips`, merges left out."""
    given = "".join(f"{tip}\n" for tip in tips).encode()
    done = repository.git.run(
        "log",
        "--stdin",
        "--no-merges",
        f"--since={since.isoformat()}",
        "--format=%aN%x00%aE%x00%cN%x00%cE",
        stdin=given,
    )
    found: Counter[Identity] = Counter()
    for line in done.out.decode("utf-8", "replace").split("\n"):
        fields = line.split("\0")
        if len(fields) == 4:
            found.update({Identity(fields[0], fields[1]), Identity(fields[2], fields[3])})
    return found
