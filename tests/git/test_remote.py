"""Fetching with the user's own git, and what is said when it can't be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.remote import fetch, push_topic
from backportq.git.repository import discover
from backportq.model.ids import BranchName, RefName
from backportq.model.progress import listening
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


def test_transfer_tells_its_progress_and_keeps_other_words(repo: TestRepo) -> None:
    repo.commit("start", {f"file-{number}": f"{number}\n" for number in range(20)})
    clone = _clone(repo)
    repo.commit("more", {f"file-{number}": f"{number} more\n" for number in range(20)})
    heard: list[tuple[str, int, int | None]] = []
    with listening(lambda *told: heard.append(told)):
        fetch(discover(clone.path))
    assert ("counting objects", 43, 43) in heard
    assert {what for what, _, _ in heard} >= {"counting objects", "compressing objects"}
    clone.git("checkout", "-q", "-b", "topic", "origin/master")
    clone.commit("topic", {"new": "1\n"})
    hook = repo.path / ".git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'error: 50% (1/2) of us say no'\nexit 1\n")
    hook.chmod(0o755)
    heard.clear()
    with listening(lambda *told: heard.append(told)), pytest.raises(GitFailedError) as refused:
        push_topic(discover(clone.path), "origin", BranchName("topic"), RefName("refs/heads/topic"))
    assert {what for what, _, _ in heard} >= {"sending objects"}
    assert "remote: error: 50% (1/2) of us say no" in refused.value.message
    for noise in ("Writing objects", "Delta compression", "Total 3"):
        assert noise not in refused.value.message


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
