"""Changes of a queue that others write too, or that the machine refuses: all kept, or as it was."""

from __future__ import annotations

import multiprocessing
import os
import resource
from pathlib import Path

import pytest

from backportq.errors import QueueBusyError, RepositoryError
from backportq.model.items.changes import ChangeKind, ItemChange
from backportq.model.items.queue import QueueState
from backportq.queue import store as store_module
from backportq.queue import writer_lock as turn
from backportq.queue.log import read_log
from tests.driver import TestRepo
from tests.queue.stored_queue import ADA, AT, B1, changed, created, item, noted, queue_at


def test_create_with_a_stale_lock_names_it(repo: TestRepo) -> None:
    lock = repo.ref_lock("backportq")
    lock.touch()
    with pytest.raises(QueueBusyError) as caught:
        created(repo.path)
    assert caught.value.hints == (f"rm {lock}, if no git and no backportq is running there",)
    lock.unlink()
    assert created(repo.path).tip() is not None


def test_change_of_checked_out_queue_is_refused_with_the_way_out(repo: TestRepo) -> None:
    store = created(repo.path, item(1))
    repo.git("checkout", "-q", "backportq")
    with pytest.raises(RepositoryError) as caught:
        changed(store, noted(1, "x"))
    assert str(caught.value) == (
        f"the queue branch 'backportq' is checked out in '{repo.path}': a commit there would take this change back"
    )
    assert caught.value.hints == (f"git -C {repo.path} checkout --detach",)
    repo.git("checkout", "-q", "--detach")
    assert changed(store, noted(1, "x")).commit is not None


def test_change_on_top_of_another_writer_applies_the_decision_again(
    repo: TestRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "_LONGEST_WAIT", 0.05)  # the other one writes although it is not its turn
    store = created(repo.path, item(1), item(2))
    calls = []

    def decide(state: QueueState) -> QueueState:
        calls.append(state)
        if len(calls) == 1:
            changed(queue_at(repo.path), noted(1, "theirs"))
        return noted(2, "mine")(state)

    change = changed(store, decide)
    assert len(calls) == 2
    assert [one.note for one in change.after.queue_of(B1).open] == ["theirs", "mine"]
    assert repo.git("rev-list", "--count", "backportq") == "3"


def test_change_of_what_was_seen_keeps_what_another_writer_did_since(repo: TestRepo) -> None:
    store = created(repo.path, item(1), item(2))
    seen = store.snapshot()
    changed(queue_at(repo.path), noted(2, "of another"))
    change = store.change(noted(1, "ours"), command="test", summary="test", actor=ADA, at=AT, seen=seen)
    assert [one.note for one in store.snapshot().state.queue_of(B1).open] == ["ours", "of another"]
    assert change.items == (ItemChange(B1, item(1).commit, ChangeKind.CHANGED, ("note",)),)
    assert repo.git("rev-list", "--count", "backportq") == "3"


def test_change_with_a_stale_lock_names_it_and_leaves_the_queue(
    repo: TestRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = created(repo.path, item(1))
    before = store.tip()
    lock = repo.ref_lock("backportq")
    lock.touch()
    monkeypatch.setattr(store_module, "_LOCKED_ATTEMPTS", 2)
    with pytest.raises(QueueBusyError) as caught:
        changed(store, noted(1, "x"))
    assert str(caught.value) == (
        f"'{lock}' is in the way: another process is writing the queue, or one died while it did"
    )
    lock.unlink()
    assert store.tip() == before
    assert changed(store, noted(1, "x")).commit is not None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_change_without_permission_is_refused_and_leaves_the_queue(repo: TestRepo) -> None:
    store = created(repo.path, item(1))
    before = store.tip()
    objects = repo.path / ".git/objects"
    folders = [objects, *(path for path in objects.iterdir() if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        with pytest.raises(RepositoryError) as caught:
            changed(store, noted(1, "x"))
    finally:
        for folder in folders:
            folder.chmod(0o700)
    assert caught.value.message.startswith("the queue could not be written and is as it was: ")
    assert store.tip() == before


def test_change_that_the_disk_refuses_leaves_the_queue(repo: TestRepo) -> None:
    store = created(repo.path, item(1))
    before = store.tip()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, limit[1]))
    try:
        with pytest.raises(RepositoryError) as caught:
            changed(store, noted(1, "x"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert caught.value.message.startswith(
        "the queue could not be written and is as it was: 'git unpack-objects' failed"
    )
    assert store.tip() == before
    assert changed(store, noted(1, "x")).commit is not None
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def _write_notes(path: Path, first: int, count: int) -> None:
    store = queue_at(path)
    for number in range(first, first + count):
        changed(store, noted(number, f"note {number}"), summary=f"note {number}")


def test_change_by_many_processes_at_once_keeps_every_one(repo: TestRepo) -> None:
    processes, each = 6, 8
    created(repo.path, *(item(number) for number in range(processes * each)))
    context = multiprocessing.get_context("spawn")
    running = [
        context.Process(target=_write_notes, args=(repo.path, number * each, each)) for number in range(processes)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join(60)
    assert [process.exitcode for process in running] == [0] * processes
    state = queue_at(repo.path).snapshot().state
    assert [one.note for one in state.queue_of(B1).open] == [f"note {number}" for number in range(processes * each)]
    summaries = [entry.summary for entry in read_log(queue_at(repo.path))]
    assert sorted(summaries) == sorted(["set up the queue", *(f"note {number}" for number in range(processes * each))])
    assert repo.git("rev-list", "--merges", "--count", "backportq") == "0"
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
