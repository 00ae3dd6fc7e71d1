"""Sets of records: they hold what was put there and nothing else, and no flipped bit is taken for a record."""

from __future__ import annotations

import random
import sqlite3

import pytest

from backportq.git.cache import DATABASE
from backportq.git.index_file import IndexDamagedError
from backportq.git.repository import discover
from backportq.services.history.index import Index
from backportq.services.history.record_sets import RecordSet
from tests.driver import TestRepo

_SIZE = 24


def _records(chance: random.Random, count: int) -> list[bytes]:
    # Half of them crowd in one place, where many share the bits by which a piece is chosen.
    return [chance.randbytes(_SIZE) if at % 2 else b"\xab\xcd" + chance.randbytes(_SIZE - 2) for at in range(count)]


def _filled(repo: TestRepo, records: list[bytes]) -> Index:
    index = Index(discover(repo.path))
    with index.file.writing():
        RecordSet(index, 1, "other").fill([b"other"])
        RecordSet(index, 0, "test").fill(records)
    index.file.look_again()
    return index


@pytest.mark.parametrize("count", [0, 1, 60, 3_000])
def test_set_holds_what_was_put_there(repo: TestRepo, count: int) -> None:
    chance = random.Random(count)
    records = _records(chance, count)
    index = _filled(repo, records)
    more = _records(chance, 5)
    for _ in range(2):
        found = RecordSet(index, 0, "test")
        assert (len(found), found.all()) == (len(records), sorted(records))
        for wanted in (*records[:20], *records[-20:], *more, chance.randbytes(_SIZE)):
            assert found.starting_with(wanted) == [wanted] * (wanted in records)
        crowd = records[0][:4] if records else b"none"
        assert found.starting_with(crowd) == sorted(each for each in records if each.startswith(crowd))
        with index.file.writing():
            RecordSet(index, 0, "test").add(more)
        index.file.look_again()
        records, more = [*records, *more], []
    assert RecordSet(index, 1, "other").all() == [b"other"]


def test_filling_again_leaves_nothing_of_before(repo: TestRepo) -> None:
    records = _records(random.Random(2), 2_000)
    index = _filled(repo, records)
    with index.file.writing():
        RecordSet(index, 0, "test").fill(records[:3])
    index.file.look_again()
    assert RecordSet(index, 0, "test").all() == sorted(records[:3])
    assert RecordSet(index, 0, "test").starting_with(records[5]) == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE pieces SET body = zeroblob(length(body)) WHERE id = 1",
        "UPDATE pieces SET body = substr(body, 1, length(body) - 24) WHERE id = 1",
        "UPDATE pieces SET body = 'text' WHERE id = 1",
        "DELETE FROM pieces WHERE id = 1",
        "UPDATE pieces SET id = 70 WHERE id = 1",
        "DELETE FROM meta WHERE name = 'records/test'",
        "UPDATE meta SET value = '[5, 24, 2000]' WHERE name = 'records/test'",
    ],
)
def test_damaged_piece_is_noticed(repo: TestRepo, damage: str) -> None:
    index = _filled(repo, _records(random.Random(3), 2_000))
    with sqlite3.connect(discover(repo.path).cache_dir / DATABASE) as connection:
        assert connection.execute(damage).rowcount == 1
    connection.close()
    index.file.look_again()
    with pytest.raises(IndexDamagedError):
        RecordSet(index, 0, "test").starting_with((1 << 26).to_bytes(4, "big"))


def test_damaged_piece_is_filled_again_where_somebody_can(repo: TestRepo) -> None:
    records = _records(random.Random(4), 2_000)
    index = _filled(repo, records)
    found = RecordSet(index, 0, "test")
    assert found.starting_with(records[0]) == [records[0]]
    with sqlite3.connect(discover(repo.path).cache_dir / DATABASE) as connection:
        connection.execute("UPDATE pieces SET checksum = checksum + 1")
    connection.close()
    index.file.look_again()

    def fill() -> None:
        with index.file.writing():
            RecordSet(index, 0, "test").fill(records[:7])  # under another layout

    index.restore_by(fill)
    assert found.starting_with(records[1]) == [records[1]]
    assert found.all() == sorted(records[:7])
