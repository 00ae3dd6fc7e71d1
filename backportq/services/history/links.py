"""Evidence by what people said with `link`: this commit is that pick.

Strongest of all, where no message says it. This module must not judge whether a link is right; a scan warns of those to
commits that the branch does not have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from backportq.errors import QueueFileError
from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.ids import BranchName, Oid
from backportq.model.items.queue import QueueState
from backportq.queue.codec.stored_state import StoredBranchQueue
from backportq.services.branches import problem_of
from backportq.services.history.evidence import BranchCommits, Explained
from backportq.services.history.index import Index

Links = Mapping[BranchName, Mapping[Oid, Oid]]
"""For each branch what people linked: commit on the branch → the upstream commit of which it is a pick."""

_SECTION = "links"

NO_LINKS: Links = MappingProxyType({})


def links_of(state: QueueState) -> Links:
    """Return, for each branch whose files can be read, which commits on it people named as picks, and of what."""
    found = {
        name: {item.linked: item.commit for item in (*queue.open, *queue.closed) if item.linked is not None}
        for name, queue in state.branches.items()
        if problem_of(queue) is None
    }
    return MappingProxyType({name: links for name, links in found.items() if links})


def read_links(state: QueueState, index: Index) -> tuple[Links, Mapping[BranchName, QueueFileError]]:
    """Return the same, and what is wrong with the files of other branches; files of the queue that were looked at
    before are answered for by the index."""
    unreadable: dict[BranchName, QueueFileError] = {}
    found: dict[BranchName, dict[Oid, Oid]] = {}
    known: dict[str, dict[Oid, Oid]] = {}
    is_news = False
    for name, queue in state.branches.items():
        ids = queue.file_ids if isinstance(queue, StoredBranchQueue) else ("", "")
        for is_closed, file_id in enumerate(ids):
            links = index.find_entry(_SECTION, file_id) if file_id else None
            if links is None:
                try:
                    items = queue.closed if is_closed else queue.open
                except QueueFileError as error:
                    unreadable[name] = error
                    found.pop(name, None)
                    break
                links = {item.linked: item.commit for item in items if item.linked is not None}
                is_news = is_news or bool(file_id)
            if file_id:
                known[file_id] = links
            if links:
                found.setdefault(name, {}).update(links)
    if is_news:
        with index.keeping():
            index.put_entries(_SECTION, known.items())
    return found, unreadable


class LinkSource:
    """The links as a source of evidence."""

    kind = EvidenceKind.LINK
    is_explicit = True

    def __init__(self, links: Links) -> None:
        self._links = links

    def explain(self, branches: Sequence[BranchCommits]) -> Explained:
        """Return the links of the commits that the branch has."""
        evidence = (Evidence(EvidenceKind.LINK, "linked by a person"),)
        explained = {}
        for branch in branches:
            linked = self._links.get(branch.name, {})
            explained[branch.name] = {oid: {linked[oid]: evidence} for oid in branch.oids if oid in linked}
        return explained
