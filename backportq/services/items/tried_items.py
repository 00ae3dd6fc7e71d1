"""Whether the open items apply: the verdict of each onto the tip that a pick of it would go to.

Apart from the listing so that whoever only counts items runs no trial. This module must not look at items that have
landed; `pending` left them out before.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from backportq.git.repository import Repository
from backportq.git.trials import TrialSession
from backportq.model.history.landed import PicksElsewhere
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.trials.verdict import Prospect, Trial, TrialFailure, TrialOutcome, Verdict
from backportq.queue.store import QueueStore
from backportq.services.items.open_items import LATER, OpenItem, OpenItems
from backportq.services.items.side_by_side import Work, side_by_side
from backportq.services.trials.alternatives import Alternative, AlternativeSearch, list_alternatives
from backportq.services.trials.kept_queues import InOrder
from backportq.services.trials.queue_order import is_remembered, simulate

if TYPE_CHECKING:  # only clones that take published verdicts load them
    from backportq.services.trials.published import PublishedVerdicts


@dataclass(frozen=True, slots=True)
class TriedItem:
    """An open item with its trial. `in_order` is the verdict after the earlier items of the branch's queue that apply,
    `blocked_by` the commits without which it would conflict; both only where the trial could be made. `branch_items`
    are the open items of the branch."""

    entry: OpenItem
    outcome: Trial | TrialFailure
    in_order: Verdict | None
    blocked_by: tuple[Oid, ...] = ()
    alternative: Alternative | None = None
    branch_items: Mapping[Oid, Item] = field(default_factory=dict, repr=False, compare=False)

    @property
    def blockers(self) -> tuple[Item, ...]:
        """The items of `blocked_by`."""
        return tuple([self.branch_items[commit] for commit in self.blocked_by])

    @property
    def verdict(self) -> Verdict | None:
        """The verdict onto the tip as it is, or None where no trial could be made."""
        return self.outcome.verdict

    @property
    def prospect(self) -> Prospect:
        """What comes of picking it."""
        match self.verdict:
            case None:
                return Prospect.UNTRIED
            case Verdict.CLEAN:
                return Prospect.APPLIES
            case Verdict.EMPTY:
                return Prospect.EMPTY
            case Verdict.CONFLICT if self.blocked_by:
                return Prospect.AFTER
            case Verdict.CONFLICT:
                return Prospect.CONFLICTS if self.alternative is None else Prospect.OTHER_PICK

    @property
    def words(self) -> str:
        """The same in a word or two, with the number of items that come first."""
        return f"after {len(self.blocked_by)}" if self.prospect is Prospect.AFTER else str(self.prospect)


def try_items(
    repository: Repository,
    entries: Sequence[OpenItem],
    elsewhere: Callable[[Iterable[Oid]], PicksElsewhere] | None = None,
    *,
    published: PublishedVerdicts | None = None,
) -> list[TriedItem]:
    """Return `entries` with their trials, in the same order, and with alternatives if `elsewhere` tells the picks on
    other branches.

    Pass every open item of a branch, even if only some are shown: the in-order verdict depends on all of them. What is
    deferred or waits is nothing to build upon, and is tried alone. What is `published` is believed where this clone
    knows nothing itself: for lists that people read, never for what is picked.
    """
    tried = {
        (each.entry.branch, each.entry.item.commit): each
        for branch in iter_tried(repository, entries, elsewhere, published=published)
        for each in branch
    }
    return [tried[entry.branch, entry.item.commit] for entry in entries]


def iter_tried(
    repository: Repository,
    entries: Sequence[OpenItem],
    elsewhere: Callable[[Iterable[Oid]], PicksElsewhere] | None = None,
    *,
    published: PublishedVerdicts | None = None,
    needed: int | None = None,
) -> Iterator[list[TriedItem]]:
    """Yield what `try_items` returns branch by branch, each as soon as it is known.

    Of the first branches, those that are `needed` whatever comes out (None for all), several are tried side by side
    where nothing is remembered; of the others no more is tried than is asked for.
    """
    mainlines = {entry.item.commit: entry.mainline for entry in entries if entry.mainline is not None}
    groups: dict[BranchName, list[OpenItem]] = {}
    for entry in entries:
        groups.setdefault(entry.branch, []).append(entry)
    left = list(groups.values())
    lanes = _lanes(repository, left[:needed]) if published is None else 0
    if lanes > 1:
        beside, left = left[:needed], left[len(left[:needed]) :]
        picks = None if elsewhere is None else elsewhere(entry.item.commit for group in beside for entry in group)
        # One process each: half the processes, and the lanes keep the processors busy.
        sessions = [TrialSession(repository, workers=1, mainlines=mainlines) for _ in range(lanes)]
        yield from side_by_side(sessions, [_work(repository, group, picks) for group in beside])
    with TrialSession(repository, mainlines=mainlines) as session:
        for group in left:
            known = _published_others(published, group, session)
            tried = _try_branch(repository, group, session, published, known)
            yield tried if elsewhere is None else _with_alternatives(repository, tried, elsewhere, session, known)


def _lanes(repository: Repository, groups: Sequence[Sequence[OpenItem]]) -> int:
    """Return how many branches can be tried at once: as many as there are processors, and branches of which nothing is
    remembered."""
    if repository.may_download or len(groups) < 2:
        return 0
    new = [group for group in groups if not is_remembered(repository, group[0].onto, _due(group))]
    return min(len(os.sched_getaffinity(0)), len(new))


def _work(repository: Repository, entries: Sequence[OpenItem], picks: PicksElsewhere | None) -> Work[list[TriedItem]]:
    """Return the trials of one branch as work for a lane. The `picks` are found before: the history is read by one
    thread."""

    def work(session: TrialSession) -> list[TriedItem]:
        tried = _try_branch(repository, entries, session, None, {})
        return tried if picks is None else _with_alternatives(repository, tried, lambda _: picks, session, {})

    return work


def _due(entries: Sequence[OpenItem]) -> list[Oid]:
    return [entry.item.commit for entry in entries if entry.standing not in LATER]


def _try_branch(
    repository: Repository,
    entries: Sequence[OpenItem],
    session: TrialSession,
    published: PublishedVerdicts | None,
    known: Mapping[tuple[Oid, Oid], TrialOutcome],
) -> list[TriedItem]:
    """Return the items of one branch with their trials; those alone that are `known` are not made again."""
    branch, onto = entries[0].branch, entries[0].onto
    due = _due(entries)
    recall = None if published is None else functools.partial(published.in_order, branch, onto, due)
    outcomes = dict(simulate(repository, onto, due, session=session, published=recall))
    later = [entry for entry in entries if entry.standing in LATER]
    unknown = [entry for entry in later if (entry.item.commit, entry.onto) not in known]
    alone = session.run([(entry.item.commit, entry.onto) for entry in unknown])
    tried_alone = {**known, **{(each.commit, each.onto): each for each in alone}}
    for entry in later:
        outcome = tried_alone[entry.item.commit, entry.onto]
        verdict = outcome.verdict if isinstance(outcome, Trial) else None
        outcomes[entry.item.commit] = InOrder(outcome, verdict)
    items = {entry.item.commit: entry.item for entry in entries}
    return [_tried(entry, outcomes[entry.item.commit], items) for entry in entries]


def published_verdicts(store: QueueStore) -> PublishedVerdicts | None:
    """Return what may be believed of what another machine published, None where this clone takes nothing."""
    if not store.verdicts_remote:
        return None
    from backportq.services.trials.published import taken_verdicts

    return taken_verdicts(store)


def retry_published(repository: Repository, store: QueueStore, branch: BranchName, commits: Iterable[Oid]) -> None:
    """Try what is about to be picked to `branch`, and tell what another machine published wrongly about it. What is
    picked does not depend on it: picks are made of this clone's own objects."""
    published = published_verdicts(store)
    if published is not None:
        with TrialSession(repository) as session:
            published.retry(branch, commits, session)


