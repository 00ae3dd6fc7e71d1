"""The range in which branches differ: it is what git says, in git's order."""

from __future__ import annotations

import random

import pytest

from backportq.git.refs import read_refs
from backportq.git.repository import discover
from backportq.model.config import Config, StableBranch
from backportq.model.ids import BranchName, Oid
from backportq.services.history.history_range import HistoryRange, find_floor, read_history_range
from tests.driver import TestRepo

_COMMITS = 40
_HISTORIES = 15
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


def read(repo: TestRepo, tips: list[Oid], *, upstreams: int = 1) -> HistoryRange:
    """Return the range of these tips, the first of which are upstream's."""
    names = [f"stable-{number}" for number in range(len(tips))]
    for name, tip in zip(names, tips, strict=True):
        repo.git("update-ref", f"refs/heads/{name}", tip)
    branches = tuple(StableBranch(BranchName(name), str(number)) for number, name in enumerate(names))[upstreams:]
    repository = discover(repo.path)
    more = tuple(map(BranchName, names[1:upstreams]))
    config, refs = Config(BranchName(names[0]), branches, more_upstreams=more), read_refs(repository)
    return read_history_range(repository, config, refs, find_floor(repository, config, refs))


@pytest.mark.parametrize("skew", [0, 1, 4], ids=["in order", "equal dates", "dates out of order"])
def test_read_history_range_agrees_with_git(repo: TestRepo, skew: int) -> None:
    for seed in range(_HISTORIES):
        tips = grow(repo, random.Random(seed), skew=skew)
        found = read(repo, tips)
        floor = repo.git("merge-base", "--octopus", *tips).split()[0]
        assert found.floor == floor
        assert list(found.commits) == repo.git("rev-list", "--topo-order", *tips, f"^{floor}").split()
        for count in (1, 2):
            order = read(repo, tips, upstreams=count).upstream_order
            listed = repo.git("rev-list", "--topo-order", "--reverse", *tips[:count], f"^{floor}")
            assert list(order) == listed.split()
        reached = [set(repo.git("rev-list", tip).split()) for tip in tips]
        masks = {oid: sum(1 << bit for bit, oids in enumerate(reached) if oid in oids) for oid in found.commits}
        assert dict(found.masks) == masks


def test_read_history_range_of_unrelated_histories_reads_all_of_both(repo: TestRepo) -> None:
    first = Oid(repo.commit("one"))
    repo.git("checkout", "-q", "--orphan", "other")
    second = Oid(repo.commit("two"))
    found = read(repo, [first, second])
    assert (found.floor, dict(found.masks)) == (None, {second: 2, first: 1})
