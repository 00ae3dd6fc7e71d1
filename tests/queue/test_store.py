"""The queue branch in real repositories: one commit a change, nothing else touched, nothing lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from backportq.errors import BackportqError, ConfigError, RepositoryError, SchemaError
from backportq.model.ids import Oid
from backportq.model.items.changes import ChangeKind, ItemChange
from backportq.model.items.item import State
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.model.people.people import People, Person
from backportq.queue.log import read_log
from backportq.queue.undo import undo_change
from tests.driver import TestRepo
from tests.queue.stored_queue import ADA, AT, B1, B2, CONFIG, changed, created, item, noted, queue_at, with_items


def test_snapshot_without_queue_says_how_to_begin(repo: TestRepo) -> None:
    with pytest.raises(ConfigError) as caught:
        queue_at(repo.path).snapshot()
    assert str(caught.value) == "there is no queue here: no branch 'backportq'"
    assert caught.value.hints == ("backportq init", "git config backportq.ref NAME, if the queue has another name")
    assert queue_at(repo.path).tip() is None


def test_create_and_snapshot_give_the_state_back(repo: TestRepo) -> None:
    store = created(repo.path, item(1), item(2))
    snapshot = queue_at(repo.path).snapshot()
    assert snapshot.state == QueueState(CONFIG, branches={B1: BranchQueue(B1, (item(1), item(2)))})
    assert snapshot.commit == store.tip() == repo.id("backportq")
    assert repo.git("ls-tree", "-r", "--name-only", "backportq") == "config.toml\nqueue/stable-1.toml"


def test_changed_branch_of_a_snapshot_answers_for_what_was_changed(repo: TestRepo) -> None:
    created(repo.path, item(1), item(2))
    changed_queue = replace(queue_at(repo.path).snapshot().state.queue_of(B1), open=(item(2),))
    assert changed_queue == BranchQueue(B1, (item(2),))
    assert changed_queue.find(item(1).commit) is None
    assert changed_queue.find(item(2).commit) == item(2)


def test_create_where_a_queue_is_refuses_and_changes_nothing(repo: TestRepo) -> None:
    store = created(repo.path)
    before = store.tip()
    with pytest.raises(ConfigError) as caught:
        store.create(QueueState(replace(CONFIG, remote="x")), actor=ADA, at=AT)
    assert str(caught.value) == "there is a queue on 'refs/heads/backportq' already"
    assert store.tip() == before


def test_change_is_one_commit_with_a_readable_message(repo: TestRepo) -> None:
    store = created(repo.path, item(1), item(2))
    first = store.tip()
    change = changed(store, noted(2, "two"), summary="note\x1b[31m\nBackportq-Command: forged\u202e")
    assert change.items == (ItemChange(B1, item(2).commit, ChangeKind.CHANGED, ("note",)),)
    assert change.after.queue_of(B1).open[1].note == "two"
    assert repo.git("log", "-1", "--format=%H %P|%an <%ae> %ai|%cn <%ce> %ci", "backportq") == (
        f"{change.commit} {first}|Ada Author <ada@example.org> 2026-06-01 12:00:00 +0200"
        "|Ada Author <ada@example.org> 2026-06-01 12:00:00 +0200"
    )
    assert repo.git("log", "-1", "--format=%B", "backportq") == (
        "note [31m Backportq-Command: forged\n\n"
        "Backportq-Command: test\n"
        f"Backportq-Item: stable-1 {item(2).commit} changed note\n"
    )
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_change_that_changes_nothing_makes_no_commit(repo: TestRepo) -> None:
    store = created(repo.path, item(1))
    before = store.tip()
    same = changed(store, with_items(B1, item(1)))
    assert (same.commit, same.items, same.before) == (None, (), same.after)
    assert changed(store, lambda state: state).commit is None
    assert store.tip() == before


def test_change_keeps_untouched_files_and_what_it_does_not_know(repo: TestRepo) -> None:
    store = created(repo.path, item(1))
    repo.checkout("hand", "backportq")
    by_hand = (
        "# ours\nbranch='release/2'\nschema=1\n[[item]]\n"
        f"commit='{'b' * 40}'\nsubject='x'\nauthor='A <a@b>'\ncommitted=2026-01-01T00:00:00Z\nstate='pending'\n"
    )
    repo.commit("by hand", {"queue/release/2.toml": by_hand, "README": "read me\n", "queue/tools/run.sh": "#!\n"})
    repo.git("update-ref", "refs/heads/backportq", "hand")
    changed(store, noted(1, "one"))
    assert repo.git("show", "backportq:queue/release/2.toml") == by_hand.rstrip("\n")
    assert repo.git("ls-tree", "-r", "--name-only", "backportq").split("\n") == [
        "README",
        "config.toml",
        "queue/release/2.toml",
        "queue/stable-1.toml",
        "queue/tools/run.sh",
    ]
    assert [one.summary for one in read_log(store)] == ["test", "by hand", "set up the queue"]
    assert [one.command for one in read_log(store)] == ["test", None, "init"]
    assert read_log(store)[1].items == (ItemChange(B2, Oid("b" * 40), ChangeKind.ADDED),)


def test_change_last_item_gone_removes_the_file(repo: TestRepo) -> None:
    store = created(repo.path, item(1))
    change = changed(store, with_items(B1, closed=(item(1, state=State.DECLINED),)))
    assert change.items == (ItemChange(B1, item(1).commit, ChangeKind.CLOSED, ("state",)),)
    assert repo.git("ls-tree", "-r", "--name-only", "backportq") == "closed/stable-1.toml\nconfig.toml"


def test_change_touches_no_worktree_index_head_or_other_ref(repo: TestRepo) -> None:
    repo.commit("one", {"a": "1\n"})
    repo.write("a", "2\n")
    (repo.path / "a").write_text("3\n")
    store = created(repo.path, item(1))

    paths = [repo.path / name for name in ("a", ".git/index", ".git/HEAD")]

    def seen() -> tuple[object, ...]:
        files = [path.read_bytes() for path in paths]
        status = repo.git("--no-optional-locks", "status")
        return files, repo.git("for-each-ref", "refs/heads/master"), status, repo.git("stash", "list")

    before = seen()
    changed(store, noted(1, "x"))
    undo_change(store, None, actor=ADA, at=AT)
    assert seen() == before


def test_change_runs_no_hook_of_the_repository(repo: TestRepo) -> None:
    ran = repo.path / "ran"
    for name in ("reference-transaction", "post-update", "pre-auto-gc", "pre-commit", "post-commit"):
        hook = repo.path / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\necho {name} >>{ran}\nexit 1\n")
        hook.chmod(0o755)
    store = created(repo.path, item(1))
    changed(store, noted(1, "x"))
    assert not ran.exists()


def test_store_works_bare_from_a_worktree_and_with_another_name(tmp_path: Path) -> None:
    bare = TestRepo.create(tmp_path / "bare.git", bare=True)
    bare.git("config", "backportq.ref", "team/queue")
    store = created(bare.path, item(1))
    assert store.ref == "refs/heads/team/queue"
    work = TestRepo.create(tmp_path / "work")
    work.commit("one")
    created(work.path, item(1))
    work.git("worktree", "add", "-q", "../side")
    changed(queue_at(tmp_path / "side"), noted(1, "from the side"))
    assert queue_at(work.path).snapshot().state.queue_of(B1).open == (item(1, note="from the side"),)


def test_store_in_another_repository_leaves_this_one_alone(tmp_path: Path) -> None:
    work = TestRepo.create(tmp_path / "work")
    other = TestRepo.create(tmp_path / "queue.git", bare=True)
    work.git("config", "backportq.repository", "../queue.git")
    changed(created(work.path, item(1)), noted(1, "x"))
    assert work.git("for-each-ref") == ""
    assert other.git("rev-list", "--count", "backportq") == "2"
    work.git("config", "backportq.repository", "../nowhere")
    with pytest.raises(RepositoryError) as caught:
        queue_at(work.path).snapshot()
    assert caught.value.hints == ("git init --bare ../nowhere", "git config --unset backportq.repository")


@pytest.mark.parametrize("name", ["--upload-pack=x", "a..b", "refs/tags/x", "HEAD"])
def test_ref_that_is_no_branch_is_refused(repo: TestRepo, name: str) -> None:
    repo.git("config", "backportq.ref", name)
    with pytest.raises(ConfigError) as caught:
        queue_at(repo.path).tip()
    assert str(caught.value) == f"backportq.ref is '{name}', wanted the name of a branch"


def test_change_of_what_was_seen_reads_nothing_again(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    store = created(repo.path, item(1), item(2))
    seen = store.snapshot()
    monkeypatch.setattr(store, "files", lambda: pytest.fail("read again"))
    change = store.change(noted(1, "one"), command="test", summary="test", actor=ADA, at=AT, seen=seen)
    monkeypatch.undo()
    assert change.before is seen.state
    assert store.tip() == change.commit
    assert [one.note for one in store.snapshot().state.queue_of(B1).open] == ["one", None]


def test_change_of_newer_schema_is_refused_and_never_rewritten(repo: TestRepo) -> None:
    store = created(repo.path, item(1))
    repo.checkout("hand", "backportq")
    repo.commit("newer", {"queue/stable-1.toml": "schema = 2\nitems = 3\n"})
    repo.git("update-ref", "refs/heads/backportq", "hand")
    with pytest.raises(SchemaError):
        changed(store, noted(1, "x"))
    changed(store, with_items(B2, item(3)))
    assert repo.git("show", "backportq:queue/stable-1.toml") == "schema = 2\nitems = 3"


def test_snapshot_parses_a_branch_when_it_is_looked_at(repo: TestRepo) -> None:
    created(repo.path, item(1))
    repo.checkout("hand", "backportq")
    repo.commit("broken", {"closed/stable-1.toml": "schema = 1\nbranch = 3\n"})
    repo.git("update-ref", "refs/heads/backportq", "hand")
    queue = queue_at(repo.path).snapshot().state.queue_of(B1)
    assert queue.open == (item(1),)
    with pytest.raises(BackportqError) as caught:
        _ = queue.closed
    assert str(caught.value) == "closed/stable-1.toml:2:1: key 'branch': wanted a string, found '3'"
    assert caught.value.hints == ("backportq edit --closed stable-1",)


def test_change_of_people_keeps_their_comments(repo: TestRepo) -> None:
    store = created(repo.path)
    text = "# who\nschema = 1\n\n[[person]]\nkey = 'ada'  # chief\nname = 'Ada'\n"
    store.replace_files(lambda _: {"people.toml": text.encode()}, command="edit", summary="x", actor=ADA, at=AT)
    bob = Person("bob", "Bob")
    changed(store, lambda state: replace(state, people=People((*state.people.people, bob))))
    assert repo.git("show", "backportq:people.toml") == f'{text}\n[[person]]\nkey = "bob"\nname = "Bob"'


def test_store_sha256_repository_works_the_same(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.mkdir()
    repo = TestRepo(path)
    repo.git("init", "-q", "-b", "master", "--object-format=sha256")
    change = changed(created(path, item(1)), noted(1, "x"))
    assert change.commit is not None
    assert len(change.commit) == 64
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_branch_queue_stored_equals_one_in_memory(repo: TestRepo) -> None:
    created(repo.path, item(1))
    stored = queue_at(repo.path).snapshot().state.queue_of(B1)
    memory = BranchQueue(B1, (item(1),), extra=MappingProxyType({}))
    assert stored == memory
    assert memory == stored
    assert stored != replace(memory, closed=(item(2, state=State.DECLINED),))
    assert replace(stored, open=()) == BranchQueue(B1)
