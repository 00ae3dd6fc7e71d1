"""Which release a branch had last: its nearest tag.

Apart from the refs because it follows history. This module must not know what a project's tags look like.
"""

from __future__ import annotations

from backportq.git.repository import Repository
from backportq.model.ids import Oid


def nearest_tag(repository: Repository, tip: Oid) -> str | None:
    """Return the name of the nearest tag before `tip`, never one of `tip` itself; None if there is none."""
    answer = repository.git.run("describe", "--tags", "--abbrev=0", f"{tip}^", ok=(0, 128))
    if answer.status != 0:
        return None
    return answer.out.decode("utf-8", "surrogateescape").strip() or None
