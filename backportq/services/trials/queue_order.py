"""In order: what of a branch's queue applies once the earlier items are applied, and which items each one needs.

One backport in five conflicts where it is wanted, and most of those are cured by picking what stands before them in
the queue. Apart from the trials because it is about a queue, not about pairs. This module must not change the queue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from backportq.git.cache import Cache
from backportq.git.repository import Repository
from backportq.git.trials import Application, TrialSession, apply_in_order
from backportq.model.ids import Oid
from backportq.model.trials.verdict import TrialOutcome
from backportq.services.trials.blockers import Blockers, BlockerSearch, verdict_of
from backportq.services.trials.kept_queues import (
    Footprints,
    InOrder,
    find_answer,
    find_last,
    keep_answer,
    read_answer,
)
from backportq.services.trials.queue_changes import answer_again, footprints_of

_NONE = Blockers((), is_minimal=True)

Recall = Callable[[TrialSession], "Mapping[Oid, InOrder] | None"]
"""What another machine found out about a queue, or None where that is not known or not believed."""


def simulate(
    repository: Repository,
    onto: Oid,
    commits: Sequence[Oid],
    *,
    session: TrialSession | None = None,
    published: Recall | None = None,
) -> Mapping[Oid, InOrder]:
    """Return what each of `commits` (a branch's queue in upstream order) gives, alone and in order, onto `onto`.

    The answer is remembered for this tip and this queue: a lookup, about a millisecond. Where items left the queue or
    came, those that share files with them are tried again. When the tip has changed, what was merged before is mostly
    not merged again: some 3 ms of processor time an item; from nothing 5 to 12 ms, most of it git looking for renames
    of files that an old branch does not have. Pass a `session` to share what was read between branches. What is
    `published` is asked for where nothing is remembered, and not kept.
    """
    queue = tuple(dict.fromkeys(commits))
    if not queue:
        return {}
    if session is None:
        with TrialSession(repository) as own:
            return simulate(repository, onto, queue, session=own, published=published)
    cache = Cache.open(repository)
    known = find_answer(cache, onto, queue)
    believed = published(session) if known is None and published is not None else None
    if believed is not None:
        return believed
    trials = _trials(session, onto, queue)
    found = read_answer(known, queue, trials) if known is not None else None
    if found is None:
        found, footprints = _changed(cache, session, onto, queue, trials) or _run(session, onto, queue, trials)
        keep_answer(cache, onto, footprints, found)
    return found


def find_remembered(
    repository: Repository, onto: Oid, commits: Sequence[Oid], *, session: TrialSession
) -> Mapping[Oid, InOrder] | None:
    """Return what `simulate` found earlier in this clone for this tip and this queue; None where it has to be run."""
    return simulate(repository, onto, commits, session=session) if is_remembered(repository, onto, commits) else None


def is_remembered(repository: Repository, onto: Oid, commits: Sequence[Oid]) -> bool:
    """Tell whether `simulate` found something earlier in this clone for this tip and this queue."""
    return find_answer(Cache.open(repository), onto, tuple(dict.fromkeys(commits))) is not None


def _trials(session: TrialSession, onto: Oid, queue: Sequence[Oid]) -> dict[Oid, TrialOutcome]:
    return dict(zip(queue, session.run([(commit, onto) for commit in queue]), strict=True))


def _changed(
    cache: Cache, session: TrialSession, onto: Oid, queue: tuple[Oid, ...], trials: Mapping[Oid, TrialOutcome]
) -> tuple[dict[Oid, InOrder], Footprints] | None:
    """Return what follows from the answer for the last queue of this tip, None where nothing does."""
    last = find_last(cache, onto)
    kept = find_answer(cache, onto, tuple(last)) if last is not None else None
    if last is None or kept is None:
        return None
    answers = read_answer(kept, tuple(last), _trials(session, onto, tuple(last)))
    return answer_again(session, onto, queue, trials, last, answers) if answers is not None else None


def _run(
    session: TrialSession, onto: Oid, queue: tuple[Oid, ...], trials: Mapping[Oid, TrialOutcome]
) -> tuple[dict[Oid, InOrder], Footprints]:
    """Return the answer for a queue of which nothing is known, and what its items touch."""
    alone = session.apply([Application(commit, onto) for commit in queue])
    outcomes, _ = apply_in_order(session, onto, queue, dict(zip(queue, alone, strict=True)))
    in_order = [outcomes[commit] for commit in queue]
    changes = session.changes(queue)
    needs = BlockerSearch(session, onto, queue, alone, in_order, changes).run()
    found: dict[Oid, InOrder] = {}
    for at, commit in enumerate(queue):
        blockers = needs.get(at, _NONE)
        blocked_by = tuple([queue[place] for place in blockers.places])
        found[commit] = InOrder(trials[commit], verdict_of(in_order[at]), blocked_by, is_minimal=blockers.is_minimal)
    return found, footprints_of(queue, changes, alone, in_order)
