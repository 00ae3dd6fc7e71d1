"""`suggest --learn`: learn from the past, prove it on the last year, and write it to the queue branch.

One person or a scheduled job learns, and everybody's clone ranks. What does not beat the rules is written all the same,
with its figures, so that nobody wonders; it is not used. This module must not rank.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from backportq.errors import UsageError
from backportq.git.read.queue_files import StoredFiles
from backportq.model.items.item import State
from backportq.model.items.queue import QueueState
from backportq.model.likelihood.learned import LearnedModel, Proof, Score
from backportq.model.likelihood.measures import Measures
from backportq.model.likelihood.past import DAY, Past
from backportq.queue.codec.learned import write_learned
from backportq.queue.codec.paths import LEARNED_FILE
from backportq.services.branches import readable
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.suggest.backtest import Backtest, replay
from backportq.services.suggest.boosting import require_learning
from backportq.services.suggest.candidates import last_moment
from backportq.services.suggest.code_changes import traits_of_past
from backportq.services.suggest.features import FEATURES, VERSION
from backportq.services.suggest.learn import Teacher
from backportq.services.suggest.past import past_of
from backportq.services.suggest.ranking import read_ranking

_PROVED_ON = 365 * DAY
"""So long a past is judged by what was learned before it, once; `backtest` learns anew every half year, and takes
longer."""

_TOP, _DEPTH = 10, 25


def learn_and_keep(project: Project, *, threads: int) -> LearnedModel:
    """Learn with so many threads, write the file, and return what was learned.

    Raise `UsageError` where LightGBM is missing, or nothing was taken yet.
    """
    require_learning()
    state = project.store.snapshot().state
    history = HistoryOfQueue(project.repository, state)
    past = past_of(history.facts)
    traits, descriptions = traits_of_past(project.repository, history.index, past)
    until = last_moment(past) + 1
    teacher = Teacher(past, traits, descriptions, until=until, refused=refused_pairs(past, state), threads=threads)
    try:
        proof = _proof_of(replay(past, until - _PROVED_ON, until, teacher, anew=_PROVED_ON))
    except UsageError:  # nothing landed in that year
        proof = None
    teacher.go_on(until)
    booster = teacher.learn(until)
    if booster is None:
        raise UsageError(
            "there is too little to learn from: too few picks on the branches of the queue",
            hints=("backportq init --branch NAME adds older branches",),
        )
    made = LearnedModel(
        VERSION,
        FEATURES,
        history.tip,
        datetime.fromtimestamp(until - 1, UTC).date(),
        tuple(branch.name for branch in past.branches),
        teacher.sample_count,
        teacher.words_at(until),
        booster.trees(),
        proof,
    )
    _write(project, made)
    read_ranking(project, history, teacher.features)  # kept: the next list need not gather all of this again
    return made


def refused_pairs(past: Past, state: QueueState) -> frozenset[tuple[int, int]]:
    """Return what people declined, each as the index of the branch and the place of the change."""
    indices = {branch.name: index for index, branch in enumerate(past.branches)}
    return frozenset(
        (indices[queue.branch], place)
        for queue in readable(state.branches.values())
        if queue.branch in indices
        for item in queue.closed
        if item.state is State.DECLINED and (place := past.place_of(item.commit)) is not None
    )


def _proof_of(found: Backtest) -> Proof | None:
    model = found.lists.get("model")
    if model is None:
        return None
    return Proof(found.begin, found.end, found.landed, found.ceiling, _score_of(model), _score_of(found.lists["rules"]))


def _score_of(measures: Measures) -> Score:
    return Score(
        measures.average_precision,
        measures.recall_at_precision,
        measures.weekly_top[_TOP],
        measures.before_session[_DEPTH],
    )


def _write(project: Project, made: LearnedModel) -> None:
    content = write_learned(made)

    def make(_: StoredFiles) -> Mapping[str, bytes | None]:
        return {LEARNED_FILE: content}

    project.store.replace_files(
        make,
        command="suggest",
        summary="learn what the project takes",
        actor=project.actor(),
        at=project.clock(),
    )
