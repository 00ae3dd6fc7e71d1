"""An index that is damaged is made anew without a word, and says what it said before."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
from pathlib import Path

import pytest

from backportq.services.items.open_items import open_items
from backportq.services.queue_admin.init import InitRequest, initialise
from backportq.services.reports.landed import landed
from backportq.services.scan.scan import scan
from fixtures.build import build
from tests.services.queued import project_of

_FLIPS = 3_000 if os.environ.get("BACKPORTQ_DEEP") else 40


def _answers(path: Path) -> tuple[object, ...]:
    project = project_of(path)
    found = open_items(project)
    report = scan(project, dry_run=True)
    picks = [
        [(str(entry.commit), str(entry.upstream)) for entry in landed(project, branch.name).picks]
        for branch in found.branches
    ]
    return found.items, found.hidden, dict(found.landed), report.branches, tuple(report.warnings), picks


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, tuple[object, ...]]:
    """A project whose index is whole: where it is, the bytes of the index, and what the commands say."""
    path = tmp_path_factory.mktemp("indexed") / "demo"
    build("demo", path)
    project = project_of(path)
    initialise(project, InitRequest())
    scan(project)
    del project
    wanted = _answers(path)
    database = path / ".git/backportq/index-1.sqlite"
    copy = path.parent / "copy"  # with all that the log beside the file has
    with contextlib.closing(sqlite3.connect(database)) as source, contextlib.closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return path, copy.read_bytes(), wanted


def _replace(path: Path, content: bytes) -> None:
    for file in (path / ".git/backportq").glob("index-1.sqlite*"):
        file.unlink()
    (path / ".git/backportq/index-1.sqlite").write_bytes(content)


def test_flipped_bit_anywhere_is_never_an_error_nor_another_answer(
    indexed: tuple[Path, bytes, tuple[object, ...]],
) -> None:
    path, good, wanted = indexed
    chance = random.Random(_FLIPS)
    used = [at for at, byte in enumerate(good) if byte]  # much of a small file is room
    others = 0
    for at in chance.sample(used, _FLIPS):
        damaged = bytearray(good)
        damaged[at] ^= 1 << chance.randrange(8)
        _replace(path, bytes(damaged))
        others += _answers(path) != wanted
    assert others * 1_000 <= _FLIPS  # none; of thousands one may hit what a checksum of 32 bits misses


@pytest.mark.parametrize("content", [b"", b"text\n", b"SQLite format 3\0" + b"\xfe" * 9_000])
def test_other_file_in_its_place_changes_no_answer(
    indexed: tuple[Path, bytes, tuple[object, ...]], content: bytes
) -> None:
    path, _, wanted = indexed
    _replace(path, content)
    assert _answers(path) == wanted


@pytest.mark.parametrize("left", [100, 4_096, 20_000])
def test_index_that_is_cut_off_changes_no_answer(indexed: tuple[Path, bytes, tuple[object, ...]], left: int) -> None:
    path, good, wanted = indexed
    _replace(path, good[:left])
    assert _answers(path) == wanted


def test_what_a_killed_process_left_is_removed(indexed: tuple[Path, bytes, tuple[object, ...]]) -> None:
    path, _, wanted = indexed
    folder = path / ".git/backportq"
    old, new = folder / "completion.4711", folder / "verdicts.json.4712"
    for file in (old, new):
        file.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert _answers(path) == wanted
    assert [file.name for file in (old, new) if file.exists()] == [new.name]
