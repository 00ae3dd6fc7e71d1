"""Blockers: which earlier items of a queue an item needs, where it conflicts alone and applies in order.

Apart from the simulation because it is a search, with bounds:

- Items that touch none of an item's paths cannot matter to it where git merges file by file, so only those that share
  a path are looked at, and what these need themselves.
- The first 500 items of a queue that need others get the smallest set that a search by trial finds.
- Items after these, and sets for which the search runs out of tests, get every earlier item that is connected to them
  by shared paths. That set needs no test: it leaves their files as they are in order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from backportq.git.trials import Application, Outcome, RememberedVerdict, TreeChange, TrialSession
from backportq.git.trials.trees import ATTRIBUTES_FILE
from backportq.model.ids import Oid
from backportq.model.progress import advance
from backportq.model.trials.smallest_set import reduce_set
from backportq.model.trials.verdict import APPLIES, Verdict

_SEARCHES = 500  # a real queue of a thousand items has some thirty that need others
_TESTS = 40  # of one search for a smallest set
_TESTS_IN_ALL = 2_000

_Places = tuple[int, ...]  # of items in the queue, ascending


@dataclass(frozen=True, slots=True)
class Blockers:
    """What an item needs, as places in the queue. `is_minimal`: taking any away brings the conflict back."""

    places: _Places
    is_minimal: bool


class BlockerSearch:
    """One search over one queue, of which is known what each item gives alone and in order."""

    def __init__(
        self,
        session: TrialSession,
        onto: Oid,
        queue: Sequence[Oid],
        alone: Sequence[Outcome],
        in_order: Sequence[Outcome],
        changes: Mapping[Oid, Sequence[TreeChange]],
    ) -> None:
        self._session = session
        self._queue = queue
        self._alone = alone
        self._in_order = in_order
        self._paths = [frozenset(change.path for change in changes[commit]) for commit in queue]
        self._first_attributes = next(  # from here on files of any path may merge in other ways
            (at for at, paths in enumerate(self._paths) if any(path.endswith(ATTRIBUTES_FILE) for path in paths)),
            len(queue),
        )
        self._applied = [at for at, outcome in enumerate(in_order) if verdict_of(outcome) is Verdict.CLEAN]
        self._touching: dict[bytes, list[int]] = {}
        for at in self._applied:
            for path in self._paths[at]:
                self._touching.setdefault(path, []).append(at)
        self._links: list[_Places | None] = []
        self._next_link = 0
        self._needs: dict[int, Blockers] = {}
        self._trees: dict[_Places, Oid | None] = {(): onto}
        self._searches = _SEARCHES
        self._tests = _TESTS_IN_ALL

    def run(self) -> dict[int, Blockers]:
        """Return what is needed by those that conflict alone and apply in order."""
        for at in range(len(self._queue)):
            if verdict_of(self._in_order[at]) in APPLIES and verdict_of(self._alone[at]) is Verdict.CONFLICT:
                advance("finding what blocks what", at, len(self._queue))
                self._needs[at] = self._search(at)
        return self._needs

    def _search(self, at: int) -> Blockers:
        if self._searches == 0:
            return Blockers(self._connected(at), is_minimal=False)
        self._searches -= 1
        # Nearly half of all cures are one commit (with what that one needs itself): try each, all in one go.
        sharing = self._sharing(at)
        cures = self._cures(at, [self._with_needs([other]) for other in reversed(sharing)])
        if cures:
            smallest = min(cures, key=lambda cure: (len(cure), [-other for other in cure]))
            return self._reduced(at, smallest) if len(smallest) > 1 else Blockers(smallest, is_minimal=True)
        whole = self._with_needs(sharing)
        if not self._cures(at, [whole]):
            whole = self._connected(at)
        return self._reduced(at, whole)

    def _reduced(self, at: int, cure: _Places) -> Blockers:
        allowed = min(_TESTS, self._tests)
        tests = iter(range(allowed))

        def works(some: _Places) -> bool:
            self._tests -= 1
            return bool(self._cures(at, [some]))

        return Blockers(*reduce_set(cure, works, lambda: next(tests, None) is not None))

    def _sharing(self, at: int) -> list[int]:
        """Return the earlier applied items that touch a path of this one."""
        found: set[int] = set()
        for path in self._paths[at]:
            touching = self._touching.get(path, [])
            found.update(touching[: bisect_left(touching, at)])
        return sorted(found)

    def _connected(self, at: int) -> _Places:
        """Return the earlier applied items without which some file that this one depends on would be another: all that
        are connected to it by shared paths, or all where names or whole trees are at stake."""
        found = self._linked(at)
        return tuple(self._applied[: bisect_left(self._applied, at)]) if found is None else found

    def _linked(self, at: int) -> _Places | None:
        """Return the earlier applied items that are connected by shared paths, None where more may matter.

        The last item before this one that touches a path is linked to all others that touch it.
        """
        for place in range(self._next_link, at + 1):  # in this order, so that each has what it is made of
            self._links.append(self._link(place))
        self._next_link = max(self._next_link, at + 1)
        return self._links[at]

    def _link(self, at: int) -> _Places | None:
        if at > self._first_attributes or is_whole(self._in_order[at]) or is_whole(self._alone[at]):
            return None
        found: set[int] = set()
        for path in self._paths[at]:
            touching = self._touching.get(path, [])
            before = bisect_left(touching, at)
            if before:
                linked = self._links[touching[before - 1]]
                if linked is None:
                    return None
                found.update(linked)
                found.add(touching[before - 1])
        return tuple(sorted(found))

    def _with_needs(self, places: Iterable[int]) -> _Places:
        """Return these items and all that block them."""
        found: set[int] = set()
        for place in places:
            found.add(place)
            if place in self._needs:
                found.update(self._needs[place].places)  # which hold what those need themselves
        return tuple(sorted(found))

    def _cures(self, at: int, sets: Sequence[_Places]) -> list[_Places]:
        """Return those of `sets` after which the item applies."""
        trees = [(chosen, tree) for chosen in sets if (tree := self._tree(chosen)) is not None]
        commit = self._queue[at]
        outcomes = self._session.apply([Application(commit, tree) for _, tree in trees])
        return [chosen for (chosen, _), outcome in zip(trees, outcomes, strict=True) if verdict_of(outcome) in APPLIES]

    def _tree(self, chosen: _Places) -> Oid | None:
        """Return the tree after these items, applied one after the other, or None if one of them does not apply.

        The tree after each part of a set is kept, since sets mostly begin alike.
        """
        known = len(chosen)
        while chosen[:known] not in self._trees:
            known -= 1
        tree = self._trees[chosen[:known]]
        for end in range(known + 1, len(chosen) + 1):
            if tree is not None:
                outcome = self._session.apply([Application(self._queue[chosen[end - 1]], tree)], keep=True)[0]
                tree = outcome.tree if isinstance(outcome, RememberedVerdict) else None
            self._trees[chosen[:end]] = tree
        return tree


def verdict_of(outcome: Outcome) -> Verdict | None:
    """Return the verdict of an outcome, None for what could not be tried."""
    return outcome.verdict if isinstance(outcome, RememberedVerdict) else None


def is_whole(outcome: Outcome) -> bool:
    """Tell whether git merged whole trees for an outcome, so that any path may have mattered."""
    return not isinstance(outcome, RememberedVerdict) or outcome.is_whole
