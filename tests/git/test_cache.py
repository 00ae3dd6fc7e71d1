"""The cache: what is kept comes back, damage is rebuilt silently, and nothing needs it."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from pathlib import Path

import pytest

from backportq.git.cache import DATABASE, Cache, remove_leftovers
from tests.driver import TestRepo


def _keep_many(folder: str, start: int) -> None:
    cache = Cache(Path(folder))
    for number in range(start, start + 50):
        cache.put_many("numbers", {str(number): b"%d" % number})
    cache.close()


def test_table_gives_what_it_has_and_nothing_else(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert cache.find_many("numbers", ["1"]) == {}
    cache.put_many("numbers", {str(number): b"%d" % number for number in range(1_200)})
    cache.put_many("numbers", {"1": b"one"})
    wanted = [str(number) for number in range(1_000, 1_400)] + ["1", "1"]
    found = Cache(tmp_path / "cache").find_many("numbers", wanted)
    assert found == {str(number): b"%d" % number for number in range(1_000, 1_200)} | {"1": b"one"}
    assert cache.find_many("others", ["1"]) == {}


@pytest.mark.parametrize("damage", ["garbage", "truncated", "other-table", "wrong-value"])
def test_table_that_is_damaged_is_rebuilt_silently(tmp_path: Path, damage: str) -> None:
    cache = Cache(tmp_path)
    cache.put_many("numbers", {str(number): b"%d" % number * 100 for number in range(500)})
    cache.close()
    file = tmp_path / DATABASE
    if damage == "garbage":
        file.write_bytes(b"this is no database" * 1_000)
    elif damage == "truncated":
        file.write_bytes(file.read_bytes()[:5_000])
    else:
        with sqlite3.connect(file) as database:
            if damage == "other-table":
                database.execute("DROP TABLE numbers")
                database.execute("CREATE TABLE numbers (other TEXT)")
            else:
                database.execute("UPDATE numbers SET value = x'00'")
        database.close()
    cache = Cache(tmp_path)
    assert cache.find_many("numbers", ["7"]) in ({}, {"7": b"7" * 100})
    cache.put_many("numbers", {"7": b"seven"})
    cache.put_many("numbers", {"7": b"seven"})
    assert Cache(tmp_path).find_many("numbers", ["7"]) == {"7": b"seven"}


def test_cache_that_cannot_be_written_is_as_good_as_empty(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file")
    cache.put_many("numbers", {"1": b"one"})
    assert cache.find_many("numbers", ["1"]) == {}


def test_cache_written_by_several_processes_at_once_keeps_everything(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_keep_many, args=(str(tmp_path), start)) for start in (0, 50, 100)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    cache = Cache(tmp_path)
    assert cache.find_many("numbers", map(str, range(150))) == {str(number): b"%d" % number for number in range(150)}
    assert sorted(file.name for file in tmp_path.iterdir()) == [DATABASE]


def test_cache_is_shared_by_all_worktrees(repo: TestRepo, tmp_path: Path) -> None:
    from backportq.git.repository import discover

    repo.commit("one")
    repo.git("worktree", "add", "-q", str(tmp_path / "tree"))
    Cache.open(discover(tmp_path / "tree")).put_many("numbers", {"1": b"one"})
    assert Cache.open(discover(repo.path)).find_many("numbers", ["1"]) == {"1": b"one"}
    assert repo.git("status", "--porcelain") == ""


def test_leftovers_of_killed_processes_are_removed_a_minute_later(tmp_path: Path) -> None:
    old, young, other = (tmp_path / f"completion-1.tsv{ending}" for ending in (".77", ".78", ""))
    for path in (old, young, other):
        path.touch()
    for path in (old, other):
        os.utime(path, (1, 1))
    remove_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == [other, young]
    remove_leftovers(tmp_path / "absent")
