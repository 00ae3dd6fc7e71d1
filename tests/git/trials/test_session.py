"""A session merges nothing twice, and gives trees that can be applied to, whatever it knew before."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.git.repository import discover
from backportq.git.trials import Application, RememberedVerdict, TrialSession
from backportq.git.trials.engine import Engine
from backportq.model.ids import Oid
from backportq.model.trials.verdict import Verdict
from fixtures.build import build
from tests.driver import TestRepo


def _asked(path: Path) -> list[Application]:
    build("conflicts", path)
    repo = TestRepo(path)
    branches = [name for name in repo.git("branch", "--format=%(refname:short)").split("\n") if name != "master"]
    return [
        Application(Oid(commit), Oid(repo.id(branch)))
        for branch in branches
        for commit in repo.git("rev-list", "--reverse", f"{branch}..master").split()
    ]


def test_session_asked_again_merges_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _asked(tmp_path / "repo")
    with TrialSession(discover(tmp_path / "repo")) as session:
        first = session.apply(asked)
        conflicting = [
            each
            for each, outcome in zip(asked, first, strict=True)
            if isinstance(outcome, RememberedVerdict) and outcome.verdict is Verdict.CONFLICT
        ]
        assert conflicting
        monkeypatch.setattr(Engine, "apply", lambda *_args, **_options: pytest.fail("merged again"))
        assert session.apply(asked) == first
        assert session.apply(conflicting, keep=True) == [first[asked.index(each)] for each in conflicting]
        monkeypatch.undo()


def test_session_asked_again_for_trees_to_go_on_from_has_them(tmp_path: Path) -> None:
    asked = _asked(tmp_path / "repo")
    repository = discover(tmp_path / "repo")
    with TrialSession(repository) as session:
        first = session.apply(asked)
        assert session.apply(asked, keep=True) == first
        clean = [
            (each.commit, outcome.tree)
            for each, outcome in zip(asked, first, strict=True)
            if isinstance(outcome, RememberedVerdict) and outcome.tree is not None and outcome.verdict is Verdict.CLEAN
        ]
        assert clean
        again = session.apply([Application(commit, tree) for commit, tree in clean])
    assert [outcome.verdict for outcome in again if isinstance(outcome, RememberedVerdict)] == [Verdict.EMPTY] * len(
        clean
    )
