"""The index while it is written: a kill at each step, and several writers at the same moment."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from backportq.git.index_file import IndexFile
from backportq.git.repository import Repository, discover
from backportq.model.ids import Oid
from backportq.model.items.queue import QueueState
from backportq.services.history.gather import gather
from backportq.services.history.stored_facts import facts_of
from tests.driver import TestRepo
from tests.services.history.stories import Story, config_of, values_of

_CONFIG = config_of("stable-1", "stable-2")


def _in_child(act: Callable[[], None]) -> Callable[[], int]:
    """Start a process that acts; return what waits for its end and tells by which signal it came."""
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:  # noqa: BLE001 - whatever it is must not go on as a second test run
            os._exit(1)
        os._exit(0)
    return lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _killed_at(path: Path, step: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Bring the index up to date in a process that is killed before the so many-th statement; return how it ended."""

    def act() -> None:
        left = [step]

        def count() -> bool:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return True

        put, put_many = IndexFile.put, IndexFile.put_many
        monkeypatch.setattr(IndexFile, "put", lambda *words: (count(), put(*words))[1])
        monkeypatch.setattr(IndexFile, "put_many", lambda *words: (count(), put_many(*words))[1])
        facts_of(discover(path), QueueState(_CONFIG))  # of its own: processes of git are not for two

    return _in_child(act)()


def _moved(repo: TestRepo) -> Repository:
    """Return a repository whose index is behind: upstream and a stable branch moved on by what can be added."""
    story = Story(repo, 7)
    story.fix()
    repository = discover(repo.path)
    facts_of(repository, QueueState(_CONFIG))
    for _ in range(2):
        story.plain()
    story.pick()
    return repository


@pytest.mark.parametrize("how", ["added to", "made"])
def test_kill_at_any_statement_changes_no_answer(repo: TestRepo, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = _moved(repo)
    oids = [Oid(oid) for oid in repo.git("rev-list", "--all").split()]
    fresh = values_of(gather(repository, _CONFIG), oids)
    if how == "made":
        shutil.rmtree(repository.cache_dir)
    ends = [_killed_at(repo.path, step, monkeypatch) for step in range(0, 40, 4)]
    assert ends[0] == -signal.SIGKILL
    for _ in range(2):
        assert values_of(facts_of(repository, QueueState(_CONFIG)), oids) == fresh


def test_writers_at_the_same_moment_add_what_is_new_once(repo: TestRepo) -> None:
    repository = _moved(repo)
    oids = [Oid(oid) for oid in repo.git("rev-list", "--all").split()]
    fresh = values_of(gather(repository, _CONFIG), oids)
    gate = Path(repo.path, "gate")

    def act() -> None:
        while not gate.exists():
            pass
        assert values_of(facts_of(discover(repo.path), QueueState(_CONFIG)), oids) == fresh

    ends = [_in_child(act) for _ in range(4)]
    gate.touch()
    assert [end() for end in ends] == [0, 0, 0, 0]
    assert values_of(facts_of(repository, QueueState(_CONFIG)), oids) == fresh
