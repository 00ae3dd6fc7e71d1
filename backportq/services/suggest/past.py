"""The past of a project, read from the facts of its history.

Facts say how things are; this says since when. It puts upstream in the order in which upstream got each commit, and
dates every pick. This module must not judge: what the past means is counted elsewhere.

Where a release was merged back into upstream, upstream's line of first parents may run through the release. The line
is then followed along the other parent, or the commits of the release would count as upstream's long before it had
them: what was picked on the side of the first parent from the side of the second tells the two apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush

from backportq.model.branch_relations import BranchRelations
from backportq.model.ids import Oid
from backportq.model.likelihood.past import Past, PastBranch, PastChange, Taking
from backportq.services.history.facts import BranchFacts, Facts

_BOTH = 3


def past_of(facts: Facts) -> Past:
    """Return what upstream and every configured branch did, as far back as the oldest of the branches parted."""
    facts.load(facts.commits)
    return _PastReader(facts).read()


class _PastReader:
    """One reading; a class because every step needs the order that the first one found."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._commits = facts.commits
        # Each is asked of every commit: as plain mappings, read at once.
        self._upstream_order = dict(facts.order.items())
        self._copies = dict(facts.copies.items())
        self._tags = dict(facts.tags.items())
        facts.prepare_names(tag.hex for tags in self._tags.values() for tag in tags.fixes if tag.hex is not None)
        self._parents = {oid: commit.parents for oid, commit in facts.commits.items()}
        self._trunk = tuple(reversed(list(self._line())))
        self._order: list[Oid] = []
        self._entered: dict[Oid, int] = {}
        self._put_in_order()
        self._places = {oid: place for place, oid in enumerate(self._order)}

    def read(self) -> Past:
        facts = self._facts
        reverts = {revert: reverted[0] for revert, reverted in facts.reverts().items()}
        changes = tuple(self._change(place, oid, reverts.get(oid)) for place, oid in enumerate(self._order))
        steps = {oid: step for step, oid in enumerate(self._trunk)}
        relations = BranchRelations([entry.branch for entry in facts.branches])
        names = [entry.branch.name for entry in facts.branches]
        newer = {name: following for name in names if (following := relations.next_newer(name)) is not None}
        return Past(changes, tuple(self._branch(entry, steps) for entry in facts.branches), newer)

    def _line(self) -> Iterator[Oid]:
        """Yield upstream's own line, newest first."""
        lines: dict[Oid, int] = {}
        for bit, entry in enumerate(self._facts.branches):
            for oid in self._first_parents(entry.onto):
                lines[oid] = lines.get(oid, 0) | 1 << bit
        order = self._upstream_order
        at: Oid | None = self._facts.upstream.oid
        while at is not None and at in order:
            yield at
            parents = self._parents[at]
            here = lines.get(at, 0)
            at = parents[0] if parents else None
            if len(parents) != 2 or not lines.get(parents[0], 0) & ~here:
                continue  # no branch was left at the first parent
            if self._is_release(parents[0], parents[1]):
                at = parents[1]

    def _first_parents(self, tip: Oid) -> Iterator[Oid]:
        parents, oid = self._parents, tip
        while oid in parents:
            yield oid
            oid = parents[oid][0] if parents[oid] else Oid("")

    def _is_release(self, first: Oid, second: Oid) -> bool:
        """Tell whether commits that only `first` reaches repeat some that only `second` reaches."""
        order, copies = self._upstream_order, self._copies
        sides = {first: 1, second: 2}
        pending = [(-order[oid], oid) for oid in sides if oid in order]
        heapify(pending)
        one_sided = len(pending)
        while one_sided and pending:  # until everything left is reached by both
            _, oid = heappop(pending)
            one_sided -= sides[oid] != _BOTH
            for parent in self._parents[oid]:
                if parent not in order:
                    continue
                before = sides.get(parent, 0)
                after = sides[parent] = before | sides[oid]
                if not before:
                    heappush(pending, (-order[parent], parent))
                one_sided += (after in (1, 2)) - (before in (1, 2))
        return any(side == 1 and sides.get(copies.get(oid, oid)) == 2 for oid, side in sides.items())

    def _put_in_order(self) -> None:
        """Order upstream's commits by when its line got them; what one merge brought keeps git's order."""
        order = self._upstream_order
        for oid in self._trunk:
            brought = []
            moment = self._commits[oid].seconds
            pending = [oid]
            while pending:
                each = pending.pop()
                if each in self._entered or each not in order:
                    continue
                self._entered[each] = moment
                brought.append(each)
                pending += self._parents[each]
            self._order += sorted(brought, key=order.__getitem__)

    def _change(self, place: int, oid: Oid, reverted: Oid | None) -> PastChange:
        facts, places = self._facts, self._places
        commit = self._commits[oid]
        tags = self._tags.get(oid)
        targets: list[int] = []
        is_older = False
        for tag in tags.fixes if tags is not None else ():
            found = facts.resolve(tag, oid).targets
            targets += [places[target] for target in found if target in places]
            is_older = is_older or any(target not in places and facts.is_upstream(target) for target in found)
        original = self._copies.get(oid)
        return PastChange(
            place,
            commit,
            self._entered[oid],
            tuple(dict.fromkeys(target for target in targets if target != place)),
            is_older,
            None if original is None else places.get(original),
            None if reverted is None else places.get(reverted),
            commit.is_merge,
        )

    def _branch(self, entry: BranchFacts, steps: Mapping[Oid, int]) -> PastBranch:
        base, moments = self._own_dates(entry, steps)
        takings: dict[int, Taking] = {}
        for pick in entry.picks:
            place = self._places.get(self._copies.get(pick.upstream, pick.upstream))
            commit = self._commits.get(pick.commit)
            if place is None or commit is None or place <= base:
                continue
            undoing = None if pick.reverted_by is None else self._commits.get(pick.reverted_by)
            moment = moments.get(pick.commit, commit.seconds)
            taking = Taking(place, moment, None if undoing is None else undoing.seconds)
            before = takings.get(place)
            if before is None or (before.undone is not None, before.moment) > (taking.undone is not None, moment):
                takings[place] = taking
        asked = frozenset(
            self._places[oid]
            for oid, tags in self._tags.items()
            if oid in self._places and any(request.versions.covers(entry.branch) for request in tags.requests)
        )
        in_order = tuple(sorted(takings.values(), key=lambda taking: (taking.moment, taking.place)))
        return PastBranch(entry.branch.name, base, self._parted(base), in_order, tuple(sorted(moments.values())), asked)

    def _parted(self, base: int) -> int:
        """Return when a branch parted after the change at `base`; the oldest one where everything read begins."""
        at = max(base, 0)
        return self._entered[self._order[at]] if at < len(self._order) else 0

    def _own_dates(self, entry: BranchFacts, steps: Mapping[Oid, int]) -> tuple[int, dict[Oid, int]]:
        """Return the place of the newest commit of upstream's line that the branch has, -1 where that lies before all
        that was read, and when the branch got each commit of its own."""
        onto = entry.onto
        line = tuple(self._first_parents(onto))
        reached = self._reached_off_line(onto, steps)
        newest = max((steps[oid] for oid in reached if oid in steps), default=None)
        base = -1 if newest is None else self._places[self._trunk[newest]]
        moments: dict[Oid, int] = {}
        for oid in reversed(line):
            pending = [oid]
            while pending:
                each = pending.pop()
                if each in moments or each not in reached or self._places.get(each, base + 1) <= base:
                    continue
                moments[each] = self._commits[oid].seconds
                pending += self._parents[each]
        return base, moments

    def _reached_off_line(self, tip: Oid, steps: Mapping[Oid, int]) -> set[Oid]:
        """Return what `tip` reaches down to upstream's line, the commits of the line that it meets included."""
        found: set[Oid] = set()
        pending = [tip]
        while pending:
            oid = pending.pop()
            if oid in found or oid not in self._parents:
                continue
            found.add(oid)
            if oid not in steps:
                pending += self._parents[oid]
        return found
