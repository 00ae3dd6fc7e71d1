"""Random edits over few different lines: every verdict and tree equal to git's, alone and in order.

`BACKPORTQ_PARITY_HISTORIES` sets how many histories of 40 picks are compared; `make parity` compares many.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from backportq.git.repository import discover
from backportq.git.trials import Application, Outcome, RememberedVerdict, TrialSession
from backportq.model.ids import Oid
from backportq.model.trials.verdict import Verdict
from backportq.services.trials.queue_order import simulate
from tests.parity.histories import History, make_criss_cross, make_history
from tests.parity.oracle import Oracle, Picked

HISTORIES = int(os.environ.get("BACKPORTQ_PARITY_HISTORIES", "12"))


def _object_format(seed: int) -> str:
    return "sha1" if seed % 10 else "sha256"


def _as_picked(outcome: Outcome) -> Picked:
    return Picked("failed", None) if isinstance(outcome, str) else Picked(str(outcome.verdict), outcome.tree)


# 192, 3007 and 3048: git calls a merge clean and leaves markers in it, which name the sides.
@pytest.mark.parametrize("seed", sorted({*range(HISTORIES), 192}))
def test_trials_of_a_random_history_are_what_cherry_pick_gives(seed: int, tmp_path: Path) -> None:
    history = make_history(tmp_path / "repo", seed, object_format=_object_format(seed))
    pairs = [(commit, onto) for commit in history.upstream for onto in history.tips]
    with TrialSession(discover(history.path)) as session:
        found = session.apply([Application(Oid(commit), Oid(onto)) for commit, onto in pairs])
    oracle = Oracle(history.path, tmp_path / "oracle")
    wanted = [oracle.pick(*pair) for pair in pairs]
    assert [_as_picked(each) for each in found] == [Picked(each.verdict, each.tree) for each in wanted]
    for each, real in zip(found, wanted, strict=True):
        if isinstance(each, RememberedVerdict) and not each.is_whole:
            assert {conflict.path for conflict in each.conflicts} == real.unmerged


@pytest.mark.parametrize("seed", sorted({*range(3000, 3000 + max(HISTORIES // 4, 1)), 3007, 3048}))
def test_merges_of_a_criss_cross_are_what_cherry_pick_gives(seed: int, tmp_path: Path) -> None:
    history = make_criss_cross(tmp_path / "repo", seed, object_format=_object_format(seed))
    asked = [
        Application(Oid(merge), Oid(onto), mainline)
        for merge in history.merges
        for onto in history.tips
        for mainline in (1, 2)
    ]
    with TrialSession(discover(history.path)) as session:
        found = session.apply(asked)
    oracle = Oracle(history.path, tmp_path / "oracle")
    wanted = [oracle.pick(each.commit, each.onto, mainline=each.mainline) for each in asked]
    assert [_as_picked(each) for each in found] == [Picked(each.verdict, each.tree) for each in wanted]


@pytest.mark.parametrize("seed", range(1000, 1000 + max(HISTORIES // 2, 1)))
def test_queue_in_order_is_what_cherry_picking_one_after_the_other_gives(seed: int, tmp_path: Path) -> None:
    history = make_history(tmp_path / "repo", seed, upstream=14, tips=2)
    for onto in history.tips:
        found = simulate(discover(history.path), Oid(onto), [Oid(commit) for commit in history.upstream])
        verdicts = {commit: str(each.in_order or "failed") for commit, each in found.items()}
        assert verdicts == _one_by_one(history, onto, tmp_path)
        _check_blockers(history, onto, tmp_path, {commit: each.blocked_by for commit, each in found.items()})
        again = simulate(discover(history.path), Oid(onto), [Oid(commit) for commit in history.upstream])
        assert again == found


@pytest.mark.parametrize("seed", range(2000, 2000 + max(HISTORIES // 4, 1)))
def test_queue_that_grew_and_shrank_is_what_it_would_be_from_nothing(seed: int, tmp_path: Path) -> None:
    """What is remembered of other queues must not show: the same answers with the cache of others, and without any."""
    history = make_history(tmp_path / "repo", seed, upstream=12, tips=1)
    queue = [Oid(commit) for commit in history.upstream]
    onto = Oid(history.tips[0])
    for part in (queue[:7], queue[3:], queue[::2], queue[:11]):
        simulate(discover(history.path), onto, part)
    found = simulate(discover(history.path), onto, queue)
    shutil.rmtree(history.path / "backportq")
    assert simulate(discover(history.path), onto, queue) == found


def _one_by_one(history: History, onto: str, tmp_path: Path) -> dict[str, str]:
    oracle = Oracle(history.path, tmp_path / "in-order")
    verdicts = {}
    at = onto
    for commit in history.upstream:
        picked = oracle.pick(commit, at)
        verdicts[commit] = picked.verdict
        if picked.verdict == "clean":
            at = oracle.head_after_pick(commit, at)
    oracle.close()
    return verdicts


def _check_blockers(history: History, onto: str, tmp_path: Path, blocked_by: dict[Oid, tuple[Oid, ...]]) -> None:
    """After its blockers an item applies, and after all but one of them it doesn't: with real cherry-picks."""
    oracle = Oracle(history.path, tmp_path / "blockers")
    for commit, blockers in blocked_by.items():
        if blockers:
            assert oracle.applies_after(commit, onto, blockers)
            for left_out in blockers:
                assert not oracle.applies_after(commit, onto, [other for other in blockers if other != left_out])
    oracle.close()


def test_verdict_words_are_those_of_the_oracle() -> None:
    assert {str(verdict) for verdict in Verdict} == {"clean", "conflict", "empty"}
