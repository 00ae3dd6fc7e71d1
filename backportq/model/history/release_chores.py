"""What is written for one release alone: its notes, its checksums, its entry in the changelog.

Projects such as Mesa and Django have these upstream and on the stable branch of the release, by a pick one way or the
other. They are no fixes that another branch could want. This module must not know picks or branches: a subject has to
say it.
"""

from __future__ import annotations

import re
from functools import cache

_CHORE = r".*?\b(?:release[ -](?:notes?|dates?)|rel-?notes?|change-?log|check-?sums?|sha-?\d{0,3}[ -]sums?)\b"
_WORDS = re.compile(rf"docs?[:/ ]|{_CHORE}", re.IGNORECASE)
_SURE_WORDS = re.compile(_CHORE, re.IGNORECASE)


def is_chore_of_release(subject: str, version: str) -> bool:
    """Tell whether `subject` speaks of the notes, checksums or the like of a release on the branch of this version:
    `docs: add release notes for 19.1.5` on 19.1, or `CHANGELOG: Set release date for 4.22` on 4.22."""
    words = _SURE_WORDS.match(subject)
    if words is not None and _first_release(version).search(subject, words.end()) is not None:
        return True
    return _WORDS.match(subject) is not None and _release_on(version).search(subject) is not None


@cache
def _release_on(version: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])v?{re.escape(version)}(?:\.\d+)+(?!\w)")


@cache
def _first_release(version: str) -> re.Pattern[str]:
    """Return what finds the version itself; it has to stand behind the words, or anything could be meant."""
    return re.compile(rf"(?<![\w.])v?{re.escape(version)}(?!\w|\.\d)")
