"""Remotes that cannot be reached, refuse, were rewritten or are unusual: what sync does, and what it asks first."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.errors import ConfigError, GitFailedError, QueueFileError, RepositoryError, SchemaError
from backportq.queue.sync.remote_distance import RemoteDistance, find_standing
from backportq.queue.sync.sync import Manner, OnRewrite, SyncStep
from backportq.services.queue_admin.sync import sync_queue
from tests.driver import TestRepo
from tests.queue.shared_queue import Clone, cloned, counts, item, setting, shared
from tests.services.queued import project_of


def test_sync_dry_run_tells_and_changes_nothing(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1))
    ada.decide(setting(1, assignee="ada"), minute=3)
    ada.sync()
    bo.decide(setting(1, assignee="bo"), minute=2)
    before = (bo.store.tip(), remote.id("backportq"), bo.repo.git("count-objects"))
    done = bo.sync(dry_run=True)
    assert counts(done) == (SyncStep.MERGED, 1, 1, False)
    assert [one.lost.value for one in done.merged.items] == ["bo"]
    assert (bo.store.tip(), remote.id("backportq")) == before[:2]
    assert bo.repo.git("for-each-ref", "refs/heads") == f"{before[0]} commit\trefs/heads/backportq"


def test_sync_without_push_takes_and_keeps_what_is_here(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(setting(1, assignee="ada"))
    ada.sync()
    bo.decide(setting(2, assignee="bo"))
    before = remote.id("backportq")
    assert counts(bo.sync(push=False)) == (SyncStep.MERGED, 1, 1, False)
    assert remote.id("backportq") == before
    assert find_standing(bo.store) == RemoteDistance("origin", 2, 0)
    bo.sync()
    ada.sync()
    assert ada.items() == bo.items() == [item(1, assignee="ada"), item(2, assignee="bo")]


def test_sync_with_a_remote_that_cannot_be_reached_leaves_the_queue(tmp_path: Path) -> None:
    remote, ada, _ = shared(tmp_path, item(1))
    ada.decide(setting(1, assignee="ada"))
    before = ada.store.tip()
    remote.path.rename(tmp_path / "moved")
    with pytest.raises(GitFailedError) as caught:
        ada.sync()
    assert caught.value.message.startswith("cannot fetch from 'origin': ")
    assert caught.value.hints == ("backportq works without the remote; repeat 'backportq sync' when it can be reached",)
    assert ada.store.tip() == before
    assert find_standing(ada.store) == RemoteDistance("origin", 1, 0)


def test_sync_refused_by_a_hook_has_taken_what_the_remote_had(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(setting(1, assignee="ada"))
    ada.sync()
    bo.decide(setting(2, assignee="bo"))
    hook = remote.path / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'only the release manager may'\nexit 1\n")
    hook.chmod(0o755)
    before = remote.id("backportq")
    with pytest.raises(RepositoryError) as caught:
        bo.sync()
    assert caught.value.message == (
        "'origin' refuses the queue; the queue here has what it had: [remote rejected] (pre-receive hook declined)\n"
        "remote: only the release manager may"
    )
    assert bo.items() == [item(1, assignee="ada"), item(2, assignee="bo")]
    assert remote.id("backportq") == before
    hook.unlink()
    assert counts(bo.sync()) == (SyncStep.GAVE, 0, 2, True)


def test_sync_to_a_deleted_branch_asks_first(tmp_path: Path) -> None:
    remote, ada, _ = shared(tmp_path, item(1))
    ada.decide(setting(1, assignee="ada"))
    remote.git("update-ref", "-d", "refs/heads/backportq")
    before = ada.store.tip()
    with pytest.raises(RepositoryError) as caught:
        ada.sync()
    assert caught.value.message == "the queue branch 'backportq' was deleted on 'origin'"
    assert caught.value.hints[0] == "backportq sync --restore puts back what was taken away"
    assert ada.store.tip() == before
    assert counts(ada.sync(rewritten=OnRewrite.RESTORE)) == (SyncStep.GAVE, 0, 2, True)
    assert remote.id("backportq") == before


@pytest.mark.parametrize("fetched", [False, True], ids=["", "after-git-fetch"])
def test_sync_with_a_rewritten_branch_refuses_restores_or_accepts(tmp_path: Path, *, fetched: bool) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    first = remote.id("backportq")
    ada.decide(setting(1, note="an embargoed secret"))
    ada.sync()
    bo.sync()
    remote.git("update-ref", "refs/heads/backportq", first)
    ada.repo.git("update-ref", "refs/heads/backportq", first)
    ada.decide(setting(2, note="public"))
    ada.sync(rewritten=OnRewrite.ACCEPT)
    rewritten = remote.id("backportq")
    bo.decide(setting(2, assignee="bo"))
    if fetched:
        bo.repo.git("fetch", "-q")
    with pytest.raises(RepositoryError) as caught:
        bo.sync()
    assert caught.value.message == (
        "the queue branch 'backportq' was rewritten on 'origin': it lacks changes that it had"
    )
    other = Clone(TestRepo(tmp_path / "copy"), bo.who)
    bo.repo.git("clone", "-q", "--mirror", str(bo.repo.path), str(tmp_path / "copy"))
    other.repo.git("config", "remote.origin.url", str(remote.path))
    other.repo.git("config", "remote.origin.mirror", "false")
    assert counts(bo.sync(rewritten=OnRewrite.ACCEPT))[0] is SyncStep.MERGED
    assert bo.items() == [item(1), item(2, note="public", assignee="bo")]
    assert remote.git("rev-list", "--parents", "-1", "backportq").split()[1:] == [rewritten]
    assert "secret" not in remote.git("log", "-p", "backportq")
    assert counts(bo.sync()) == (SyncStep.NONE, 0, 0, True)
    other.sync(rewritten=OnRewrite.RESTORE)
    assert other.items() == [item(1, note="an embargoed secret"), item(2, note="public", assignee="bo")]


def test_sync_accepting_a_rewritten_branch_without_decisions_here_just_takes_it(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1))
    first = remote.id("backportq")
    ada.decide(setting(1, note="wrong"))
    ada.sync()
    bo.sync()
    remote.git("update-ref", "refs/heads/backportq", first)
    assert counts(bo.sync(rewritten=OnRewrite.ACCEPT)) == (SyncStep.TOOK, 0, 0, True)
    assert bo.store.tip() == first


def test_sync_with_a_newer_schema_refuses_and_says_what_to_do(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1))
    work = cloned(remote, "work").repo
    work.git("checkout", "-q", "backportq")
    work.commit("a newer program", {"queue/stable-1.toml": "schema = 2\nitems = 3\n"})
    work.git("push", "-q", "origin", "HEAD:backportq")
    bo.decide(setting(2, assignee="bo"))
    for clone in (ada, bo):
        before = clone.store.tip()
        with pytest.raises(SchemaError) as caught:
            clone.sync()
        assert caught.value.message == (
            "the queue of 'origin': queue/stable-1.toml has schema 2, wanted at most 1: a newer backportq wrote it"
        )
        assert caught.value.hints[0] == "install the newest backportq, for example with 'pipx upgrade backportq'"
        assert clone.store.tip() == before
    assert remote.git("show", "backportq:queue/stable-1.toml") == "schema = 2\nitems = 3"


def test_sync_with_a_file_that_does_not_parse_names_it_and_who_to_ask(tmp_path: Path) -> None:
    remote, ada, _ = shared(tmp_path, item(1))
    work = cloned(remote, "work").repo
    work.git("checkout", "-q", "backportq")
    work.commit("by hand", {"closed/stable-1.toml": "schema = 1\nbranch = 3\n"})
    work.git("push", "-q", "origin", "HEAD:backportq")
    before = ada.store.tip()
    with pytest.raises(QueueFileError) as caught:
        ada.sync()
    assert caught.value.message == (
        "the queue of 'origin': closed/stable-1.toml:2:1: key 'branch': wanted a string, found '3'"
    )
    assert caught.value.hints == (
        "git log -p refs/remotes/origin/backportq, to see who changed it; nothing was changed here",
    )
    assert ada.store.tip() == before


def test_sync_without_any_queue_says_how_to_begin(tmp_path: Path) -> None:
    ada = cloned(TestRepo.create(tmp_path / "remote.git", bare=True), "ada")
    with pytest.raises(ConfigError) as caught:
        ada.sync()
    assert str(caught.value) == "there is no queue, neither here nor on 'origin'"


def test_reading_without_a_queue_but_a_fetched_one_says_to_sync(tmp_path: Path) -> None:
    remote, _, _ = shared(tmp_path, item(1))
    new = cloned(remote, "new")
    with pytest.raises(ConfigError) as caught:
        new.store.snapshot()
    assert str(caught.value) == "there is no queue here, but there is 'origin/backportq'"
    assert caught.value.hints == ("backportq sync",)
    new.sync()
    assert new.items() == [item(1)]


def test_sync_of_a_checked_out_queue_is_refused_before_anything_is_pushed(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(setting(1, assignee="ada"))
    ada.sync()
    bo.decide(setting(2, assignee="bo"))
    before = remote.id("backportq")
    bo.repo.git("checkout", "-q", "backportq")
    with pytest.raises(RepositoryError, match="the queue branch 'backportq' is checked out in"):
        bo.sync()
    assert remote.id("backportq") == before


@pytest.mark.parametrize("key", ["backportq.remote", "branch.backportq.remote"])
def test_standing_is_that_to_the_remote_that_sync_takes(tmp_path: Path, key: str) -> None:
    _, ada, _ = shared(tmp_path, item(1))
    other = TestRepo.create(tmp_path / "team.git", bare=True)
    ada.repo.git("remote", "add", "team", str(other.path))
    ada.repo.git("config", key, "team")
    assert find_standing(ada.store) is None
    project = project_of(ada.repo.path)
    sync_queue(project, None, Manner())
    ada.decide(setting(1, assignee="ada"))
    assert find_standing(ada.store) == RemoteDistance("team", 1, 0)
    sync_queue(project, None, Manner())
    assert find_standing(ada.store) == RemoteDistance("team", 0, 0)


def test_standing_to_a_remote_that_is_no_more_is_none(tmp_path: Path) -> None:
    _, ada, _ = shared(tmp_path, item(1))
    ada.repo.git("config", "backportq.remote", "team")
    assert find_standing(ada.store) is None


def test_sync_in_a_mirror_does_not_let_the_remote_overwrite_what_is_here(tmp_path: Path) -> None:
    remote, ada, _ = shared(tmp_path, item(1), item(2))
    remote.git("clone", "-q", "--mirror", str(remote.path), str(tmp_path / "mirror.git"))
    mirror = Clone(TestRepo(tmp_path / "mirror.git"))
    mirror.repo.git("config", "remote.origin.mirror", "false")
    mirror.decide(setting(1, assignee="ada"))
    ada.decide(setting(2, note="x"))
    ada.sync()
    mirror.sync()
    assert mirror.items() == [item(1, assignee="ada"), item(2, note="x")]


def test_sync_with_a_remote_that_has_a_working_tree_and_a_detached_head(tmp_path: Path) -> None:
    work = TestRepo.create(tmp_path / "work")
    work.commit("one")
    work.git("checkout", "-q", "--detach")
    ada = cloned(work, "ada")
    ada.create(item(1))
    assert counts(ada.sync()) == (SyncStep.GAVE, 0, 1, True)
    assert work.id("backportq") == ada.store.tip()
    work.git("checkout", "-q", "backportq")
    ada.decide(setting(1, assignee="ada"))
    with pytest.raises(RepositoryError, match=r"'origin' refuses the queue; nothing changed here: .*checked out"):
        ada.sync()


def test_sync_of_a_queue_in_another_repository_uses_its_remotes(tmp_path: Path) -> None:
    remote, ada, _ = shared(tmp_path, item(1))
    work = TestRepo.create(tmp_path / "work")
    work.git("clone", "-q", "--bare", str(remote.path), str(tmp_path / "queue.git"))
    work.git("config", "backportq.repository", "../queue.git")
    other = Clone(work)
    other.decide(setting(1, assignee="bo"))
    assert counts(other.sync()) == (SyncStep.GAVE, 0, 1, True)
    ada.sync()
    assert ada.items() == [item(1, assignee="bo")]
    assert work.git("for-each-ref") == ""
