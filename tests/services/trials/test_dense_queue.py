"""Dense queues: items that chain on few files are searched within bounds, and what is said of them stays true."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from backportq.git.repository import discover
from backportq.git.trials import Application, RememberedVerdict, TrialSession
from backportq.model.ids import Oid
from backportq.model.trials.verdict import Verdict
from backportq.services.trials import blockers
from backportq.services.trials.kept_queues import InOrder
from backportq.services.trials.queue_order import simulate
from tests.parity.histories import State, import_states

FILES, ROUNDS, LINES = 6, 12, 8


def _chain(path: Path) -> tuple[list[Oid], Oid]:
    """Return the commits of an upstream that changes neighbouring lines of a few files in turn, and where it began."""
    lines = {f"dir{number % 2}/file{number}": [f"line {at}\n" for at in range(LINES)] for number in range(FILES)}

    def state() -> State:
        return {name: ("100644", "".join(its).encode()) for name, its in lines.items()}

    states: list[tuple[State, tuple[int, ...]]] = [(state(), ())]
    for number in range(FILES * ROUNDS):
        name = sorted(lines)[number % FILES]
        lines[name][number * 5 // FILES % LINES] = f"changed by {number}\n"
        states.append((state(), (len(states) - 1,)))
    ids = [Oid(oid) for oid in import_states(path, states)]
    return ids[1:], ids[0]


def _applies_after(session: TrialSession, commit: Oid, onto: Oid, chosen: tuple[Oid, ...]) -> bool:
    at = onto
    for each in (*chosen, commit):
        outcome = session.apply([Application(each, at)], keep=True)[0]
        if not isinstance(outcome, RememberedVerdict) or outcome.tree is None:
            return False
        at = outcome.tree
    return True


@pytest.mark.parametrize("searches", [0, 10, 500])
def test_every_item_applies_after_its_blockers(searches: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blockers, "_SEARCHES", searches)
    queue, onto = _chain(tmp_path / "repo")
    repository = discover(tmp_path / "repo")
    found = simulate(repository, onto, queue)
    assert all(each.in_order is Verdict.CLEAN for each in found.values())
    blocked = {commit: each for commit, each in found.items() if each.blocked_by}
    assert len(blocked) > FILES * ROUNDS // 2
    assert sum(each.is_minimal for each in blocked.values()) >= min(searches, len(blocked))
    with TrialSession(repository) as session:
        for commit, each in blocked.items():
            assert _applies_after(session, commit, onto, each.blocked_by)
    assert simulate(repository, onto, queue) == found  # from the cache


def test_items_on_other_files_are_independent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blockers, "_SEARCHES", 0)
    queue, onto = _chain(tmp_path / "repo")
    found: dict[Oid, InOrder] = dict(simulate(discover(tmp_path / "repo"), onto, queue))
    for at, commit in enumerate(queue):
        assert {queue.index(other) % FILES for other in found[commit].blocked_by} <= {at % FILES}


def test_interrupted_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue, onto = _chain(tmp_path / "repo")
    repository = discover(tmp_path / "repo")
    monkeypatch.setattr("backportq.git.trials.session._TRIALS_BETWEEN_WRITES", 10)
    session = TrialSession(repository)
    session.apply([Application(commit, onto) for commit in queue])
    assert session._engine is not None
    session._engine.close()  # and nothing else, as after a kill
    with TrialSession(repository) as again:
        known = again._known([Application(commit, onto) for commit in queue], keep=False)
    assert len(known) >= len(queue) - 10


def test_dense_queue_ends_soon(tmp_path: Path) -> None:
    queue, onto = _chain(tmp_path / "repo")
    begin = time.monotonic()
    simulate(discover(tmp_path / "repo"), onto, queue)
    assert time.monotonic() - begin < 60
