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

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.queue import QueueState
from backportq.model.likelihood.counts import Counts, Kind
from backportq.model.likelihood.outlook import LearnedLikelihood, Outlook, kind_of
from backportq.services.branches import find_in, readable
from backportq.services.history.record_sets import RecordSet
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.suggest.ranking import Ranking, read_ranking

if TYPE_CHECKING:
    from backportq.model.likelihood.past import Past
    from backportq.services.history.facts import Facts

_SECTION = "outlook"
_KEY = "outlook-key"
_PLACES = (6, "outlook-places")
_PLACE_BYTES = 4


def read_outlook(
    project: Project,
    state: QueueState,
    history: HistoryOfQueue | None = None,
    *,
    only: Collection[Oid] | None = None,
) -> Outlook:
    """Return the outlook of every open item of `state`, or `only` of those of these commits; the history is read only
    where something moved, and not at all if that was done already."""
    history = HistoryOfQueue(project.repository, state) if history is None else history
    return _with_ranking(_read_counts(history, state, only), read_ranking(project, history), state)


def _with_ranking(outlook: Outlook, ranking: Ranking, state: QueueState) -> Outlook:
    learned = {
        (name, row.commit): LearnedLikelihood(row.likely, row.reasons)
        for name in state.branches
        for row in ranking.rows(name)
    }
    return replace(outlook, learned=learned, problem=ranking.problem)


def _read_counts(history: HistoryOfQueue, state: QueueState, only: Collection[Oid] | None) -> Outlook:
    index, facts = history.index, history.facts
    every_place = RecordSet(index, *_PLACES)

    def find_out() -> dict[str, Any]:
        from backportq.services.suggest.past import past_of

        past = past_of(facts)
        body = _body_of_all(past, state, facts)
        with index.keeping():
            index.put_meta(_KEY, history.key)
            index.put_entries(_SECTION, [("", body)])
            every_place.fill(_place_record(oid, place) for oid, place in past.places())
        return body

    kept = index.find_entry(_SECTION, "") if index.find_meta(_KEY) == history.key else None
    if kept is None:
        kept = find_out()
    else:
        index.restore_by(find_out)
    places = {Oid(oid): int(place) for oid, place in kept["places"].items() if place is not None}
    # Items that came since say nothing of the past, and the place of every commit is known.
    wanted = _commits(state) if only is None else set(only)
    new = [bytes.fromhex(oid) for oid in wanted - kept["places"].keys()]
    found = every_place.with_prefixes(new) if new else {}
    places |= {Oid(oid.hex()): int.from_bytes(at[0][len(oid) :], "big") for oid, at in found.items() if at}
    known = {(BranchName(name), Oid(oid)): moment for name, oid, moment in kept["left_out"]}
    return Outlook(
        places,
        {BranchName(name): taken for name, taken in kept["taken"].items()},
        {BranchName(name): _counts_of(body) for name, body in kept["counts"].items()},
        left_out=_left_out(facts, _open_items(state, only), known),
    )


def _body_of_all(past: Past, state: QueueState, facts: Facts) -> dict[str, Any]:
    """Return what is kept of the past; the places are those of the items that are open now, which need not be looked
    up."""
    from backportq.services.suggest.candidates import count_past, is_old, last_moment

    until = last_moment(past)
    ages = {branch.name: is_old(branch, until) for branch in past.branches}
    counts = {old: _body_of(count_past(past, until, old=old)) for old in set(ages.values())}
    return {
        "places": {oid: past.place_of(oid) for oid in sorted(_commits(state))},
        "taken": {branch.name: sorted(taking.place for taking in branch.takings) for branch in past.branches},
        "counts": {name: counts[old] for name, old in ages.items()},
        "left_out": [[*key, moment] for key, moment in _left_out(facts, _open_items(state), {}).items()],
    }


def _place_record(oid: Oid, place: int) -> bytes:
    return bytes.fromhex(oid) + place.to_bytes(_PLACE_BYTES, "big")


def _left_out(
    facts: Facts, items: Iterable[tuple[BranchName, Item]], known: Mapping[tuple[BranchName, Oid], int]
) -> dict[tuple[BranchName, Oid], int]:
    """Return the items for which nothing speaks but a pick on the newer branch, and when that was made, as far as it is
    not `known`."""
    picks: dict[tuple[BranchName, Oid], list[Oid]] = {}
    found: dict[tuple[BranchName, Oid], int] = {}
    for branch, item in items:
        key = (branch, item.commit)
        if kind_of(item.nominations) is not Kind.NEWER_BRANCH:
            continue
        if key in known:
            found[key] = known[key]
        else:
            picks[key] = [each.commit for each in item.nominations if each.commit is not None]
    facts.load(chain.from_iterable(picks.values()))
    for key, commits in picks.items():
        moments = [facts.commits[oid].seconds for oid in commits if oid in facts.commits]
        if moments:
            found[key] = max(moments)
    return found


def _commits(state: QueueState) -> set[Oid]:
    return {item.commit for _, item in _open_items(state)}


def _open_items(state: QueueState, only: Collection[Oid] | None = None) -> Iterator[tuple[BranchName, Item]]:
    if only is None:
        queues = readable(state.branches.values(), closed_too=False)
        yield from ((queue.branch, item) for queue in queues for item in queue.open)
        return
    for commit in only:  # files that do not name a commit are not parsed
        found = find_in(state.branches.values(), commit)
        yield from ((branch, item) for branch, item in found.items() if item.state.is_open)


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
