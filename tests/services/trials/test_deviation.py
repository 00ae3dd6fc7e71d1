"""Deviations of real picks, read from git and remembered."""

from __future__ import annotations

from backportq.git.repository import discover
from backportq.model.ids import Oid
from backportq.services.trials.deviation import deviations_of
from tests.driver import TestRepo

TEXT = "".join(f"line {number}\n" for number in range(30))


def _words(repo: TestRepo, pick: str, original: str) -> str:
    found = deviations_of(discover(repo.path), [(Oid(pick), Oid(original))])
    return str(found[Oid(pick), Oid(original)])


def test_deviation_of_real_picks_is_found_and_remembered(repo: TestRepo) -> None:
    start = repo.commit("start", {"lib/f": TEXT, "g": TEXT})
    edited = repo.commit("edit", {"lib/f": TEXT.replace("line 10\n", "LINE 10\n")})
    binary = repo.commit("binary", {"g": b"\0binary\n"})
    repo.checkout("stable", start)
    same = repo.pick(edited)
    repo.commit("move and change what is near", {"lib/f": None, "src/f": "more\n" + TEXT.replace("line 9\n", "nine\n")})
    nine = "more\n" + TEXT.replace("line 9\n", "nine\n")
    near = repo.commit("edit there", {"src/f": nine.replace("line 10\n", "LINE 10\n")})
    more = repo.commit("edit more", {"src/f": nine.replace("line 10\n", "LINE 10\n").replace("line 20\n", "LINE 20\n")})
    other_binary = repo.commit("binary", {"g": b"\0other\n"})
    cases = {
        (same, edited): "identical",
        (near, edited): "context only",
        (more, edited): "4 functional lines",
        (binary, binary): "identical",
        (other_binary, binary): "2 functional lines",
    }
    for _ in range(2):  # the second time from the cache
        assert {pair: _words(repo, *pair) for pair in cases} == cases


def test_deviation_of_a_commit_that_is_not_here_is_left_out_and_others_are_found(repo: TestRepo) -> None:
    one = repo.commit("one", {"f": "1\n"})
    two = repo.commit("two", {"f": "2\n"})
    absent = Oid("1" * 40)
    pairs = [(Oid(two), absent), (Oid(two), Oid(two)), (Oid(one), Oid(one))]
    found = deviations_of(discover(repo.path), pairs)
    assert {pair: str(deviation) for pair, deviation in found.items()} == {pairs[1]: "identical", pairs[2]: "identical"}
