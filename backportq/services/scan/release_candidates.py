"""When a request that waits for a release candidate becomes due.

`Cc: stable # after -rc3` asks to wait until upstream released the third candidate with the commit in it. Separate from
the nominations because it has to ask git about tags. This module must not decide what else a request means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from backportq.git.read.release_tags import tags_containing
from backportq.git.repository import Repository
from backportq.model.ids import Oid

if TYPE_CHECKING:
    from backportq.model.trailers.values import CommitTrailers

_RELEASE = re.compile(r"(?:.*[-_/])?[vV]?\d+(?:[._]\d+)+(?:[-_.]?rc[-_.]?(?P<candidate>\d+))?\Z", re.IGNORECASE)
_LONGEST_NAME = 200


def candidate_dates(repository: Repository, tags: Mapping[Oid, CommitTrailers]) -> dict[tuple[Oid, int], datetime]:
    """Return, for each commit and candidate number that a request waits for, when the first tag of that candidate, a
    later one, or a release that contains the commit was made; those with no such tag yet are left out."""
    found = {}
    for oid, waited in _waiting(tags):
        moments = [date for name, date in tags_containing(repository, oid) if _is_at_least(name, waited)]
        if moments:
            found[oid, waited] = min(moments)
    return found


def _waiting(tags: Mapping[Oid, CommitTrailers]) -> Iterable[tuple[Oid, int]]:
    return dict.fromkeys(
        (oid, request.wait.candidate)
        for oid, trailers in tags.items()
        for request in trailers.requests
        if request.wait is not None and request.wait.candidate is not None
    )


def _is_at_least(name: str, waited: int) -> bool:
    """Tell whether a tag of this name is candidate `waited` or what follows it; `v6.1` follows every `v6.1-rcN`."""
    match = _RELEASE.match(name) if len(name) <= _LONGEST_NAME else None
    return match is not None and (match["candidate"] is None or int(match["candidate"]) >= waited)
