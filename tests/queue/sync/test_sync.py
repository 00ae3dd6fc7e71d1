"""Exchanging the queue through real remotes: nothing is lost, and what is overruled is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.errors import QueueBusyError
from backportq.git.remote import push_branch
from backportq.model.ids import Oid
from backportq.model.items.item import State
from backportq.model.items.records import SupersededValue
from backportq.model.merge.queues import OverruledField, RevivedItem
from backportq.queue.log import read_log
from backportq.queue.store import QueueStore
from backportq.queue.sync.sync import SyncStep
from tests.driver import TestRepo
from tests.queue.shared_queue import B1, B2, at, cloned, counts, dropping, item, setting, shared

_PUSH = "backportq.queue.sync.sync.push_branch"


def test_sync_first_gives_then_takes_then_has_nothing_to_do(tmp_path: Path) -> None:
    remote = TestRepo.create(tmp_path / "remote.git", bare=True)
    ada, bo = cloned(remote, "ada"), cloned(remote, "bo")
    ada.create(item(1))
    assert counts(ada.sync()) == (SyncStep.GAVE, 0, 1, True)
    assert counts(bo.sync()) == (SyncStep.TOOK, 1, 0, True)
    assert counts(bo.sync()) == (SyncStep.NONE, 0, 0, True)
    assert remote.id("backportq") == ada.store.tip() == bo.store.tip() == bo.repo.id("origin/backportq")


def test_sync_of_different_fields_of_one_item_keeps_both_in_a_merge_commit(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(setting(1, assignee="ada"))
    bo.decide(setting(1, note="seen by two users"))
    bo.decide(setting(2, assignee="bo"))
    ada.sync()
    mine, theirs = bo.store.tip(), remote.id("backportq")
    done = bo.sync()
    assert counts(done) == (SyncStep.MERGED, 1, 2, True)
    assert (done.merged.items, done.merged.revived, done.merged.keys) == ([], [], [])
    assert bo.items() == [item(1, assignee="ada", note="seen by two users"), item(2, assignee="bo")]
    assert remote.git("log", "-1", "--format=%P|%an <%ae>|%cd|%B", "--date=format:%F %T %z", "backportq") == (
        f"{mine} {theirs}|Bo Builder <bo@example.org>|2026-06-01 13:00:00 +0000|"
        "merge 1 change of 'origin' with 2 changes made here\n\nBackportq-Command: sync\n"
    )
    ada.sync()
    assert ada.store.tip() == bo.store.tip() == remote.id("backportq")
    assert remote.git("fsck", "--strict", "--no-dangling") == ""


def test_sync_of_two_values_of_a_field_keeps_the_later_decision_and_tells_the_other(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1))
    ada.decide(setting(1, assignee="ada"), minute=9)
    bo.decide(setting(1, assignee="bo"), minute=5)
    ada.sync()
    done = bo.sync()
    lost = SupersededValue("assignee", "bo", None, at(5))
    assert done.merged.items == [
        OverruledField(B1, item(1).commit, SupersededValue("assignee", "ada", None, at(9)), lost)
    ]
    assert bo.items() == [item(1, assignee="ada", history=(lost,))]
    assert read_log(bo.store)[0].summary == "merge 1 change of 'origin' with 1 change made here, 1 overruled"
    assert [(change.commit, change.fields) for change in read_log(bo.store)[0].items] == [
        (item(1).commit, ("history",))
    ]


def test_sync_is_the_same_whoever_merges(tmp_path: Path) -> None:
    results = []
    for first in (0, 1):
        _, *clones = shared(tmp_path / str(first), item(1), item(2), item(3))
        ada, bo = clones
        ada.decide(setting(1, assignee="ada", note="one"), minute=3)
        bo.decide(setting(1, assignee="bo"), minute=2)
        bo.decide(setting(1, note="two"), minute=4)
        ada.decide(setting(2, state=State.DECLINED, reason="no", by="Ada Author <ada@example.org>"))
        bo.decide(setting(2, needs=(Oid("a" * 40),)))
        bo.decide(dropping(3))
        clones[first].sync()
        clones[1 - first].sync()
        results.append(clones[1 - first].repo.git("ls-tree", "-r", "backportq"))
    assert results[0] == results[1]


def test_sync_of_an_item_dropped_and_decided_keeps_it_and_says_so(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(dropping(1))
    ada.decide(dropping(2))
    bo.decide(setting(1, assignee="bo"))
    ada.sync()
    done = bo.sync()
    assert done.merged.revived == [RevivedItem(B1, item(1).commit)]
    assert bo.items() == [item(1, assignee="bo")]


def test_sync_of_an_item_closed_here_and_decided_there_has_it_once_with_both(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(setting(1, state=State.DECLINED, reason="too risky"))
    bo.decide(setting(1, assignee="bo"))
    ada.sync()
    bo.sync()
    assert bo.items() == [item(2), item(1, state=State.DECLINED, reason="too risky", assignee="bo")]


def test_sync_of_decisions_about_one_thing_through_several_merges_knows_the_later(tmp_path: Path) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    cy = cloned(remote, "cy")
    cy.sync()
    ada.decide(setting(1, assignee="ada"), minute=1)
    cy.decide(setting(1, assignee="cy"), minute=7)
    bo.decide(setting(2, assignee="bo"), minute=8)
    ada.sync()
    bo.sync()  # its merge is of minute 60, but decides nothing about item 1
    cy.sync()
    assert (cy.find(1).assignee, cy.find(2).assignee) == ("cy", "bo")


def test_sync_after_two_independent_inits_brings_both_together(tmp_path: Path) -> None:
    remote = TestRepo.create(tmp_path / "remote.git", bare=True)
    ada, bo = cloned(remote, "ada"), cloned(remote, "bo")
    ada.create(item(1), item(2, assignee="ada"))
    bo.create(item(2, note="bo's"), item(3))
    bo.decide(setting(5, B2))
    ada.sync()
    assert counts(bo.sync()) == (SyncStep.MERGED, 1, 2, True)
    ada.sync()
    assert ada.items() == [item(1), item(2, assignee="ada", note="bo's"), item(3)]
    assert ada.items(B2) == [item(5)]
    assert ada.store.tip() == remote.id("backportq")


def test_sync_when_another_push_wins_begins_again_with_what_it_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2), item(3))
    pushes: list[object] = []

    def late(*args: object) -> object:
        pushes.append(args)
        if len(pushes) <= 2:  # between our fetch and our push
            monkeypatch.setattr(_PUSH, push_branch)
            ada.decide(setting(len(pushes), assignee="ada"))
            ada.sync()
            monkeypatch.setattr(_PUSH, late)
        return push_branch(*args)  # type: ignore[arg-type]

    bo.decide(setting(3, note="bo's"))
    monkeypatch.setattr(_PUSH, late)
    assert counts(bo.sync()) == (SyncStep.MERGED, 2, 1, True)
    assert len(pushes) == 3
    assert bo.items() == [item(1, assignee="ada"), item(2, assignee="ada"), item(3, note="bo's")]
    # merges that lost are not kept
    assert remote.git("rev-list", "--merges", "--count", "backportq") == "1"


def test_sync_while_a_decision_is_made_here_takes_it_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2), item(3))
    pushes: list[object] = []

    def meanwhile(*args: object) -> object:
        pushes.append(args)
        answer = push_branch(*args)  # type: ignore[arg-type]
        if len(pushes) == 1:
            bo.decide(setting(3, assignee="bo"))
        return answer

    ada.decide(setting(1, assignee="ada"))
    bo.decide(setting(2, assignee="bo"))
    ada.sync()
    monkeypatch.setattr(_PUSH, meanwhile)
    bo.sync()
    assert bo.items() == [item(1, assignee="ada"), item(2, assignee="bo"), item(3, assignee="bo")]
    assert remote.id("backportq") == bo.store.tip()


@pytest.mark.parametrize("place", ["here", "there"])
def test_sync_with_a_stale_lock_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    remote, ada, bo = shared(tmp_path, item(1), item(2))
    ada.decide(setting(1, assignee="ada"))
    ada.sync()
    bo.decide(setting(2, assignee="bo"))
    folder = bo.repo.path / ".git" if place == "here" else remote.path
    # git from 2.45 on can keep all refs in one table, which has one lock.
    has_table = (folder / "reftable").exists()
    if has_table and place == "here":
        pytest.skip("git fetch meets that lock first, and says so")
    lock = folder / ("reftable/tables.list.lock" if has_table else "refs/heads/backportq.lock")
    lock.touch()
    monkeypatch.setattr("backportq.queue.sync.sync._STUCK", 2)
    with pytest.raises(QueueBusyError) as caught:
        bo.sync()
    if place == "here":
        assert caught.value.hints == (f"rm {lock}, if no git and no backportq is running there",)
    else:
        assert caught.value.hints == (
            "rm refs/heads/backportq.lock in the remote repository, if no git is running there",
        )
    lock.unlink()
    bo.sync()
    assert bo.items() == [item(1, assignee="ada"), item(2, assignee="bo")]


def _merged_tree(store: QueueStore, mine: str, theirs: str) -> str:
    """Return the tree that merges two queue commits, made by what sync itself uses."""
    from backportq.git.write.branch_commits import NewCommit, write_commit
    from backportq.git.write.queue_refs import merge_bases
    from backportq.queue.sync.merge_files import StoredSide, all_files, merge_stored
    from backportq.queue.sync.side_log import SideLog
    from tests.queue.shared_queue import ADA

    repository = store.repository
    one, other = (all_files(repository, Oid(oid)) for oid in (mine, theirs))
    bases = merge_bases(repository, one.commit, other.commit)
    merged = merge_stored(
        repository,
        all_files(repository, bases[0]),
        StoredSide(one, SideLog(store, one.commit, bases)),
        StoredSide(other, SideLog(store, other.commit, bases)),
    )
    commit = write_commit(repository, one, merged.changes, NewCommit("x", ADA, at(0), (one.commit,)))
    assert commit is not None
    return repository.git.text("rev-parse", f"{commit}^{{tree}}")


def test_sync_of_criss_cross_histories_keeps_everything(tmp_path: Path) -> None:
    _, ada, bo = shared(tmp_path, item(1), item(2), item(3))
    for one, other in ((ada, bo), (bo, ada)):
        one.repo.git("remote", "add", "other", str(other.repo.path))
    ada.decide(setting(1, assignee="ada"), minute=1)
    bo.decide(setting(1, assignee="bo"), minute=2)
    bo.decide(setting(2, note="bo's"), minute=3)
    tips = {clone.repo.path: clone.store.tip() for clone in (ada, bo)}
    for one, other in ((ada, bo), (bo, ada)):
        one.repo.git("fetch", "-q", "other")
        tree = _merged_tree(one.store, str(tips[one.repo.path]), str(tips[other.repo.path]))
        merge = one.repo.git(
            "commit-tree", tree, "-p", str(tips[one.repo.path]), "-p", str(tips[other.repo.path]), "-m", "by hand"
        )
        one.repo.git("update-ref", "refs/heads/backportq", merge)
    ada.decide(setting(3, assignee="ada"))
    bo.decide(setting(1, note="after"))
    ada.sync()
    bo.sync()
    lost = SupersededValue("assignee", "ada", None, at(1))
    assert bo.items() == [
        item(1, assignee="bo", note="after", history=(lost,)),
        item(2, note="bo's"),
        item(3, assignee="ada"),
    ]
