"""The outline of a history: lengths and branch points as git counts them."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.errors import RepositoryError
from backportq.git.repository import discover
from backportq.model.config import Config
from backportq.model.ids import BranchName, Oid
from backportq.services.history.index import Index
from backportq.services.history.older_commits import OlderCommits
from backportq.services.history.outline import read_outline
from fixtures.build import build
from tests.driver import TestRepo
from tests.services.queued import stable


def _config(*names: str) -> Config:
    return Config(BranchName("master"), tuple(stable(name) for name in names))


def test_outline_is_what_git_counts(tmp_path: Path) -> None:
    build("demo", tmp_path)
    repo = TestRepo(tmp_path)
    names = ("stable-1.0", "stable-1.1", "stable-1.2")
    seen = read_outline(discover(repo.path), _config(*names))
    assert seen.upstream_commits == int(repo.git("rev-list", "--count", "master"))
    for name, parting in zip(names, seen.partings, strict=True):
        behind, ahead = map(int, repo.git("rev-list", "--count", "--left-right", f"master...{name}").split())
        base = repo.git("merge-base", "master", name).strip()
        assert (parting.branch, parting.base, parting.ahead, parting.behind) == (name, base, ahead, behind)
        for moment, commit in ((parting.at, base), (parting.last, name)):
            assert moment is not None
            assert moment.isoformat() == repo.git("log", "-1", "--format=%cI", commit).strip().replace("Z", "+00:00")


def test_outline_leaves_what_it_read_to_the_next_command(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    base = repo.commit("start")
    repo.git("branch", "stable-4.18")
    repo.commit("more")
    repository = discover(repo.path)
    read_outline(repository, _config("stable-4.18"))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("git was asked again")

    monkeypatch.setattr("backportq.services.history.older_commits.start_walk", refuse)
    assert OlderCommits(repository, Index(repository), Oid(base)).contains(Oid(base))


def test_outline_of_unrelated_histories_has_no_base(repo: TestRepo) -> None:
    repo.commit("start")
    repo.commit("more")
    repo.git("checkout", "-q", "--orphan", "stable-4.18")
    repo.commit("another start")
    seen = read_outline(discover(repo.path), _config("stable-4.18"))
    parting = seen.partings[0]
    assert (seen.upstream_commits, parting.base, parting.at, parting.ahead, parting.behind) == (2, None, None, 1, 2)


def test_outline_of_a_shallow_clone_says_what_is_missing(repo: TestRepo, tmp_path: Path) -> None:
    repo.commit("start")
    repo.git("branch", "stable-4.18")
    for number in range(3):
        repo.commit(f"upstream {number}")
    repo.checkout("stable-4.18")
    repo.commit("own")
    repo.git("clone", "-q", "--bare", "--depth=1", "--no-single-branch", f"file://{repo.path}", str(tmp_path / "s"))
    with pytest.raises(RepositoryError) as caught:
        read_outline(discover(tmp_path / "s"), _config("stable-4.18"))
    assert caught.value.hints == ("git fetch --unshallow",)
