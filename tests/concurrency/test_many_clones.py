"""Many clones that decide and sync through one bare remote at once."""

from __future__ import annotations

from pathlib import Path

from backportq.queue.log import read_log
from tests.concurrency.workers import DEEP, ITEMS, asked, decide_and_sync, expected_summaries, run_all
from tests.queue.shared_queue import cloned, item, shared

CLONES, COUNT, EVERY = (8, 25, 5) if DEEP else (4, 6, 3)


def test_clones_that_sync_at_once_all_have_every_decision_once(tmp_path: Path) -> None:
    remote, *_ = shared(tmp_path, *(item(number) for number in range(1, ITEMS + 1)))
    clones = [cloned(remote, f"clone-{number}") for number in range(CLONES)]
    for clone in clones:
        clone.sync()
    run_all(
        decide_and_sync,
        [(clone.repo.path, number, COUNT, EVERY) for number, clone in enumerate(clones)],
        seconds=900,
    )
    wanted = sorted(str(asked(worker, number).text) for worker in range(CLONES) for number in range(COUNT))
    for clone in clones:
        clone.sync()
        assert clone.store.tip() == remote.id("backportq")
    kept = [one for each in clones[0].items() for one in each.nominations]
    assert sorted(str(one.text) for one in kept) == wanted
    told = [entry.summary for entry in read_log(clones[0].store) if entry.command == "tag"]
    assert sorted(told) == expected_summaries(CLONES, COUNT)
    assert remote.git("fsck", "--strict", "--no-dangling") == ""
    # Every merge that is kept was pushed: those that lost a race leave nothing in the history.
    assert remote.git("rev-list", "--merges", "--min-parents=3", "--count", "backportq") == "0"
