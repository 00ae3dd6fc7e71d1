"""Blame over a stretch of history, with git's own blame as the oracle."""

from __future__ import annotations

from collections import Counter

from backportq.git.read.blame import ChangedLines, blame_lines, changed_lines
from backportq.git.repository import discover
from backportq.model.ids import Oid
from tests.driver import TestRepo


def lines(*numbers: int, word: str = "line") -> str:
    return "".join(f"{word} {number}\n" for number in numbers)


def test_changed_lines_are_those_of_the_parent(repo: TestRepo) -> None:
    parent = Oid(repo.commit("start", {"a": lines(1, 2, 3, 4, 5, 6), "b": "b\n", "odd\tname": "x\n"}))
    fix = Oid(repo.commit("fix", {"a": lines(1, 9, 4, 5, 5, 6), "b": None, "new": "n\n", "odd\tname": "y\n"}))

    assert changed_lines(discover(repo.path), fix, parent, ["a", "new", "odd\tname", "absent", "a"]) == (
        ChangedLines(parent, "a", ((2, 3), (5, 5))),
        ChangedLines(parent, "new", ((1, 1),)),
        ChangedLines(parent, "odd\tname", ((1, 1),)),
    )


def test_blame_lines_counts_commits_after_the_start_as_git_does(repo: TestRepo) -> None:
    base = Oid(repo.commit("start", {"a": lines(*range(1, 11))}))
    one = repo.commit("one", {"a": lines(1, 20, 30, *range(4, 11))})
    two = Oid(repo.commit("two", {"a": lines(1, 20, 31, 41, *range(5, 11))}))
    asked = ChangedLines(two, "a", ((1, 5), (9, 9)))

    found = blame_lines(discover(repo.path), [asked], base)

    assert found == {asked: Counter({two: 2, one: 1})}
    porcelain = repo.git("blame", "-l", "-s", "-L1,5", f"{base}..{two}", "--", "a").splitlines()
    assert Counter(line.split(" ")[0] for line in porcelain if not line.startswith("^")) == found[asked]
    assert blame_lines(discover(repo.path), [asked], base) == found


def test_blame_lines_of_what_git_cannot_follow_is_nothing(repo: TestRepo) -> None:
    base = Oid(repo.commit("start", {"a": "a\n"}))
    tip = Oid(repo.commit("more", {"b": "b\n"}))
    asked = [
        ChangedLines(tip, "absent", ((1, 1),)),
        ChangedLines(tip, "a", ((5, 9),)),
        ChangedLines(tip, "--output=x", ((1, 1),)),
    ]

    assert blame_lines(discover(repo.path), asked, base) == {one: Counter() for one in asked}
    assert not (repo.path / "x").exists()
