"""The index as a file: nothing that happens to it changes an answer."""

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
from pathlib import Path

import pytest

from backportq.git.cache import DATABASE
from backportq.git.repository import discover
from backportq.model.ids import Oid
from backportq.model.items.queue import QueueState
from backportq.services.history.gather import gather
from backportq.services.history.stored_facts import HistoryOfQueue, facts_of
from tests.driver import TestRepo
from tests.services.history.stories import Story, config_of, values_of


def test_index_answers_without_reading_the_history(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    Story(repo, 0).fix()
    state = QueueState(config_of("stable-1"))
    repository = discover(repo.path)
    facts_of(repository, state)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("git was asked again")

    monkeypatch.setattr("backportq.git.read.history.Reading.__init__", refuse)
    assert len(facts_of(repository, state).order) == 2


def _damage(database: Path, how: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint")  # into the file itself
    connection.close()
    content = database.read_bytes()
    if how == "garbage":
        database.write_bytes(b"no database" * 1_000)
    elif how == "cut":
        database.write_bytes(content[: len(content) // 2])
    elif how == "holes":
        database.write_bytes(content[:4_096] + b"\xff" * (len(content) - 4_096))
    elif how == "values":
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE entries SET body = '[0,{}]' WHERE section LIKE 'facts/%'")
        connection.close()
    else:
        with sqlite3.connect(database) as connection:
            connection.execute("DROP TABLE pieces")
        connection.close()


@pytest.mark.parametrize("how", ["garbage", "cut", "holes", "values", "table"])
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_damaged_index_is_found_out_anew(repo: TestRepo, how: str, when: str) -> None:
    story = Story(repo, 1)
    for _ in range(4):
        story.step()
    repository, config = discover(repo.path), config_of("stable-1", "stable-2")
    state = QueueState(config)
    oids = [Oid(oid) for oid in repo.git("rev-list", "--all").split()]
    fresh = values_of(gather(repository, config), oids)
    facts_of(repository, state)
    facts = facts_of(repository, state) if when == "meanwhile" else None
    _damage(repository.cache_dir / DATABASE, how)
    if facts is not None:
        assert values_of(facts, oids) == fresh
    for _ in range(3):
        assert values_of(facts_of(repository, state), oids) == fresh


def test_index_in_a_folder_that_cannot_be_written_is_kept_in_memory(repo: TestRepo) -> None:
    Story(repo, 2).step()
    repository, config = discover(repo.path), config_of("stable-1")
    (repo.path / ".git" / "backportq").write_text("in the way")
    found = facts_of(repository, QueueState(config))
    assert values_of(found, []) == values_of(gather(repository, config), [])


def test_index_that_goes_away_meanwhile_is_made_again(repo: TestRepo) -> None:
    Story(repo, 3).step()
    repository, state = discover(repo.path), QueueState(config_of("stable-1"))
    facts_of(repository, state)
    found = facts_of(repository, state)
    shutil.rmtree(repository.cache_dir)
    assert len(found.order) == len(facts_of(repository, state).order) > 0


def test_reader_sees_one_state_while_another_writes(repo: TestRepo) -> None:
    story = Story(repo, 4)
    repository, state = discover(repo.path), QueueState(config_of("stable-1"))
    facts_of(repository, state)
    before = facts_of(repository, state)
    count = len(before.branches[0].own)
    story.fix()
    story._pick()
    after = facts_of(repository, state)
    assert (len(after.order), len(before.order)) == (len(before.order) + 1, len(before.order))
    assert len(before.branches[0].own) == count


def _ask(path: Path, names: tuple[str, ...]) -> None:
    repository = discover(path)
    for _ in range(4):
        facts = HistoryOfQueue(repository, QueueState(config_of(*names))).facts
        assert [branch.branch.name for branch in facts.branches] == list(names)
        assert all(facts.is_upstream(oid) for oid in facts.order)
        assert facts.branches[0].base is not None
        assert facts.is_upstream(facts.branches[0].base)


def test_processes_that_look_at_different_branches_do_not_mix(repo: TestRepo) -> None:
    story = Story(repo, 5)
    for _ in range(6):
        story.step()
    context = multiprocessing.get_context("spawn")
    asked = [("stable-1",), ("stable-2",), ("stable-1", "stable-2")]
    workers = [context.Process(target=_ask, args=(repo.path, names)) for names in asked]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
