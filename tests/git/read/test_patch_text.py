"""The patch of a commit: what libgit2 reads, and what git reads where libgit2 refuses."""

from __future__ import annotations

from pathlib import Path

from backportq.git.read import patch_text as module
from backportq.git.read.lookup import read_commits
from backportq.git.read.patch_text import patch_text
from backportq.git.repository import discover
from backportq.model.commit import Commit
from backportq.model.ids import Oid
from tests.driver import TestRepo


def commit_of(repo: TestRepo, revision: str) -> Commit:
    oid = Oid(repo.id(revision))
    return read_commits(discover(repo.path), (oid,))[oid]


def told(repo: TestRepo, revision: str) -> set[str]:
    """Return the changed lines as git tells them."""
    shown = repo.git("diff-tree", "--root", "-p", "-M", "--no-commit-id", revision)
    return {line for line in shown.split("\n") if line[:1] in ("+", "-")}


def changed(text: str) -> set[str]:
    return {line for line in text.split("\n") if line[:1] in ("+", "-")}


def test_it_tells_what_git_tells(repo: TestRepo) -> None:
    repo.commit("first", {"a": "1\n2\n3\n4\n5\n6\n", "b": b"\x00\xff"})
    repo.commit("renamed", {"a": None, "c": "1\n2\n3\n4\n5\n7\n"})
    repo.commit("latin", {"d": "gr\xfcn\n".encode("latin-1")})
    repository = discover(repo.path)
    for revision in ("HEAD~2", "HEAD~1"):
        assert changed(patch_text(repository, commit_of(repo, revision))) == told(repo, revision)
    assert "rename from a" in patch_text(repository, commit_of(repo, "HEAD~1"))
    assert "gr\udcfcn" in patch_text(repository, commit_of(repo, "HEAD"))


def test_merge_is_told_against_the_parent_that_is_asked_for(repo: TestRepo) -> None:
    repo.commit("base", {"a": "1\n"})
    repo.checkout("side", "HEAD")
    repo.commit("side", {"b": "1\n"})
    repo.checkout("master")
    repo.commit("main", {"c": "1\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    merge = commit_of(repo, "HEAD")
    repository = discover(repo.path)
    assert "+++ b/b" in patch_text(repository, merge)
    assert "+++ b/c" in patch_text(repository, merge, 2)


def test_git_reads_what_libgit2_does_not(tmp_path: Path) -> None:
    repo = TestRepo(tmp_path / "repo")
    repo.path.mkdir()
    repo.git("init", "-q", "-b", "master", "--object-format=sha256")
    repo.commit("first", {"a": "1\n"})
    repo.commit("second", {"a": "2\n"})
    repository = discover(repo.path)
    for revision in ("HEAD", "HEAD~1"):
        commit = commit_of(repo, revision)
        assert module._by_libgit2(repository, commit.oid, None) is None
        assert changed(patch_text(repository, commit)) == told(repo, revision)
