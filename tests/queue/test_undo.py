"""Undo: what nobody touched since comes back, what somebody did is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backportq.errors import DecisionError
from backportq.model.ids import Oid
from backportq.model.items.changes import ChangeKind, ItemChange
from backportq.model.items.item import State
from backportq.queue.log import read_log
from backportq.queue.store import QueueChange, QueueStore
from backportq.queue.undo import undo_change
from tests.driver import TestRepo
from tests.queue.stored_queue import ADA, AT, B1, B2, changed, created, item, noted, with_items


def undone(store: QueueStore, commit: Oid | None = None) -> QueueChange:
    return undo_change(store, commit, actor=ADA, at=AT)


def tree(repo: TestRepo, revision: str) -> str:
    return repo.id(f"{revision}^{{tree}}")


def test_undo_restores_the_bytes_and_a_second_one_does_it_again(repo: TestRepo) -> None:
    store = created(repo.path, item(1), item(2))
    changed(store, noted(1, "x"), summary="note 1")
    change = undone(store)
    assert change.items == (ItemChange(B1, item(1).commit, ChangeKind.CHANGED, ("note",)),)
    assert tree(repo, "backportq") == tree(repo, "backportq~2")
    undone(store)
    assert tree(repo, "backportq") == tree(repo, "backportq~2")
    undone(store)
    assert [entry.summary for entry in read_log(store)] == [
        "undo: note 1",
        "redo: note 1",
        "undo: note 1",
        "note 1",
        "set up the queue",
    ]


def test_undo_of_an_older_change_keeps_what_others_decided_since(repo: TestRepo) -> None:
    store = created(repo.path, item(1), item(2), item(3))
    older = changed(store, with_items(B1, item(2), item(3), closed=(item(1, state=State.DECLINED, reason="no"),)))
    changed(store, noted(2, "theirs"))
    undone(store, older.commit)
    queue = store.snapshot().state.queue_of(B1)
    assert queue.open == (item(1), item(2, note="theirs"), item(3))
    assert queue.closed == ()


def test_undo_of_another_field_of_the_same_item_keeps_the_later_one(repo: TestRepo) -> None:
    store = created(repo.path, item(1))
    older = changed(store, noted(1, "x"))
    changed(store, with_items(B1, item(1, note="x", assignee="ada")))
    undone(store, older.commit)
    assert store.snapshot().state.queue_of(B1).open == (item(1, assignee="ada"),)


@pytest.mark.parametrize("kind", ["changed", "added", "removed"])
def test_undo_where_a_later_change_decided_the_same_is_refused_and_names_it(repo: TestRepo, kind: str) -> None:
    store = created(repo.path, item(1), item(3))
    if kind == "changed":
        older = changed(store, noted(1, "x"))
        later = changed(store, noted(1, "y"))
        why = "note changed again since"
    elif kind == "added":
        older = changed(store, with_items(B1, item(1), item(2), item(3)))
        later = changed(store, with_items(B1, item(1), item(2, note="n"), item(3)))
        why = "it was changed since"
    else:
        older = changed(store, with_items(B1, item(3)))
        later = changed(store, with_items(B1, item(1, note="again"), item(3)))
        why = "it is in the queue again"
    changed(store, with_items(B2, item(9)))
    before = store.tip()
    assert older.commit is not None
    assert later.commit is not None
    commit = item(2 if kind == "added" else 1).commit[:12]
    with pytest.raises(DecisionError) as caught:
        undone(store, older.commit)
    assert str(caught.value) == (
        f"cannot undo '{older.commit[:12]}': item '{commit}' on 'stable-1': {why}, by '{later.commit[:12]}'"
    )
    assert caught.value.hints == (f"backportq undo {later.commit[:12]}, first",)
    assert store.tip() == before


def test_undo_of_configuration_restores_its_text(repo: TestRepo) -> None:
    store = created(repo.path)
    text = repo.git("show", "backportq:config.toml")
    older = changed(store, lambda state: replace(state, config=replace(state.config, remote="origin")))
    changed(store, with_items(B1, item(1)))
    undone(store, older.commit)
    assert repo.git("show", "backportq:config.toml") == text
    assert store.snapshot().state.queue_of(B1).open == (item(1),)


def test_undo_of_the_first_change_and_of_a_stranger_is_refused(repo: TestRepo) -> None:
    store = created(repo.path)
    first = store.tip()
    with pytest.raises(DecisionError) as caught:
        undone(store)
    assert first is not None
    assert str(caught.value) == f"'{first[:12]}' set the queue up and cannot be undone"
    repo.commit("one")
    other = repo.commit("two")
    with pytest.raises(DecisionError) as caught:
        undone(store, Oid(other))
    assert str(caught.value) == f"'{other[:12]}' is no change of this queue"


def test_undo_of_a_merge_names_ones_own_last_change(repo: TestRepo) -> None:
    store = created(repo.path, item(1), item(2))
    mine = changed(store, noted(1, "mine"), summary="note 1")
    merge = repo.git("commit-tree", "backportq^{tree}", "-p", "backportq", "-p", "backportq~1", "-m", "sync: merge")
    repo.git("update-ref", "refs/heads/backportq", merge)
    with pytest.raises(DecisionError, match="merged two queues") as refused:
        undone(QueueStore(store.repository))
    assert refused.value.hints[0] == f"backportq undo {str(mine.commit)[:12]} takes back your last change: note 1"
