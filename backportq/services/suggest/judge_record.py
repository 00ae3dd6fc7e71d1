"""How often the person's judge was right before: what it said of candidates, beside what became of them since.

Its word weighs as much as this record warrants, see `backportq.model.likelihood.judgement`. The record is kept in the
cache, like the judge's answers; where it is lost, the judge counts half again. This module must not ask the judge.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backportq.git.cache import Cache
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import State
from backportq.model.likelihood.judgement import JudgedOutcome, Judgement, trust_in
from backportq.model.likelihood.past import DAY
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.suggest.suggest import Suggestion

_TABLE = "judge_record"
_MOST = 2_000
_LEFT_AFTER = 60 * DAY
"""What was not taken by then counts as left, as it does when trees are learned."""


@dataclass(frozen=True, slots=True)
class _Answer:
    branch: str
    commit: str
    likely: float
    judged: float
    moment: int


def remember(cache: Cache, command: str, said: Mapping[Suggestion, Judgement], now: datetime) -> None:
    """Add answers of the judge that is called by `command` to its record."""
    if not said:
        return
    moment = int(now.timestamp())
    new = [_Answer(row.branch, row.commit, row.likely, each.likely, moment) for row, each in said.items()]
    kept = [*_answers(cache, command), *new][-_MOST:]
    rows = [[each.branch, each.commit, each.likely, each.judged, each.moment] for each in kept]
    cache.put_many(_TABLE, {command: json.dumps(rows).encode("ascii")})


def trust_of(project: Project, cache: Cache, command: str) -> float:
    """Return how much the word of this judge weighs, 0 to 1, by what became of the candidates that it judged."""
    answers = list(_answers(cache, command))
    return trust_in(tuple(_outcomes(project, answers))) if answers else trust_in(())


def _outcomes(project: Project, answers: list[_Answer]) -> Iterator[JudgedOutcome]:
    state = project.store.snapshot().state
    facts = HistoryOfQueue(project.repository, state).facts
    now = project.clock().timestamp()
    declined = {
        (queue.branch, item.commit)
        for name in {BranchName(each.branch) for each in answers} & state.branches.keys()
        for queue in [state.queue_of(name)]
        for item in queue.closed
        if item.state is State.DECLINED
    }
    for each in answers:
        branch = facts.find_branch(BranchName(each.branch))
        if branch is None:
            continue
        is_taken = branch.contains(Oid(each.commit))
        if is_taken or (each.branch, each.commit) in declined or now - each.moment >= _LEFT_AFTER:
            yield JudgedOutcome(each.likely, each.judged, is_taken)


def _answers(cache: Cache, command: str) -> Iterator[_Answer]:
    raw = cache.find_many(_TABLE, [command]).get(command)
    try:
        rows: Any = json.loads(raw) if raw is not None else []
    except ValueError:
        return
    for branch, commit, likely, judged, moment in rows:
        yield _Answer(str(branch), str(commit), float(likely), float(judged), int(moment))
