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
