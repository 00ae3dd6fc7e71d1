"""A queue that lost an item or got one: what is taken over is what applying all of it again gives."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from backportq.git.repository import discover
from backportq.git.trials import TrialSession
from backportq.model.ids import Oid
from backportq.services.trials import queue_order
from backportq.services.trials.kept_queues import Footprints, InOrder
from backportq.services.trials.queue_changes import answer_again
from tests.parity.histories import State, import_states

FILES, LINES, ITEMS = 9, 6, 26


def _entry(lines: list[str]) -> tuple[str, bytes]:
    return ("100644", "".join(lines).encode())


def _history(path: Path, seed: int) -> tuple[tuple[Oid, ...], Oid]:
    """Return commits on top of a base, and a branch of it on which a file has another name and two differ."""
    random = Random(seed)
    lines = {
        f"dir{number % 3}/file{number}": [f"{number} line {at}\n" for at in range(LINES)] for number in range(FILES)
    }
    base: State = {name: _entry(its) for name, its in lines.items()}
    branch = dict(base)
    branch["dir0/older name"] = branch.pop("dir0/file0")
    for name in ("dir1/file1", "dir2/file2"):
        branch[name] = _entry([f"of the branch {at}\n" if at == 3 else line for at, line in enumerate(lines[name])])
    states: list[tuple[State, tuple[int, ...]]] = [(base, ()), (branch, (0,))]
    parent = 0
    for number in range(ITEMS):
        name = random.choice(sorted(lines))
        change = random.random()
        if change < 0.05:
            lines[f"dir1/new{number}"] = [f"new {at}\n" for at in range(LINES)]
        elif change < 0.08:
            lines[f"dir2/moved{number}"] = lines.pop(name)
        else:
            lines[name][random.randrange(LINES)] = f"changed by {number}\n"
        if change > 0.8:
            lines[random.choice(sorted(lines))][0] = f"changed by {number}, too\n"
        states.append(({name: _entry(its) for name, its in lines.items()}, (parent,)))
        parent = len(states) - 1
    ids = [Oid(oid) for oid in import_states(path, states)]
    return tuple(ids[2:]), ids[1]


@pytest.mark.parametrize("seed", range(3))
def test_changed_queue_gives_what_it_gives_from_nothing(seed: int, tmp_path: Path) -> None:
    queue, onto = _history(tmp_path / "repo", seed)
    answered = 0
    with TrialSession(discover(tmp_path / "repo")) as session:
        trials = dict(zip(queue, session.run([(commit, onto) for commit in queue]), strict=True))

        def run(part: tuple[Oid, ...]) -> tuple[dict[Oid, InOrder], Footprints]:
            return queue_order._run(session, onto, part, trials)

        answers, footprints = run(queue)
        for gone in queue:
            part = tuple(commit for commit in queue if commit != gone)
            fewer, its_footprints = run(part)
            without = answer_again(session, onto, part, trials, footprints, answers)
            again = answer_again(session, onto, queue, trials, its_footprints, fewer)
            assert without in (None, (fewer, its_footprints))
            assert again in (None, (answers, footprints))
            answered += (without is not None) + (again is not None)
    assert answered > ITEMS // 2  # of four times as many
    assert any(answer.blocked_by for answer in answers.values())
    assert any(its.is_whole for its in footprints.values())
    assert len({answer.in_order for answer in answers.values()}) > 1
