"""How likely each open item is to be taken: read from the history once, then remembered for the tips.

    outlook = read_outlook(project, state)
    for entry in open_items(project).items:
        judged = outlook.of(entry.item, entry.branch, project.clock())
        judged.likely        # 0 to 1
        judged.reasons       # in words, the weightiest first
        judged.passed_over   # how many later commits the branch took
        judged.is_folded     # lists leave it out unless asked for all

Every list that puts items in order of likelihood (`pending`, `show`, `check`, letters, `assign --auto`, `mine`) asks
here, so that two of them cannot disagree. Learned weights decide, where the queue has some that can be used (see
`backportq.services.suggest.ranking`), else the project's own counts (see `backportq.model.likelihood.counts`). The
answer depends on the tips alone, not on the day, so that everybody with the same branches gets the same order. This
module must not change the queue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from backportq.model.ids import BranchName, Oid
from backportq.model.items.queue import QueueState
from backportq.model.likelihood.counts import Counts, Kind
from backportq.model.likelihood.outlook import LearnedLikelihood, Outlook, kind_of
from backportq.services.branches import readable
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.suggest.ranking import Ranking, read_ranking

if TYPE_CHECKING:
    from backportq.services.history.facts import Facts

_SECTION = "outlook"
_KEY = "outlook-key"


def read_outlook(project: Project, state: QueueState, history: HistoryOfQueue | None = None) -> Outlook:
    """Return the outlook of every open item of `state`; the history is read only where something moved, and not at all
    if that was done already."""
    history = HistoryOfQueue(project.repository, state) if history is None else history
    return _with_ranking(_read_counts(history, state), read_ranking(project, history), state)


def _with_ranking(outlook: Outlook, ranking: Ranking, state: QueueState) -> Outlook:
    learned = {
        (name, row.commit): LearnedLikelihood(row.likely, row.reasons)
        for name in state.branches
        for row in ranking.rows(name)
    }
    return replace(outlook, learned=learned, problem=ranking.problem)


def _read_counts(history: HistoryOfQueue, state: QueueState) -> Outlook:
    kept = _kept(history, state)
    if kept is not None:
        return kept
    history.facts.load(history.facts.commits)
    outlook = _make(state, history.facts)
    index = history.index
    with index.keeping():
        index.put_meta(_KEY, history.key)
        index.put_entries(_SECTION, [("", _body_of_all(state, outlook))])
    return outlook


def _kept(history: HistoryOfQueue, state: QueueState) -> Outlook | None:
    """Return what was made of the same facts, if it knows every item that is open now.

    Items that were closed since are no reason to read the past again: it would say the same of all others.
    """
    index = history.index
    kept = index.find_entry(_SECTION, "") if index.find_meta(_KEY) == history.key else None
    return None if kept is None or not _commits(state) <= kept["places"].keys() else _outlook_of(kept)


def _body_of_all(state: QueueState, outlook: Outlook) -> Mapping[str, object]:
    return {
        "places": {oid: outlook.places.get(oid) for oid in sorted(_commits(state))},
        "taken": {name: list(places) for name, places in outlook.taken.items()},
        "counts": {name: _body_of(counts) for name, counts in outlook.counts.items()},
        "left_out": [[name, oid, moment] for (name, oid), moment in outlook.left_out.items()],
    }


def _outlook_of(kept: Mapping[str, Any]) -> Outlook:
    return Outlook(
        {Oid(oid): int(place) for oid, place in kept["places"].items() if place is not None},
        {BranchName(name): places for name, places in kept["taken"].items()},
        {BranchName(name): _counts_of(body) for name, body in kept["counts"].items()},
        left_out={(BranchName(name), Oid(oid)): moment for name, oid, moment in kept["left_out"]},
    )


def _make(state: QueueState, facts: Facts) -> Outlook:
    from backportq.services.suggest.candidates import count_past, is_old, last_moment
    from backportq.services.suggest.past import past_of

    past = past_of(facts)
    until = last_moment(past)
    places = {oid: past.place_of(oid) for oid in _commits(state)}
    counts = {old: count_past(past, until, old=old) for old in {is_old(branch, until) for branch in past.branches}}
    return Outlook(
        {oid: place for oid, place in places.items() if place is not None},
        {branch.name: sorted(taking.place for taking in branch.takings) for branch in past.branches},
        {branch.name: counts[is_old(branch, until)] for branch in past.branches},
        left_out=dict(_left_out(state, facts)),
    )


def _left_out(state: QueueState, facts: Facts) -> Iterator[tuple[tuple[BranchName, Oid], int]]:
    """Yield the items for which nothing speaks but a pick on the newer branch, and when that was made."""
    for queue in readable(state.branches.values(), closed_too=False):
        for item in queue.open:
            found = [facts.commits.get(each.commit) for each in item.nominations if each.commit is not None]
            moments = [commit.seconds for commit in found if commit is not None]
            if moments and kind_of(item.nominations) is Kind.NEWER_BRANCH:
                yield (queue.branch, item.commit), max(moments)


def _commits(state: QueueState) -> set[Oid]:
    return {item.commit for queue in readable(state.branches.values(), closed_too=False) for item in queue.open}


def _body_of(counts: Counts) -> Mapping[str, object]:
    return {
        "seen": {kind: list(row) for kind, row in counts.seen.items()},
        "taken": {kind: list(row) for kind, row in counts.taken.items()},
        "folds_after": counts.folds_after,
    }


def _counts_of(body: Mapping[str, Any]) -> Counts:
    return Counts(_rows(body["seen"]), _rows(body["taken"]), int(body["folds_after"]))


def _rows(kept: Mapping[str, Any]) -> Mapping[Kind, Sequence[int]]:
    return {Kind(kind): tuple(row) for kind, row in kept.items()}
