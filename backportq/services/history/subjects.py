"""The subjects of upstream's whole history: of the commits that were read from these, of all older ones by the index.

One value for everybody who asks, because making subjects comparable takes as long as reading them. This module must not
judge what an equal subject proves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol

from backportq.model.commit import Commit
from backportq.model.history.subjects import normal_subject, normal_subject_of
from backportq.model.ids import Oid


class OlderSubjects(Protocol):
    """Answers for the commits that were not read."""

    def find_subject(self, subject: str) -> tuple[Oid, ...]:
        """Return those with exactly this subject (ignoring case and spacing), in no order."""


class Subjects:
    """Answers which upstream commits have a subject (ignoring case and spacing).

    `upstream` are the upstream commits among `commits`, oldest first; `older` holds all the rest of upstream.
    """

    def __init__(self, commits: Mapping[Oid, Commit], upstream: Iterable[Oid], older: OlderSubjects) -> None:
        self._commits = commits
        self._upstream = upstream
        self._older = older

    @cached_property
    def _read(self) -> dict[str, list[Oid]]:
        found: dict[str, list[Oid]] = {}
        for oid in self._upstream:
            found.setdefault(normal_subject_of(self._commits[oid]), []).append(oid)
        return found

    def among_read(self, subject: str) -> Sequence[Oid]:
        """Return those of the commits that were read, oldest first."""
        return self._read.get(normal_subject(subject), ())

    def repeated(self) -> Iterator[Sequence[Oid]]:
        """Yield the commits that were read and have one subject, oldest first, where there are several."""
        return (oids for oids in self._read.values() if len(oids) > 1)

    def newest(self, subject: str) -> Sequence[Oid]:
        """Return those that were read and, only where there are none, the older ones, in no order."""
        return self.among_read(subject) or self._older.find_subject(subject)

    def is_unique(self, subject: str) -> bool:
        """Tell whether at most one commit of all has the subject."""
        count = len(self.among_read(subject))
        return count <= 1 and count + len(self._older.find_subject(subject)) <= 1
