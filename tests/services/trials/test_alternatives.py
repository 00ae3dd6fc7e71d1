"""Alternatives: picks on other branches, nearest version first, and only where they apply."""

from __future__ import annotations

from dataclasses import replace

from backportq.git.repository import discover
from backportq.model.history.landed import PicksElsewhere
from backportq.model.ids import BranchName, Oid
from backportq.model.trials.deviation import Deviation, DeviationKind
from backportq.model.trials.verdict import Verdict
from backportq.services.trials.alternatives import (
    Alternative,
    AlternativeSearch,
    list_alternatives,
    with_deviations,
)
from tests.driver import TestRepo

TEXT = "".join(f"line {number}\n" for number in range(20))
OLD, MIDDLE, NEW = BranchName("1.0"), BranchName("1.1"), BranchName("1.2")


def _edited(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


def test_alternatives_of_a_conflicting_commit_are_listed_nearest_first_and_the_first_that_applies_is_found(
    repo: TestRepo,
) -> None:
    start = repo.commit("start", {"f": TEXT})
    upstream_text = _edited(TEXT, "line 9\n", "upstream 9\n")
    repo.commit("upstream only", {"f": upstream_text})
    fix = repo.commit("fix", {"f": _edited(upstream_text, "line 10\n", "fixed 10\n")})
    repo.checkout("1.1", start)
    adapted = repo.commit("fix, adapted", {"f": _edited(TEXT, "line 10\n", "fixed 10\n")})
    repo.checkout("1.2", "master~1")
    plain = repo.pick(fix)
    repo.checkout("1.0", start)
    onto = repo.commit("stable", {"g": "g\n"})
    picks = {Oid(fix): [(NEW, Oid(plain)), (MIDDLE, Oid(adapted)), (OLD, Oid(adapted))]}
    elsewhere = PicksElsewhere(picks, [OLD, MIDDLE, NEW])
    wanted = AlternativeSearch(Oid(fix), OLD, Oid(onto))
    other = AlternativeSearch(Oid(start), OLD, Oid(onto))
    repository = discover(repo.path)
    assert list_alternatives(repository, elsewhere, [wanted, other]) == {
        wanted: (
            Alternative(Oid(adapted), MIDDLE, Verdict.CLEAN),
            Alternative(Oid(plain), NEW, Verdict.CONFLICT),
        ),
        other: (),
    }
    context = Deviation(DeviationKind.CONTEXT)
    nearest = Alternative(Oid(adapted), MIDDLE, Verdict.CLEAN)
    assert with_deviations(repository, {wanted: nearest}) == {wanted: replace(nearest, deviation=context)}


def test_near_prefers_the_newer_of_two_equally_near_branches() -> None:
    picks = {Oid("a" * 40): [(OLD, Oid("1" * 40)), (NEW, Oid("2" * 40)), (MIDDLE, Oid("3" * 40))]}
    elsewhere = PicksElsewhere(picks, [OLD, MIDDLE, NEW])
    assert elsewhere.near(Oid("a" * 40), MIDDLE) == [
        (NEW, Oid("2" * 40)),
        (OLD, Oid("1" * 40)),
    ]
