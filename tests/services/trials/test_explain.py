"""The search for prerequisites, its bounds, and where conflicts are in the file."""

from __future__ import annotations

from typing import Any

import pytest

from backportq.git.repository import discover
from backportq.git.trials import ConflictHunk
from backportq.model.commit import parse_identity
from backportq.model.trials.verdict import Verdict
from backportq.queue.store import QueueStore
from backportq.services.project import Project, system_clock
from backportq.services.trials.explain import Bounds, Explanation, explain, lines_of
from backportq.services.trials.prerequisites import PrerequisiteSet, Search
from tests.driver import TestRepo

BLOCKS = "".join(f"block {number}\n" for number in range(1, 61))


def _explained(repo: TestRepo, commit: str, bounds: Bounds, step: float = 0.0) -> Explanation:
    """Explain onto the branch `stable`; the clock goes on by `step` seconds whenever it is read."""
    repository = discover(repo.path)
    now = 0.0

    def ticks() -> float:
        nonlocal now
        now += step
        return now

    project = Project(
        repository, QueueStore(repository), system_clock, lambda: parse_identity("Cora Committer <cora@example.org>")
    )
    return explain(project, commit, "stable", bounds=bounds, ticks=ticks)


@pytest.fixture
def chain(repo: TestRepo) -> list[str]:
    """Four upstream commits, each of which needs all before it, among others; and the branch that has none of them."""
    start = repo.commit("start", {"blocks": BLOCKS, "other": "0\n"})
    text = BLOCKS
    made = []
    for number, (old, new) in enumerate(
        [("block 10\n", "one 10\n"), ("one 10\n", "two 10\n"), ("block 30\n", "three 30\n"), ("two 10\n", "four 10\n")]
    ):
        repo.commit(f"other {number}", {"other": f"{number + 1}\n"})
        text = text.replace(old, new)
        made.append(repo.commit(f"step {number}", {"blocks": text}))
    text = text.replace("four 10\n", "last 10\n").replace("three 30\n", "last 30\n")
    made.append(repo.commit("last", {"blocks": text}))
    repo.git("branch", "stable", start)
    return made


def test_explain_of_a_chain_finds_all_that_is_needed_in_order_and_nothing_else(
    repo: TestRepo, chain: list[str]
) -> None:
    found = _explained(repo, chain[-1], Bounds())
    assert found.verdict is Verdict.CONFLICT
    assert [each.commit for each in found.prerequisites] == chain[:-1]
    assert [each.commit for each in found.culprits] == chain[:-1]
    assert (found.applies_after_all, found.is_minimal, found.bound) == (True, True, None)
    assert [each.is_queued for each in found.prerequisites] == [False] * 4


def test_explain_searches_once_for_a_commit_and_a_tip(
    repo: TestRepo, chain: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    searches: list[Search] = []
    search = Search.run

    def counted(self: Search, *asked: Any) -> PrerequisiteSet:
        searches.append(self)
        return search(self, *asked)

    monkeypatch.setattr(Search, "run", counted)
    limited = [_explained(repo, chain[-1], Bounds(limit=3)) for _ in range(2)]
    assert (limited[0], len(searches)) == (limited[1], 1)
    slow = [_explained(repo, chain[-1], Bounds(seconds=20), step=15) for _ in range(2)]
    assert (slow[0], len(searches)) == (slow[1], 3)  # what time ended may end elsewhere the next time
    found = [_explained(repo, chain[-1], Bounds()) for _ in range(2)]
    assert (found[0], len(searches)) == (found[1], 4)
    repo.checkout("stable")
    repo.commit("elsewhere", {"third": "1\n"})
    assert _explained(repo, chain[-1], Bounds()).prerequisites == found[0].prerequisites
    assert len(searches) == 5


def test_explain_with_too_small_a_limit_finds_nothing_and_says_so(repo: TestRepo, chain: list[str]) -> None:
    found = _explained(repo, chain[-1], Bounds(limit=3))
    assert found.prerequisites == ()
    assert not found.applies_after_all
    assert found.bound == "only the latest 3 of 4 candidates were tried (--limit)"


def test_explain_without_time_finds_nothing_and_says_so(repo: TestRepo, chain: list[str]) -> None:
    found = _explained(repo, chain[-1], Bounds(seconds=20), step=15)
    assert not found.applies_after_all
    assert found.bound == "the search was ended after 20 seconds (--seconds)"


def test_explain_of_a_commit_that_applies_has_nothing_to_explain(repo: TestRepo, chain: list[str]) -> None:
    found = _explained(repo, chain[0], Bounds())
    assert (found.verdict, found.conflicts, found.prerequisites) == (Verdict.CLEAN, (), ())
    assert found.applies_after_all


def _hunk(base: list[bytes], before: list[bytes]) -> ConflictHunk:
    return ConflictHunk(tuple(before), (b"ours",), tuple(base), (b"theirs",), ())


@pytest.mark.parametrize(
    ("hunks", "wanted"),
    [
        ([_hunk([b"c"], [b"b"])], [(2, 4)]),
        ([_hunk([b"a"], [])], [(1, 2)]),
        ([_hunk([b"e"], [b"d"])], [(4, 5)]),
        ([_hunk([], [b"b"])], [(1, 3)]),
        ([_hunk([b"b"], []), _hunk([b"d", b"e"], [])], [(1, 3), (3, 5)]),
        ([_hunk([b"absent"], [])], []),
        ([_hunk([], [])], []),
    ],
)
def test_lines_of_hunks_are_those_of_the_base_and_their_neighbours(
    hunks: list[ConflictHunk], wanted: list[tuple[int, int]]
) -> None:
    assert list(lines_of(b"a\nb\nc\nd\ne\n", hunks)) == wanted


def test_explain_follows_a_file_that_upstream_moved_and_names_it(repo: TestRepo) -> None:
    start = repo.commit("start", {"lib/old": BLOCKS, "x": "x\n"})
    repo.commit("stay alive", {"x": "y\n"})
    split = repo.commit("rewrite under a new name", {"lib/old": None, "src/old": "".join(f"{n}\n" for n in range(40))})
    fix = repo.commit("fix", {"src/old": "".join(f"{n if n != 20 else 'twenty'}\n" for n in range(40))})
    repo.git("branch", "stable", start)
    found = _explained(repo, fix, Bounds())
    assert [(each.path, each.words) for each in found.conflicts] == [
        ("src/old", "the file does not exist on this branch under this name; perhaps it is lib/old")
    ]
    assert [each.commit for each in found.culprits] == [split]
    assert [each.commit for each in found.prerequisites] == [split]
