"""What an earlier answer still tells of a queue that lost some items, or got some: most of it.

A decision takes one item out of a queue of hundreds, and most of the others touch none of its files. What is taken
over, and why it is what applying the whole queue again would give:

- An item that git merges file by file depends on its own files alone. Where no item before it that left, came, or gives
  something else now touches one of them, it gives what it gave.
- An item that git merges as a whole may depend on more, but not on the content of a file that its parent has too, under
  the same name, and that it does not touch itself: such a file is in no rename, and is taken as it is.
- All others are tried again, after the earlier items that their files depend on.

Where names are at stake, or a search for blockers was given up, the whole queue is applied again. This module must not
look anything up in the cache of queues.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from backportq.git.trials import Application, Outcome, TreeChange, TrialSession, apply_in_order
from backportq.git.trials.trees import ATTRIBUTES_FILE, MissingTreeError
from backportq.model.ids import Oid
from backportq.model.trials.verdict import TrialOutcome, Verdict
from backportq.services.trials.blockers import BlockerSearch, is_whole, verdict_of
from backportq.services.trials.kept_queues import Footprint, Footprints, InOrder


class _ApplyAllError(Exception):
    """Nothing can be said without applying the whole queue."""


def answer_again(
    session: TrialSession,
    onto: Oid,
    queue: tuple[Oid, ...],
    trials: Mapping[Oid, TrialOutcome],
    earlier: Footprints,
    answers: Mapping[Oid, InOrder],
) -> tuple[dict[Oid, InOrder], Footprints] | None:
    """Return the answer for `queue`, of which `trials` are the verdicts alone, from the `answers` for an `earlier`
    queue of the same tip; None where all of it has to be applied again."""
    try:
        return _Change(session, onto, queue, trials, earlier, answers).answer()
    except (_ApplyAllError, MissingTreeError):
        return None


def footprints_of(
    queue: Sequence[Oid],
    changes: Mapping[Oid, Sequence[TreeChange]],
    alone: Sequence[Outcome],
    in_order: Sequence[Outcome],
) -> Footprints:
    """Return what the items of a queue touch, of which is known what each gives alone and in order."""
    return {
        commit: _footprint(changes[commit], is_whole=is_whole(alone[at]) or is_whole(in_order[at]))
        for at, commit in enumerate(queue)
    }


def _footprint(changes: Sequence[TreeChange], *, is_whole: bool) -> Footprint:
    moves = any(change.old is None or change.new is None or change.path.endswith(ATTRIBUTES_FILE) for change in changes)
    return Footprint(frozenset(_text(change.path) for change in changes), moves, is_whole)


class _Change:
    """One queue compared with an earlier one."""

    def __init__(
        self,
        session: TrialSession,
        onto: Oid,
        queue: tuple[Oid, ...],
        trials: Mapping[Oid, TrialOutcome],
        earlier: Footprints,
        answers: Mapping[Oid, InOrder],
    ) -> None:
        self._session = session
        self._onto = onto
        self._queue = queue
        self._trials = trials
        self._answers = answers
        self._earlier = earlier
        self._items = dict(earlier)  # and those that came
        self._touched: set[str] = set()  # whose content may be another than it was at this place of the queue
        self._again: dict[Oid, None] = {}

    def answer(self) -> tuple[dict[Oid, InOrder], Footprints]:
        kept = self._earlier.keys() & set(self._queue)
        come = [commit for commit in self._queue if commit not in kept]
        in_both = [commit for commit in self._queue if commit in kept]
        is_little = 2 * (len(self._earlier) - len(kept) + len(come)) <= len(kept)
        if not is_little or in_both != [commit for commit in self._earlier if commit in kept]:
            raise _ApplyAllError
        if not all(answer.is_minimal for answer in self._answers.values()):
            raise _ApplyAllError
        for commit, changes in self._session.changes(come).items():
            self._items[commit] = _footprint(changes, is_whole=False)  # `_tried_again` makes sure of that
        self._compare(kept)
        fresh = self._tried_again() if self._again else {}
        found = {commit: fresh.get(commit) or self._taken_over(commit) for commit in self._queue}
        self._check_blockers(found)
        return found, {commit: self._items[commit] for commit in self._queue}

    def _compare(self, kept: set[Oid]) -> None:
        """Walk through both queues side by side, and find what has to be tried again."""
        earlier = iter(self._earlier)
        for commit in self._queue:
            if commit in kept:
                for gone in iter(lambda: next(earlier), commit):
                    self._leave(gone)
            if commit not in kept or self._may_differ(commit):
                self._again[commit] = None
                if not self._is_held(commit):
                    self._change(commit)
        for gone in earlier:
            self._leave(gone)

    def _may_differ(self, commit: Oid) -> bool:
        item = self._items[commit]
        if not self._touched.isdisjoint(item.paths):
            return True
        return item.is_whole and bool(self._touched) and not self._has_before(commit, self._touched)

    def _is_held(self, commit: Oid) -> bool:
        """Tell whether an item changed nothing that names depend on, and has to change nothing again."""
        answer, item = self._answers.get(commit), self._items[commit]
        return answer is not None and answer.in_order is not Verdict.CLEAN and (item.is_whole or item.moves_names)

    def _leave(self, commit: Oid) -> None:
        """Take note that what an item changed, which left, stays as it was."""
        if self._answers[commit].in_order is Verdict.CLEAN:
            self._change(commit)

    def _change(self, commit: Oid) -> None:
        item = self._items[commit]
        self._need(not item.is_whole and not item.moves_names)
        self._touched |= item.paths

    def _has_before(self, commit: Oid, paths: Iterable[str]) -> bool:
        """Tell whether the parent of a commit has these files, so that the commit takes them as they are."""
        names = [path.encode("utf-8", "surrogateescape") for path in paths]
        found = self._session.base_entries(Application(commit, self._onto), names)
        return all(entry is not None for entry in found.values())

    @staticmethod
    def _need(condition: bool) -> None:  # noqa: FBT001 - as of an assertion
        if not condition:
            raise _ApplyAllError

    def _taken_over(self, commit: Oid) -> InOrder:
        known = self._answers[commit]
        return InOrder(self._trials[commit], known.in_order, known.blocked_by)

    def _tried_again(self) -> dict[Oid, InOrder]:
        """Return what the items give that have to be tried again, each after what its files depend on."""
        part = self._with_what_they_need()
        alone = self._session.apply([Application(commit, self._onto) for commit in part])
        outcomes, _ = apply_in_order(self._session, self._onto, part, dict(zip(part, alone, strict=True)))
        in_order = [outcomes[commit] for commit in part]
        needs = BlockerSearch(self._session, self._onto, part, alone, in_order, self._session.changes(part)).run()
        fresh: dict[Oid, InOrder] = {}
        for at, commit in enumerate(part):
            blockers = needs.get(at)
            blocked_by = tuple([part[place] for place in blockers.places]) if blockers is not None else ()
            self._need(blockers is None or blockers.is_minimal)
            if commit in self._again:
                if self._is_held(commit):
                    self._need(verdict_of(in_order[at]) is not Verdict.CLEAN)
                else:
                    self._need(not is_whole(alone[at]) and not is_whole(in_order[at]))
                fresh[commit] = InOrder(self._trials[commit], verdict_of(in_order[at]), blocked_by)
            else:  # known already, and only a check of the above
                known = self._answers[commit]
                self._need((known.in_order, known.blocked_by) == (verdict_of(in_order[at]), blocked_by))
        return fresh

    def _with_what_they_need(self) -> tuple[Oid, ...]:
        """Return what has to be tried again with all earlier items that may matter to it, in the order of the queue."""
        place = {commit: at for at, commit in enumerate(self._queue)}
        applied = [
            commit for commit in self._queue if commit in self._again or self._answers[commit].in_order is Verdict.CLEAN
        ]
        found = set(self._again)
        left = list(self._again)
        while left:
            commit = left.pop()
            for other in applied:
                if place[other] >= place[commit]:
                    break
                if other not in found and self._may_matter(other, commit):
                    found.add(other)
                    left.append(other)
        return tuple(sorted(found, key=place.__getitem__))

    def _may_matter(self, other: Oid, commit: Oid) -> bool:
        """Tell whether what `commit` gives may depend on whether `other` was applied before it."""
        before, item = self._items[other], self._items[commit]
        if before.is_whole or not before.paths.isdisjoint(item.paths):
            return True  # as a whole: it may change files that were renamed on the branch
        return item.is_whole and (before.moves_names or not self._has_before(commit, before.paths))

    def _check_blockers(self, found: Mapping[Oid, InOrder]) -> None:
        """Make sure that no blocker left, and that no search that is relied upon looked beyond shared paths."""
        self._need(all(blocker in found for answer in found.values() for blocker in answer.blocked_by))
        if self._touched:
            looked = (oid for oid in found if self._items[oid].is_whole or oid in self._again)
            self._need(all(self._is_by_shared_paths(oid, found) for oid in looked if found[oid].blocked_by))

    def _is_by_shared_paths(self, commit: Oid, found: Mapping[Oid, InOrder]) -> bool:
        paths = self._items[commit].paths
        sharing = {other for other in found if not self._items[other].paths.isdisjoint(paths)}
        return set(found[commit].blocked_by) <= sharing.union(*(found[other].blocked_by for other in sharing))


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
