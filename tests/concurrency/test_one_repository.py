"""Many processes that decide in one repository at once."""

from __future__ import annotations

import multiprocessing
import subprocess
import time
from pathlib import Path

from backportq.git.repository import discover
from backportq.queue.log import read_log
from backportq.queue.store import QueueStore
from tests.cli.program import PROGRAM, run
from tests.concurrency.workers import DEEP, ITEMS, asked, decide_often, expected_summaries, run_all
from tests.driver import TestRepo
from tests.queue.shared_queue import B1, Clone, item

WORKERS, COUNT = (16, 50) if DEEP else (8, 8)


def test_decisions_of_many_processes_are_all_there_and_none_twice(repo: TestRepo) -> None:
    Clone(repo).create(*(item(number) for number in range(1, ITEMS + 1)))
    run_all(decide_often, [(repo.path, worker, COUNT) for worker in range(WORKERS)], seconds=900)
    store = QueueStore(discover(repo.path))
    kept = [one for each in store.snapshot().state.queue_of(B1).open for one in each.nominations]
    wanted = [asked(worker, number) for worker in range(WORKERS) for number in range(COUNT)]
    assert sorted(str(one.text) for one in kept) == sorted(str(one.text) for one in wanted)
    told = [entry.summary for entry in read_log(store) if entry.command == "tag"]
    assert sorted(told) == expected_summaries(WORKERS, COUNT)
    assert repo.git("rev-list", "--count", "backportq") == str(1 + WORKERS * COUNT)
    assert repo.git("rev-list", "--merges", "--count", "backportq") == "0"
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_readers_are_never_blocked_and_see_only_whole_states(repo: TestRepo) -> None:
    """A lock that a dead writer left must not stop who only reads, and neither may a writer at work."""
    Clone(repo).create(*(item(number) for number in range(1, ITEMS + 1)))
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=decide_often, args=(repo.path, worker, 6)) for worker in range(3)]
    for writer in writers:
        writer.start()
    seen = []
    deadline = time.monotonic() + 60
    while any(writer.is_alive() for writer in writers) and time.monotonic() < deadline:
        queue = QueueStore(discover(repo.path)).snapshot().state.queue_of(B1)
        assert len(queue.open) == ITEMS
        seen.append(sum(len(each.nominations) for each in queue.open))
    for writer in writers:
        writer.join(60)
    assert seen == sorted(seen)  # nobody ever reads an older state than before
    repo.ref_lock("backportq").touch()
    queue = QueueStore(discover(repo.path)).snapshot().state.queue_of(B1)
    assert sum(len(each.nominations) for each in queue.open) == 18


def test_commands_of_many_people_at_once_all_count(tmp_path: Path) -> None:
    from fixtures.build import build

    path = tmp_path / "demo"
    build("demo", path)
    assert run("init", cwd=path).status == 0
    assert run("scan", cwd=path).status == 0
    store = QueueStore(discover(path))
    items = [each for queue in store.snapshot().state.branches.values() for each in queue.open]
    commands = [["note", each.commit, "-m", f"note {index}"] for index, each in enumerate(items[:4])]
    commands += [["decline", items[5].commit, "-m", "no"], ["defer", items[4].commit, "--until", "2027-01-01"]]
    running = [
        subprocess.Popen([PROGRAM, *command], cwd=path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for command in commands
    ]
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in running]
    assert [status for _, status in ended] == [0] * len(commands), ended
    assert sorted(str(entry.command).split(" ")[0] for entry in read_log(store)) == sorted(
        ["init", "scan", *(command[0] for command in commands)]
    )
