"""The choice of an owner for each item, among the people who could be assigned it.

`services/assignment/propose` gathers what is known of each item. The choice is a pure function of that, so the same
queue gives the same proposal to everybody. For each item, in the order of their places:

- The steps of the chain are asked in order; `conflict_chain` where the item conflicts.
- Absence and capacity are limits that nobody passes.
- One commit for several branches is one piece of work and goes to one person.
- Whoever has a fair share already steps back for a candidate who has nothing.
- Whoever was found by a step and not proposed is kept with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from backportq.model.assignment.policy import AssignStep, TaskPolicy
from backportq.model.ids import BranchName, Oid
from backportq.model.people.people import People, Person, is_away
from backportq.model.words import counted


@dataclass(frozen=True, slots=True)
class OwnerCandidate:
    """One person who could be assigned an item: the step that found them, and why, in words after "because ...".

    - `key` is None for somebody who is not among the people of the queue; `name` is then all that is known.
    - `rejection` says why the step's own rules exclude them (inactive, outside of the domains).
    """

    step: AssignStep
    key: str | None
    why: str
    name: str = ""
    rejection: str | None = None


@dataclass(frozen=True, slots=True)
class ItemToAssign:
    """An item that wants an owner.

    `place` orders items: the smallest chooses first. `rotation` holds the keys of those who take turns on its branch.
    """

    commit: Oid
    branch: BranchName
    place: tuple[int, ...]
    conflicts: bool = False
    candidates: tuple[OwnerCandidate, ...] = ()
    rotation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RejectedCandidate:
    """Somebody who came earlier in the chain than the proposed person, and why they were not proposed."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposed owner of one item: a key, the step that found them, and the reason in words.

    `key` and `step` are None where nobody can take the item. `rejected` are those who came earlier in the chain.
    """

    commit: Oid
    branch: BranchName
    key: str | None
    step: AssignStep | None
    why: str
    rejected: tuple[RejectedCandidate, ...] = ()


def propose(
    items: Iterable[ItemToAssign], people: People, loads: Mapping[str, Sequence[Oid]], policy: TaskPolicy, today: date
) -> tuple[Proposal, ...]:
    """Return a proposal for each of `items`, in the order of their places.

    `loads` gives the commits of the open items that each person has, one entry an item. Capacity counts items, a fair
    share counts commits.
    """
    choice = _Choice(people, {key: list(commits) for key, commits in loads.items()}, policy, today)
    return tuple(choice.choose(item) for item in sorted(items, key=lambda item: (item.place, item.branch, item.commit)))


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
        # What people have already counts as given: the commit's other branches follow it.
        self.by_key = {person.key: person for person in self.people.people}
        for key, commits in self.loads.items():
            for commit in commits:
                self.given[commit] = OwnerCandidate(
                    AssignStep.OTHER_BRANCH, key, "has the same commit for another branch"
                )

    def choose(self, item: ItemToAssign) -> Proposal:
        """Return the first candidate who can take the item."""
        rejected: dict[str, str] = {}
        able = self._able(item, rejected)
        chosen = self._fair(able, rejected) if able else None
        if chosen is None:
            chosen = self._in_turn(item)
        shown = tuple(RejectedCandidate(name, why) for name, why in rejected.items())
        if chosen is None or chosen.key is None:
            return Proposal(item.commit, item.branch, None, None, "nobody can take it", shown)
        self.loads.setdefault(chosen.key, []).append(item.commit)
        self.given.setdefault(
            item.commit,
            OwnerCandidate(AssignStep.OTHER_BRANCH, chosen.key, f"gets it for {item.branch} as well: {chosen.why}"),
        )
        return Proposal(item.commit, item.branch, chosen.key, chosen.step, chosen.why, shown)

    def _able(self, item: ItemToAssign, rejected: dict[str, str]) -> list[OwnerCandidate]:
        """Return the candidates who can take the item, in the order of the chain, each person once."""
        candidates = list(item.candidates)
        if item.commit in self.given:
            candidates.append(self.given[item.commit])
        able: dict[str, OwnerCandidate] = {}
        for step in self._chain(item):
            for candidate in candidates:
                if candidate.step is not step:
                    continue
                obstacle = self._obstacle(candidate)
                if obstacle is not None:
                    rejected.setdefault(self._name(candidate), obstacle)
                elif candidate.key is not None:
                    able.setdefault(candidate.key, candidate)
        return list(able.values())

    def _chain(self, item: ItemToAssign) -> tuple[AssignStep, ...]:
        return self.policy.conflict_chain if item.conflicts else self.policy.chain

    def _fair(self, able: Sequence[OwnerCandidate], rejected: dict[str, str]) -> OwnerCandidate:
        """Return the first candidate; if they have a fair share already, the first one who has nothing."""
        first = able[0]
        share = self.policy.fair_share
        if share == 0 or self._load(first) < share or first.step is AssignStep.OTHER_BRANCH:
            return first
        idle = next((candidate for candidate in able if self._load(candidate) == 0), None)
        if idle is None:
            return first
        for candidate in able[: able.index(idle)]:
            rejected.setdefault(self._name(candidate), f"has {self._load(candidate)} already, {self._name(idle)} none")
        return idle

    def _in_turn(self, item: ItemToAssign) -> OwnerCandidate | None:
        """Return the person of the rotation who has least to do; of several, the first in the list."""
        if AssignStep.ROTATION not in self._chain(item):
            return None
        able = [key for key in item.rotation if self._obstacle(OwnerCandidate(AssignStep.ROTATION, key, "")) is None]
        if not able:
            return None
        key = min(able, key=lambda key: (self._items_of(key), able.index(key)))
        return OwnerCandidate(AssignStep.ROTATION, key, f"is next in turn, with {counted(self._items_of(key), 'item')}")

    def _obstacle(self, candidate: OwnerCandidate) -> str | None:
        """Return why this person cannot be given the item; None where nothing speaks against it."""
        person = self.by_key.get(candidate.key) if candidate.key is not None else None
        if person is None:
            return f"{candidate.why}, but is not among the people of the queue"
        if person.no_tasks:
            return "takes no tasks"
        if is_away(person, self.today):
            return f"is away until {person.away_until}"
        if candidate.rejection is not None:
            return candidate.rejection
        limit = person.capacity if person.capacity is not None else self.policy.capacity
        load = self._items_of(person.key)
        if load >= limit:
            return f"has {load} of at most {counted(limit, 'item')}"
        return None

    def _items_of(self, key: str) -> int:
        return len(self.loads.get(key, ()))

    def _load(self, candidate: OwnerCandidate) -> int:
        # A commit for several branches is one piece of work.
        return len(set(self.loads.get(candidate.key or "", ())))

    def _name(self, candidate: OwnerCandidate) -> str:
        person = self.by_key.get(candidate.key) if candidate.key is not None else None
        return person.name if person is not None else candidate.name or candidate.key or "somebody"
