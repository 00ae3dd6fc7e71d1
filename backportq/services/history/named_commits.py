"""The commits that ids and abbreviations in messages name, looked up in bulk.

A scan meets thousands of them, which one git process answers; whoever knows what will be asked says so first. This
module must not judge whether upstream holds a commit.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable

from backportq.git.read.lookup import resolve_abbreviations
from backportq.git.repository import Repository
from backportq.model.ids import Oid, is_oid


class NamedCommits:
    """Answers for one repository; `known` are commits that surely exist, about which git need not be asked."""

    def __init__(self, repository: Repository, known: Container[Oid]) -> None:
        self._repository = repository
        self._known = known
        self._found: dict[str, tuple[Oid, ...]] = {}

    def prepare(self, digits: Iterable[str]) -> None:
        """Look these ids and abbreviations up, all at once."""
        wanted = {text.lower() for text in digits} - self._found.keys()
        known = {text for text in wanted if is_oid(text) and Oid(text) in self._known}
        self._found |= {text: (Oid(text),) if text in known else () for text in wanted}
        self._found |= resolve_abbreviations(self._repository, wanted - known)

    def answerable(self, is_upstream: Callable[[Oid], bool]) -> list[str]:
        """Return what a new upstream commit could be meant by, too: abbreviations, and ids that lead to none so far."""
        return [
            digits for digits, found in self._found.items() if not is_oid(digits) or not any(map(is_upstream, found))
        ]

    def find(self, digits: str) -> tuple[Oid, ...]:
        """Return the commits, upstream's or not, that an id or abbreviation may mean."""
        lowered = digits.lower()
        if lowered not in self._found:
            self.prepare((lowered,))
        return self._found[lowered]
