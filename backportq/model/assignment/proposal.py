"""Who should do which backport, and why: the choice among the people who come into question for each item.

What is known of each item is gathered by `backportq.services.assignment.propose`; the choice itself is a pure function
of it, so that the same queue gives the same proposal to everybody. It must not look at anything but its arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from backportq.model.assignment.policy import AssignStep, TaskPolicy
from backportq.model.ids import BranchName, Oid
from backportq.model.people.people import People, Person, is_away


@dataclass(frozen=True, slots=True)
class OwnerCandidate:
    """One person who comes into question for an item: by which step, and why, in words that complete "because ...".

    `key` is None for somebody who is not among the people of the queue; `unfit` says why somebody is not asked although
    the step found them (inactive, outside of the domains).
    """

    step: AssignStep
    key: str | None
    why: str
    name: str = ""
    unfit: str | None = None


@dataclass(frozen=True, slots=True)
class ItemToAssign:
    """An item that wants an owner. `place` orders items: the smallest chooses first. `rotation` are the keys of those
    who take turns on its branch."""

    commit: Oid
    branch: BranchName
    place: tuple[int, ...]
    conflicts: bool = False
    clues: tuple[OwnerCandidate, ...] = ()
    rotation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedCandidate:
    """Somebody who came first in the chain and was not proposed, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who is proposed for one item: a key, the step that found it, and the reason in words; None where nobody was
    found. `passed` are those who came before."""

    commit: Oid
    branch: BranchName
    key: str | None
    step: AssignStep | None
    why: str
    passed: tuple[RejectedCandidate, ...] = ()


def propose(
    wanted: Iterable[ItemToAssign], people: People, loads: Mapping[str, Sequence[Oid]], policy: TaskPolicy, today: date
) -> tuple[Proposal, ...]:
    """Return a proposal for each of `wanted`, in the order of their places.

    `loads` are the commits of the open items that each person has already, one for each item. Absence and capacity
    (in items) are limits that nobody passes. Fairness: who has `fair_share` commits already steps back while another
    candidate for the same item has none; one commit for several branches is one piece of work and stays together.
    """
    choice = _Choice(people, {key: list(commits) for key, commits in loads.items()}, policy, today)
    return tuple(
        choice.choose(item) for item in sorted(wanted, key=lambda item: (item.place, item.branch, item.commit))
    )


@dataclass(slots=True)
class _Choice:
    """One run: the loads grow as items are given out."""

    people: People
    loads: dict[str, list[Oid]]
    policy: TaskPolicy
    today: date
    given: dict[Oid, OwnerCandidate] = field(default_factory=dict)
    by_key: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_key = {person.key: person for person in self.people.people}
        for key, commits in self.loads.items():
            for commit in commits:
                self.given[commit] = OwnerCandidate(
                    AssignStep.OTHER_BRANCH, key, "has the same commit for another branch"
                )

    def choose(self, item: ItemToAssign) -> Proposal:
        """Return the first candidate who can take the item."""
        passed: dict[str, str] = {}
        candidates = self._candidates(item, passed)
        chosen = self._fair(candidates, passed) if candidates else None
        if chosen is None:
            chosen = self._in_turn(item)
        shown = tuple(RejectedCandidate(name, why) for name, why in passed.items())
        if chosen is None or chosen.key is None:
            return Proposal(item.commit, item.branch, None, None, "nobody can take it", shown)
        self.loads.setdefault(chosen.key, []).append(item.commit)
        self.given.setdefault(
            item.commit,
            OwnerCandidate(AssignStep.OTHER_BRANCH, chosen.key, f"gets it for {item.branch} as well: {chosen.why}"),
        )
        return Proposal(item.commit, item.branch, chosen.key, chosen.step, chosen.why, shown)

    def _candidates(self, item: ItemToAssign, passed: dict[str, str]) -> list[OwnerCandidate]:
        """Return the clues whose people can take the item, in the order of the chain, each person once."""
        chain = self.policy.conflict_chain if item.conflicts else self.policy.chain
        clues = list(item.clues)
        if item.commit in self.given:
            clues.append(self.given[item.commit])
        found: dict[str, OwnerCandidate] = {}
        for step in chain:
            for clue in clues:
                if clue.step is not step:
                    continue
                obstacle = self._obstacle(clue)
                if obstacle is not None:
                    passed.setdefault(self._name(clue), obstacle)
                elif clue.key is not None:
                    found.setdefault(clue.key, clue)
        return list(found.values())

    def _fair(self, candidates: Sequence[OwnerCandidate], passed: dict[str, str]) -> OwnerCandidate:
        """Return the first candidate, or the first of those without any item while the first has a fair share."""
        first = candidates[0]
        share = self.policy.fair_share
        if share == 0 or self._load(first) < share or first.step is AssignStep.OTHER_BRANCH:
            return first
        idle = next((clue for clue in candidates if self._load(clue) == 0), None)
        if idle is None:
            return first
        for clue in candidates[: candidates.index(idle)]:
            passed.setdefault(self._name(clue), f"has {self._load(clue)} already, {self._name(idle)} none")
        return idle

    def _in_turn(self, item: ItemToAssign) -> OwnerCandidate | None:
        """Return the one of the rotation who has least to do, the first of the list where several have."""
        chain = self.policy.conflict_chain if item.conflicts else self.policy.chain
        if AssignStep.ROTATION not in chain:
            return None
        able = [key for key in item.rotation if self._obstacle(OwnerCandidate(AssignStep.ROTATION, key, "")) is None]
        if not able:
            return None
        key = min(able, key=lambda each: (self._items_of(each), able.index(each)))
        return OwnerCandidate(AssignStep.ROTATION, key, f"is next in turn, with {_items(self._items_of(key))}")

    def _obstacle(self, clue: OwnerCandidate) -> str | None:
        """Return why this person can't be given the item, None where nothing speaks against it."""
        person = self.by_key.get(clue.key) if clue.key is not None else None
        if person is None:
            return f"{clue.why}, but is not among the people of the queue"
        if person.no_tasks:
            return "takes no tasks"
        if is_away(person, self.today):
            return f"is away until {person.away_until}"
        if clue.unfit is not None:
            return clue.unfit
        limit = person.capacity if person.capacity is not None else self.policy.capacity
        load = self._items_of(person.key)
        if limit is not None and load >= limit:
            return f"has {load} of at most {_items(limit)}"
        return None

    def _items_of(self, key: str) -> int:
        return len(self.loads.get(key, ()))

    def _load(self, clue: OwnerCandidate) -> int:
        return len(set(self.loads.get(clue.key or "", ())))

    def _name(self, clue: OwnerCandidate) -> str:
        person = self.by_key.get(clue.key) if clue.key is not None else None
        return person.name if person is not None else clue.name or clue.key or "somebody"


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"
