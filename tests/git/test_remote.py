"""Fetching with the user's own git, and what is said when it can't be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.remote import fetch
from backportq.git.repository import discover
from tests.driver import TestRepo


def _clone(repo: TestRepo, *options: str) -> TestRepo:
    path = repo.path.parent / "clone"
    repo.git("clone", "-q", *options, str(repo.path), str(path))
    return TestRepo(path)


@pytest.mark.parametrize("name", ["origin", "upstream"])
def test_fetch_updates_the_only_remote_whatever_its_name(repo: TestRepo, name: str) -> None:
    repo.commit("start", {"file": "1\n"})
    clone = _clone(repo, "-o", name)
    new = repo.commit("more", {"file": "2\n"})
    fetch(discover(clone.path))
    assert clone.id(f"refs/remotes/{name}/master") == new


def test_fetch_of_an_unknown_remote_says_which_there_are(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    with pytest.raises(RepositoryError, match="cannot fetch from 'origin': there are no remotes"):
        fetch(discover(repo.path))
    with pytest.raises(RepositoryError, match="cannot fetch from '--upload-pack=x': the remotes are origin"):
        fetch(discover(_clone(repo).path), "--upload-pack=x")


def test_fetch_that_fails_gives_gits_words(repo: TestRepo, tmp_path: Path) -> None:
    repo.commit("start", {"file": "1\n"})
    clone = _clone(repo)
    clone.git("remote", "set-url", "origin", str(tmp_path / "gone"))
    with pytest.raises(GitFailedError, match=r"fetching from 'origin' failed: '.*gone' does not appear to be a git"):
        fetch(discover(clone.path))