def _published_others(
    published: PublishedVerdicts | None, entries: Sequence[OpenItem], session: TrialSession
) -> dict[tuple[Oid, Oid], TrialOutcome]:
    """Return what is believed of trials that are not those of a queue in order, by commit and tip."""
    found: dict[tuple[Oid, Oid], TrialOutcome] = {}
    if published is not None:
        for branch, onto in dict.fromkeys((entry.branch, entry.onto) for entry in entries):
            found.update(((commit, onto), each) for commit, each in published.others(branch, onto, session).items())
    return found


def _with_alternatives(
    repository: Repository,
    tried: Sequence[TriedItem],
    elsewhere: Callable[[Iterable[Oid]], PicksElsewhere],
    session: TrialSession,
    known: Mapping[tuple[Oid, Oid], TrialOutcome],
) -> list[TriedItem]:
    """Return the same with the nearest alternative that applies, where the original conflicts."""
    conflicting = [each.entry for each in tried if each.verdict is Verdict.CONFLICT]
    picks = elsewhere(entry.item.commit for entry in conflicting)
    searches = [
        AlternativeSearch(entry.item.commit, entry.branch, entry.onto)
        for entry in conflicting
        if entry.item.commit in picks.picks
    ]
    listed = list_alternatives(repository, picks, searches, session=session, known=known)
    clean = {
        search.commit: found
        for search, alternatives in listed.items()
        if (found := next((pick for pick in alternatives if pick.verdict is Verdict.CLEAN), None)) is not None
    }
    if not clean:
        return list(tried)
    return [
        replace(each, alternative=clean[each.entry.item.commit])
        if each.verdict is Verdict.CONFLICT and each.entry.item.commit in clean
        else each
        for each in tried
    ]


def _tried(entry: OpenItem, outcome: InOrder, items: Mapping[Oid, Item]) -> TriedItem:
    return TriedItem(entry, outcome.alone, outcome.in_order, outcome.blocked_by, branch_items=items)


class TrialsOnDemand:
    """The trials of all items, made branch by branch when they are first asked for: in the `wanted` order, and else the
    newest branch first."""

    def __init__(self, repository: Repository, store: QueueStore, found: OpenItems) -> None:
        """Nothing is tried yet."""
        self._repository = repository
        self._store = store
        self._found = found
        self._order = tuple(branch.name for branch in reversed(found.branches))
        self._needed: int | None = None
        self._coming: Iterator[list[TriedItem]] | None = None
        self._known: dict[tuple[str, str], TriedItem] = {}

    def want(self, branches: Iterable[BranchName]) -> None:
        """Make the trials of these branches first, in this order, if none was made yet; those of others on demand."""
        wanted = tuple(dict.fromkeys(branches))
        self._order = tuple(dict.fromkeys((*wanted, *self._order)))
        self._needed = len(wanted)

    def of(self, entry: OpenItem) -> TriedItem:
        """Return the item with its trial."""
        key = (entry.branch, entry.item.commit)
        if self._coming is None:
            entries = [entry for name in self._order for entry in self._found.items if entry.branch == name]
            published = published_verdicts(self._store)
            self._coming = iter_tried(
                self._repository, entries, self._found.elsewhere, published=published, needed=self._needed
            )
        while key not in self._known:
            self._known.update(((each.entry.branch, each.entry.item.commit), each) for each in next(self._coming))
        return self._known[key]
