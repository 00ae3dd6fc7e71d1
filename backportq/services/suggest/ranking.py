"""What learned weights say of everything that the branches could take now, kept in the index for the tips.

    ranking = read_ranking(project, history)
    ranking.is_learned      # whether there are weights, they are for this project and program, and they beat the rules
    ranking.problem         # why not, in words; None where nothing was ever learned
    ranking.rows(branch)    # what could be taken, the likeliest first

`pending` and all that orders items, and `suggest`, ask here, so that they cannot disagree. This module must not learn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backportq.errors import QueueFileError
from backportq.model.ids import BranchName, Oid
from backportq.model.likelihood.learned import LearnedModel
from backportq.model.stored_values import decoder
from backportq.queue.codec.learned import MAX_BYTES, read_learned
from backportq.queue.codec.paths import LEARNED_FILE
from backportq.services.history.index import Index
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project

if TYPE_CHECKING:  # not loaded where the ranking is kept
    from backportq.services.suggest.features import Features

_SECTION = "ranking"
_KEY = "ranking-key"
_TOP = 150
"""So many of what no rule names are kept for each branch; those that rules name are kept all."""


@dataclass(frozen=True, slots=True)
class RankedCommit:
    """A commit that a branch could take: the chance, 0 to 1, the reasons in words, and whether a rule names it."""

    commit: Oid
    likely: float
    reasons: tuple[str, ...]
    is_named: bool


class Ranking:
    """The ranking for one state of the branches, read from the index branch by branch."""

    def __init__(self, index: Index, *, is_learned: bool, problem: str | None) -> None:
        self._index = index
        self.is_learned, self.problem = is_learned, problem

    def rows(self, branch: BranchName) -> Sequence[RankedCommit]:
        """Return what this branch could take, the likeliest first; nothing where nothing is learned."""
        kept = self._index.find_entry(_SECTION, f"branch/{branch}") if self.is_learned else None
        return decoder(tuple[RankedCommit, ...])(kept) if kept is not None else ()


def read_ranking(project: Project, history: HistoryOfQueue, features: Features | None = None) -> Ranking:
    """Return the ranking, made anew only where the branches moved or something else was learned.

    Whoever has the `features` of now at hand, as learning does, saves that they are gathered again.
    """
    found = find_ranking(project, history)
    if found is not None:
        return found
    oid = _learned_blob(project)
    model, problem = (None, None) if oid is None else _usable(project, history, oid)
    rows = {} if model is None else dict(_rank(features or _features_now(history), model))
    index = history.index
    with index.keeping():
        index.clear_section(_SECTION)
        index.put_meta(_KEY, _key_of(history, oid))
        kept = {"is_learned": model is not None, "problem": problem}
        index.put_entries(_SECTION, [("", kept), *((f"branch/{name}", each) for name, each in rows.items())])
    index.file.look_again()
    return Ranking(index, is_learned=model is not None, problem=problem)


def find_ranking(project: Project, history: HistoryOfQueue) -> Ranking | None:
    """Return the ranking if it was made for these tips already; None if that is still to be done."""
    index, oid = history.index, _learned_blob(project)
    if oid is None:
        return Ranking(index, is_learned=False, problem=None)
    kept = index.find_entry(_SECTION, "") if index.find_meta(_KEY) == _key_of(history, oid) else None
    return None if kept is None else Ranking(index, is_learned=kept["is_learned"], problem=kept["problem"])


def _learned_blob(project: Project) -> Oid | None:
    found = project.store.snapshot().files.find(LEARNED_FILE)
    return None if found is None or not found.is_file else found.oid


def _key_of(history: HistoryOfQueue, oid: Oid | None) -> str:
    return hashlib.sha256(f"{history.key} {oid}".encode("ascii")).hexdigest()


def _usable(project: Project, history: HistoryOfQueue, oid: Oid) -> tuple[LearnedModel | None, str | None]:
    from backportq.services.suggest.features import FEATURES, VERSION

    lookup = project.store.repository.reader
    if (lookup.size_of(oid) or 0) > MAX_BYTES:
        return None, f"{LEARNED_FILE} has more than {MAX_BYTES >> 20} MiB"
    try:
        model = read_learned(lookup.bytes_of(oid))
    except QueueFileError as error:
        return None, error.message
    if model.version != VERSION or model.features != FEATURES:
        return None, f"{LEARNED_FILE} was written by another version of backportq"
    if not history.facts.is_upstream(model.upstream):
        return None, f"{LEARNED_FILE} was learned from another project: upstream lacks '{model.upstream}'"
    if model.proof is None:
        return None, "what was learned could not be proved: the past is too short for a backtest"
    if not model.proof.is_passed:
        proof = model.proof
        return None, (
            f"what was learned does no better than the rules (average precision {proof.model.average_precision:.2f}, "
            f"rules {proof.rules.average_precision:.2f})"
        )
    return model, None


def _features_now(history: HistoryOfQueue) -> Features:
    """Return the features of everything as the branches are now."""
    from backportq.services.suggest.candidates import last_moment
    from backportq.services.suggest.code_changes import traits_of_past
    from backportq.services.suggest.features import Features
    from backportq.services.suggest.past import past_of
    from backportq.services.suggest.replay import Replay

    past = past_of(history.facts)
    traits, describe = traits_of_past(history.repository, history.index, past)
    replay = Replay(past, traits)
    replay.advance(last_moment(past) + 1)
    return Features(replay, describe)


def _rank(features: Features, model: LearnedModel) -> Iterator[tuple[BranchName, tuple[RankedCommit, ...]]]:
    """Yield what each branch could take, ranked."""
    from backportq.services.suggest.reasons import Case, reasons_of

    replay = features.replay
    features.weigh(model.words)
    for branch in replay.live:
        rows = [(change, features.row(change, branch)) for change in replay.open(branch)]
        judged = [(model.trees.likely(row), change, row) for change, row in rows]
        judged.sort(key=lambda each: (-each[0], each[1].place))
        unnamed = 0
        ranked: list[RankedCommit] = []
        for likely, change, row in judged:
            is_named = branch.watch.kind(change) is not None
            unnamed += not is_named
            if not is_named and unnamed > _TOP:
                continue
            case = Case(change, replay.traits[change.place], features.describe(change.place), row)
            ranked.append(RankedCommit(change.commit.oid, round(likely, 3), reasons_of(model, case), is_named))
        yield replay.past.branches[branch.index].name, tuple(ranked)
