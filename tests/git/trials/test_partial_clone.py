"""Trials in a partial clone: what is missing is said, and fetched where that is allowed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backportq.git.missing import GET_CONTENTS, speaks_of_missing
from backportq.git.repository import discover
from backportq.git.trials import Application, TrialSession
from backportq.git.trials.session import run_trials
from backportq.model.ids import Oid
from backportq.model.trials.verdict import TrialFailure, Verdict
from backportq.services.trials.try_commits import hints_for
from tests.driver import TestRepo

_LINES = "".join(f"line {number}\n" for number in range(30))


def _story(repo: TestRepo) -> tuple[Oid, Oid, Oid]:
    """Return two fixes of a file, the second of which the stable branch has under another name, and the branch."""
    repo.commit("base", {"a": _LINES, "other": "1\n"})
    repo.git("branch", "stable")
    first = repo.commit("first", {"a": _LINES.replace("line 5\n", "five\n")})
    second = repo.commit("second", {"a": _LINES.replace("line 5\n", "five\n").replace("line 15\n", "fifteen\n")})
    repo.checkout("stable")
    tip = repo.commit("move", {"a": None, "b": _LINES.replace("line 25\n", "twenty-five\n")})
    repo.checkout("master")
    for setting in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        repo.git("config", setting, "true")
    return Oid(first), Oid(second), Oid(tip)


@pytest.mark.parametrize("kind", ["blob:none", "tree:0"])
def test_missing_contents_are_fetched_only_where_allowed(repo: TestRepo, tmp_path: Path, kind: str) -> None:
    first, second, tip = _story(repo)
    expected = run_trials(discover(repo.path), [(first, tip), (second, tip)])
    clone = tmp_path / "partial"
    repo.git("clone", "-q", "--bare", f"--filter={kind}", f"file://{repo.path}", str(clone))
    partial = discover(clone)
    (failed,) = run_trials(partial, [(second, tip)])
    assert isinstance(failed, TrialFailure)
    assert speaks_of_missing(failed.why)
    assert hints_for(failed.why) == GET_CONTENTS
    allowed = replace(partial, may_download=True)
    assert run_trials(allowed, [(first, tip), (second, tip)]) == expected


def test_missing_contents_are_fetched_for_trials_in_order(repo: TestRepo, tmp_path: Path) -> None:
    first, second, tip = _story(repo)
    clone = tmp_path / "partial"
    repo.git("clone", "-q", "--bare", "--filter=blob:none", f"file://{repo.path}", str(clone))
    with TrialSession(replace(discover(clone), may_download=True)) as session:
        (one,) = session.apply([Application(first, tip)], keep=True)
        assert not isinstance(one, str)
        assert one.tree is not None
        (other,) = session.apply([Application(second, one.tree)], keep=True)
        assert not isinstance(other, str)
        assert other.verdict is Verdict.CLEAN
