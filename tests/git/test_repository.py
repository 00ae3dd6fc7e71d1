"""Discovery of repositories of every kind, and the refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.errors import RepositoryError
from backportq.git.repository import discover
from tests.driver import TestRepo


def test_discover_from_a_folder_of_the_worktree_finds_the_top(repo: TestRepo) -> None:
    repo.commit("one", {"a/b/file": "x\n"})
    found = discover(repo.path / "a" / "b")
    assert found.work_tree == repo.path.resolve()
    assert found.git_dir == repo.path.resolve() / ".git"
    assert found.work_tree is not None
    assert not found.is_shallow


def test_discover_bare_has_no_work_tree(tmp_path: Path) -> None:
    bare = TestRepo.create(tmp_path / "bare.git", bare=True)
    assert discover(bare.path).work_tree is None


def test_discover_linked_worktree_shares_the_common_dir(repo: TestRepo, tmp_path: Path) -> None:
    repo.commit("one")
    repo.git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "side")
    linked = discover(tmp_path / "linked")
    assert linked.common_dir == discover(repo.path).common_dir
    assert linked.git_dir != linked.common_dir


def test_discover_outside_of_a_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="is not in a git repository") as refused:
        discover(tmp_path)
    assert refused.value.hints == ("cd to a clone, or use -C DIR",)


def test_discover_missing_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="no such directory"):
        discover(tmp_path / "gone")


def test_discover_obeys_the_variables_that_git_obeys(
    repo: TestRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("one")
    other = TestRepo.create(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    assert discover(repo.path, obeys_environment=True).git_dir == other.path / ".git"
    assert discover(repo.path).git_dir == repo.path / ".git"  # a path of the configuration means itself
    monkeypatch.setenv("GIT_DIR", "../other/.git")
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    found = discover(repo.path, obeys_environment=True)
    assert (found.git_dir, found.work_tree) == (other.path / ".git", tmp_path)
    monkeypatch.setenv("GIT_DIR", "../nothing")
    with pytest.raises(RepositoryError, match=r"GIT_DIR is '\.\./nothing', which is not a git repository"):
        discover(repo.path, obeys_environment=True)


def test_discover_obeys_a_common_directory(repo: TestRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = repo.commit("one")
    linked = tmp_path / "linked.git"
    linked.mkdir()
    (linked / "HEAD").write_text("ref: refs/heads/master\n")
    monkeypatch.setenv("GIT_DIR", str(linked))
    monkeypatch.setenv("GIT_COMMON_DIR", str(repo.path / ".git"))
    found = discover(tmp_path, obeys_environment=True)
    assert (found.common_dir, found.objects_dir) == (repo.path / ".git", repo.path / ".git" / "objects")
    assert found.git.text("cat-file", "-t", first) == "commit"


@pytest.mark.parametrize(
    "marks",
    [{"GIT_PREFIX": ""}, {"GIT_QUARANTINE_PATH": "objects/incoming"}],
    ids=["alias or hook", "pre-receive"],
)
def test_discover_in_a_hook_takes_the_current_directory(
    repo: TestRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marks: dict[str, str]
) -> None:
    other = TestRepo.create(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    for name, value in marks.items():
        monkeypatch.setenv(name, value)
    assert discover(repo.path, obeys_environment=True).git_dir == repo.path / ".git"


def test_discover_stops_at_a_ceiling(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo.path / "inner").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repo.path))
    with pytest.raises(RepositoryError, match="is not in a git repository"):
        discover(repo.path / "inner", obeys_environment=True)
