"""Who made the picks that hold, and when: read from the commits once, and remembered in the index.

Reading two commits for each pick takes as long as everything else that a report of years does. Of what the index has
from before something moved only the new picks are read. This module must not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from backportq.git.read.lookup import read_commits
from backportq.git.repository import Repository
from backportq.model.commit import Commit, Identity
from backportq.model.ids import BranchName, Oid
from backportq.model.items.queue import QueueState
from backportq.model.people.robots import Robots
from backportq.model.reports.statistics import Backport
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.people.identities import Identities, identities_of

_SECTION = "backports"
_KEY = "backports-key"


@dataclass(frozen=True, slots=True)
class _Pick:
    """A pick that holds: whom it counts for, who wrote the original, and when both were committed. One `by_robot`
    counts for whom the branch and the message name."""

    branch: BranchName
    commit: Oid
    upstream: Oid
    maker: Identity
    author: Identity
    made: datetime
    upstream_made: datetime
    by_robot: bool


def remembered_backports(history: HistoryOfQueue) -> list[Backport]:
    """Return every pick that holds on the branches of the queue."""
    index, facts = history.index, history.facts
    identities = identities_of(history.repository, history.state)
    kept = index.find_entry(_SECTION, "")
    picks = [] if kept is None else _read(kept)
    if kept is None or index.find_meta(_KEY) != history.key:
        picks = _find(history.repository, identities.robots, facts, picks)
        if not facts.warnings:
            with index.keeping():
                index.put_meta(_KEY, history.key)
                index.put_entries(_SECTION, [("", _written(picks))])
    return _counted(identities, picks)


def backports_of(repository: Repository, state: QueueState, facts: Facts) -> list[Backport]:
    """Return every pick that holds on the branches of these facts, read anew. Each commit of a branch counts once,
    however many upstream commits it carries."""
    identities = identities_of(repository, state)
    return _counted(identities, _find(repository, identities.robots, facts, ()))


def _counted(identities: Identities, picks: Iterable[_Pick]) -> list[Backport]:
    # A project has few people, and each made many backports.
    person = cache(lambda identity: _person(identities, identity))
    picks = list(picks)
    identities.load(dict.fromkeys(identity for pick in picks for identity in (pick.author, pick.maker)))
    return [
        Backport(pick.commit, pick.branch, person(pick.maker), person(pick.author), pick.made, pick.upstream_made)
        for pick in picks
    ]


def _find(repository: Repository, robots: Robots, facts: Facts, known: Iterable[_Pick]) -> list[_Pick]:
    found: dict[tuple[BranchName, Oid], Oid] = {}
    for entry in facts.branches:
        for pick in entry.picks:
            if pick.reverted_by is None:
                found.setdefault((entry.branch.name, pick.commit), pick.upstream)
    is_robot = cache(robots.has)
    # Who merged the commit of a robot may be another person today.
    before = {(pick.branch, pick.commit): pick for pick in known if not pick.by_robot and not is_robot(pick.maker)}
    new = {key: upstream for key, upstream in found.items() if key not in before or before[key].upstream != upstream}
    commits = read_commits(repository, {oid for (_, commit), upstream in new.items() for oid in (commit, upstream)})
    mergers = {entry.branch.name: _Mergers(facts, entry) for entry in facts.branches}
    picks = []
    for (branch, commit), upstream in found.items():
        if (branch, commit) not in new:
            picks.append(before[branch, commit])
            continue
        original, made = commits.get(upstream), commits[commit]
        if original is None:
            continue
        by_robot = is_robot(made.maker)
        maker = _human(robots, made, original, mergers[branch]) if by_robot else made.maker
        picks.append(
            _Pick(branch, commit, upstream, maker, original.author, made.committed, original.committed, by_robot)
        )
    return picks


def _written(picks: Iterable[_Pick]) -> Mapping[str, Any]:
    """Return the picks as they are kept: the people, and a row for each pick that names them by number."""
    people: dict[Identity, int] = {}
    rows = []
    for pick in picks:
        maker, author = (people.setdefault(each, len(people)) for each in (pick.maker, pick.author))
        moments = (pick.made.isoformat(), pick.upstream_made.isoformat())
        rows.append([pick.branch, pick.commit, pick.upstream, maker, author, *moments, pick.by_robot])
    return {"people": [[each.name, each.mail] for each in people], "rows": rows}


def _read(kept: Mapping[str, Any]) -> list[_Pick]:
    people = [Identity(name, mail) for name, mail in kept["people"]]
    moment = datetime.fromisoformat
    return [
        _Pick(branch, commit, upstream, people[maker], people[author], moment(made), moment(upstream_made), by_robot)
        for branch, commit, upstream, maker, author, made, upstream_made, by_robot in kept["rows"]
    ]


class _Mergers:
    """Who merged the commits of a branch: for each commit that a merge brought, the people who made the merge."""

    def __init__(self, facts: Facts, entry: BranchFacts) -> None:
        self._facts = facts
        self._entry = entry

    def of(self, oid: Oid) -> tuple[Identity, ...]:
        """Return author and committer of the merge that brought a commit to the branch."""
        merge = self._merge_of.get(oid)
        return (merge.author, merge.committer) if merge is not None else ()

    @cached_property
    def _merge_of(self) -> dict[Oid, Commit]:
        own = tuple(self._entry.own)
        self._facts.load(own)
        commits = {oid: self._facts.commits[oid] for oid in own}
        line: set[Oid] = set()
        at: Oid | None = self._entry.onto
        while at is not None and at in commits:
            line.add(at)
            at = commits[at].first_parent
        found: dict[Oid, Commit] = {}
        for merge in (commits[oid] for oid in own if oid in line and commits[oid].is_merge):
            pending = list(merge.parents[1:])
            while pending:
                member = pending.pop()
                if member in commits and member not in line and member not in found:
                    found[member] = merge
                    pending += commits[member].parents
        return found


def _human(robots: Robots, made: Commit, original: Commit, mergers: _Mergers) -> Identity:
    """Return whom a commit counts for that a robot made: who merged it, the human of its trailers, or the author of the
    original."""
    people = (made.author, *mergers.of(made.oid), *robots.humans_beside(made), original.author)
    return next(robots.people_in(people), made.maker)


def _person(identities: Identities, identity: Identity) -> str:
    """Return the key of a person of the queue, else the name: people change their mail more often than their name."""
    match = identities.find(identity)
    canonical = identities.canonical(identity)
    return match.key or canonical.name or canonical.mail
