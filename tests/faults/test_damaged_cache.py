"""A cache that is damaged is rebuilt without a word: bits flipped anywhere, cut off, another file in its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backportq.git.cache import Cache

_VALUES = {f"k{number}": b"value " * 9 + str(number).encode() for number in range(300)}
_STEP = 1 if os.environ.get("BACKPORTQ_DEEP") else 397


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The database of a cache that holds `_VALUES`."""
    cache = Cache(tmp_path)
    cache.put_many("verdicts", _VALUES)
    cache.close()
    (path,) = (path for path in tmp_path.iterdir() if path.is_file())
    return path


def _use(path: Path, content: bytes) -> None:
    """Read and write a cache whose database is `content`: what it answers is right, or nothing."""
    for other in path.parent.iterdir():
        other.unlink()
    path.write_bytes(content)
    cache = Cache(path.parent)
    for _ in range(2):
        for key, value in cache.find_many("verdicts", ["k0", "k150", "k299", "new"]).items():
            assert value == {**_VALUES, "new": b"new"}[key]
        cache.put_many("verdicts", {"new": b"new"})
    cache.close()


def test_flipped_bit_anywhere_is_never_an_error(database: Path) -> None:
    good = database.read_bytes()
    for bit in range(0, len(good) * 8, _STEP):
        damaged = bytearray(good)
        damaged[bit // 8] ^= 1 << bit % 8
        _use(database, bytes(damaged))


@pytest.mark.parametrize("left", [0, 1, 15, 100, 4_095, 4_096, 10_000])
def test_database_that_is_cut_off_is_never_an_error(database: Path, left: int) -> None:
    _use(database, database.read_bytes()[:left])


@pytest.mark.parametrize("content", [b"\0" * 9_000, b"\xff" * 9_000, b"SQLite format 3\0" + b"\xfe" * 9_000, b"text\n"])
def test_other_file_in_its_place_is_never_an_error(database: Path, content: bytes) -> None:
    _use(database, content)
    _use(database, database.read_bytes())
    assert Cache(database.parent).find_many("verdicts", ["new"]) == {"new": b"new"}
