"""Sessions that ask one merge after the other keep their processes, and get the answers that others get."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.git.repository import discover
from backportq.git.trials import Application, TrialSession, merge_tree
from backportq.model.ids import Oid
from fixtures.build import build
from tests.driver import TestRepo


@pytest.mark.parametrize("scenario", ["conflicts", "demo", "directory-rename", "renames", "submodules", "symlinks"])
def test_conversation_gives_the_answers_of_single_processes(scenario: str, tmp_path: Path) -> None:
    repo = TestRepo(tmp_path / "repo")
    build(scenario, repo.path)
    asked = []
    for branch in (name for name in repo.git("branch", "--format=%(refname:short)").split("\n") if name != "master"):
        onto = Oid(repo.id(branch))
        asked += [Application(Oid(one), onto) for one in repo.git("rev-list", f"{branch}..master").split()]
    expected = []
    for one in asked:
        _forget(repo)
        with TrialSession(discover(repo.path), workers=1) as session:
            expected += session.apply([one])
    _forget(repo)
    with TrialSession(discover(repo.path), workers=1, converses=True) as session:
        assert [session.apply([one])[0] for one in asked] == expected


def test_conversation_starts_few_processes(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"line {number}\n" for number in range(400)]
    start = repo.commit("start", {"file": "".join(lines)})
    commits = []
    for number in range(0, 120, 3):
        lines[number] = "changed\n"
        commits.append(Oid(repo.commit(f"change {number}", {"file": "".join(lines)})))
    repo.checkout("stable", start)
    at = Oid(repo.commit("own", {"file": "".join([*(f"line {number}\n" for number in range(399)), "own\n"])}))
    begun = []
    start_lane = merge_tree._Worker.__init__

    def counting(self: merge_tree._Worker, *args: object) -> None:
        begun.append(1)
        start_lane(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(merge_tree._Worker, "__init__", counting)
    with TrialSession(discover(repo.path), converses=True) as session:
        for commit in commits:
            outcome = session.apply([Application(commit, at)], keep=True)[0]
            assert not isinstance(outcome, str)
            assert outcome.tree is not None
            at = outcome.tree
    repo.git("cherry-pick", *commits)
    assert at == repo.id("HEAD^{tree}")
    assert 0 < len(begun) <= 6


def test_conversation_survives_a_process_that_is_killed(repo: TestRepo) -> None:
    start = repo.commit("start", {"a": "1\n2\n3\n4\n5\n", "b": "1\n"})
    first = Oid(repo.commit("first", {"a": "one\n2\n3\n4\n5\n"}))
    second = Oid(repo.commit("second", {"b": "2\n"}))
    repo.checkout("stable", start)
    onto = Oid(repo.commit("own", {"a": "1\n2\n3\n4\nfive\n", "b": "own\n"}))
    with TrialSession(discover(repo.path), workers=1, converses=True) as session:
        one = session.apply([Application(first, onto)])[0]
        assert session._machinery is not None
        for lane in session._machinery._merger._lanes.values():
            lane._process.kill()
        two = session.apply([Application(second, onto)])[0]
    assert not isinstance(one, str)
    assert not isinstance(two, str)
    assert (str(one.verdict), str(two.verdict)) == ("clean", "conflict")


def _forget(repo: TestRepo) -> None:
    for path in (repo.path / ".git" / "backportq").glob("*"):
        path.unlink()
