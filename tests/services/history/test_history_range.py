"""The range in which branches differ: read in one go or by asking git first, it is what git says, in git's order."""

from __future__ import annotations

import random

import pytest

from backportq.git.cache import Cache
from backportq.git.read.history import start_walk
from backportq.git.refs import read_refs
from backportq.git.repository import Repository, discover
from backportq.model.config import Config, StableBranch
from backportq.model.ids import BranchName, Oid
from backportq.services.history import streamed_range
from backportq.services.history.history_range import HistoryRange, read_range
from backportq.services.history.range_reading import RangeReading
from backportq.services.history.streamed_range import StreamedRange, stream_range
from tests.driver import TestRepo

_COMMITS = 40
_HISTORIES = 25
_TIPS = 3


def grow(repo: TestRepo, choice: random.Random, *, skew: int) -> list[Oid]:
    """Make a tangled history whose dates go back by up to `skew` steps; return its tips, the first is upstream's."""
    lines = ["reset refs/heads/h", ""]
    parents: dict[int, list[int]] = {}
    for number in range(1, _COMMITS + 1):
        first = choice.randint(max(1, number - 5), number - 1) if number > 1 else 0
        second = choice.randint(max(1, number - 9), number - 1) if number > 1 and choice.random() < 0.25 else first
        parents[number] = [oid for oid in dict.fromkeys((first, second)) if oid]
        date = 1_600_000_000 + 100 * (number - choice.randint(0, skew))
        lines += ["commit refs/heads/h", f"mark :{number}", f"committer C <c@example.org> {date} +0000"]
        lines += [f"data <<.\nnumber {number} {choice.random()}\n."]
        lines += [f"{word} :{parent}" for word, parent in zip(("from", "merge"), parents[number], strict=False)]
        lines.append("")
    marks = repo.path / "marks"
    repo.git("fast-import", "--quiet", "--force", f"--export-marks={marks}", stdin="\n".join(lines).encode())
    oids = dict(line.split() for line in marks.read_text().splitlines())
    return [Oid(oids[f":{number}"]) for number in (_COMMITS, *choice.sample(range(_COMMITS // 2, _COMMITS), _TIPS - 1))]


def read(repository: Repository, tips: list[Oid], floor: Oid | None = None) -> HistoryRange:
    """Read the range with the walk that it wants."""
    sorting = () if floor is None else ("--topo-order",)
    walk = start_walk(repository, tips, () if floor is None else (floor,), "--header", *sorting, spooled=floor is None)
    return read_range(repository, tips, walk, floor=floor)


def stream(repository: Repository, tips: list[Oid]) -> StreamedRange | None:
    """Read the range by date."""
    return stream_range(tips, start_walk(repository, tips, (), "--header"))


def told_by_git(repo: TestRepo, tips: list[Oid]) -> tuple[str, list[str]]:
    """Return the floor, and the range in topological order."""
    floor = repo.git("merge-base", "--octopus", *tips).split()[0]
    return floor, repo.git("rev-list", "--topo-order", *tips, f"^{floor}").split()


def masks_by_git(repo: TestRepo, tips: list[Oid], found: HistoryRange) -> dict[str, int]:
    reached = [set(repo.git("rev-list", tip).split()) for tip in tips]
    return {oid: sum(1 << bit for bit, its in enumerate(reached) if oid in its) for oid in found.commits}


@pytest.mark.parametrize("skew", [0, 1, 4], ids=["in order", "equal dates", "dates out of order"])
def test_read_range_without_a_floor_agrees_with_git(repo: TestRepo, skew: int) -> None:
    streamed = 0
    for seed in range(_HISTORIES):
        tips = grow(repo, random.Random(seed), skew=skew)
        repository = discover(repo.path)
        found = read(repository, tips)
        floor, listed = told_by_git(repo, tips)
        assert (found.floor, list(found.commits)) == (floor, listed)
        assert dict(found.masks) == masks_by_git(repo, tips, found)
        assert read(repository, tips, found.floor) == found
        streamed += stream(repository, tips) is not None
    assert streamed > 0  # else the test compares git with itself


def test_read_range_of_a_long_history_is_left_to_git(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    tips = grow(repo, random.Random(1), skew=0)
    repository = discover(repo.path)
    found = read(repository, tips)
    monkeypatch.setattr(streamed_range, "_LONGEST", 1)
    assert stream(repository, tips) is None
    assert read(repository, tips) == found


def test_stream_range_with_a_child_older_than_its_parent_gives_up(repo: TestRepo) -> None:
    root = repo.commit("root")
    parent = repo.commit("parent")
    repo.git("branch", "stable-1")
    tree = repo.git("write-tree")
    repo.tick -= 500_000
    child = Oid(repo.git("commit-tree", tree, "-p", parent, "-m", "child"))
    tips = [child, Oid(parent)]
    repository = discover(repo.path)
    assert stream(repository, tips) is None
    assert read(repository, tips).floor == parent != root


def test_stream_range_of_unrelated_histories_reads_all_of_both(repo: TestRepo) -> None:
    first = Oid(repo.commit("one"))
    repo.git("checkout", "-q", "--orphan", "other")
    second = Oid(repo.commit("two"))
    found = read(discover(repo.path), [first, second])
    assert (found.floor, dict(found.masks)) == (None, {second: 2, first: 1})


@pytest.mark.parametrize("longest", [1, 40_000])
def test_floor_is_kept_only_where_git_had_to_be_asked_for_it(
    repo: TestRepo, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    monkeypatch.setattr(streamed_range, "_LONGEST", longest)
    base = repo.commit("base")
    repo.git("branch", "stable-4.18")
    upstream = [repo.commit("one"), repo.commit("two")]
    repository = discover(repo.path)
    config = Config(BranchName("master"), (StableBranch(BranchName("stable-4.18"), "4.18"),))
    for _ in range(2):
        history = RangeReading(repository, Cache.open(repository), config, read_refs(repository)).finish()
        assert (history.floor, list(history.commits)) == (base, upstream[::-1])
        kept = [path.name for path in repository.cache_dir.glob("floor-*")]
        assert len(kept) == (longest == 1)
