"""`undo` as a person runs it: which change it took back, and of many items only the first."""

from __future__ import annotations

import json

from backportq.git.repository import discover
from backportq.queue.store import QueueStore
from tests.cli.program import Ran, run
from tests.driver import TestRepo
from tests.queue.shared_queue import ADA, Clone, at, item, setting
from tests.queue.stored_queue import B1, with_items


def _queue(repo: TestRepo) -> Clone:
    repo.commit("start")
    ada = Clone(repo)
    ada.create(item(1))
    return ada


def test_undo_says_which_change_it_took_back_and_again_what_an_undo_did(repo: TestRepo) -> None:
    ada = _queue(repo)
    ada.decide(setting(1, note="\x1b[31mred"))
    made = str(ada.store.tip())[:12]
    assert run("undo", cwd=repo.path) == Ran(
        f"took back {made} by Ada Author, 2026-06-01 12:01: test: test\n000000000000 stable-1: changed (note)\n", "", 0
    )
    assert run("undo", made, cwd=repo.path).status == 3
    undone = str(ada.store.tip())[:12]
    assert run("undo", cwd=repo.path).out.startswith(f"took back {undone} by Cora Committer, 2026-06-01 12:00: undo: ")


def test_undo_of_many_items_names_the_first_and_how_to_list_all(repo: TestRepo) -> None:
    ada = _queue(repo)
    store = QueueStore(discover(repo.path))
    many = [item(number) for number in range(1, 302)]
    store.change(with_items(B1, *many), command="scan", summary="300 new", actor=ADA, at=at(2))
    ran = run("undo", cwd=repo.path)
    first, *listed, last = ran.out.splitlines()
    assert first.endswith(" by Ada Author, 2026-06-01 12:02: scan: 300 new")
    assert [line.split(" ", 1)[1] for line in listed] == ["stable-1: removed"] * 20
    assert last == "  backportq log -n 1 --json    lists 280 more"
    (change,) = json.loads(run("log", "-n", "1", "--json", cwd=repo.path).out)["changes"]
    assert len(change["items"]) == 300
    assert len(json.loads(run("undo", "--json", cwd=repo.path).out)["changes"]) == 300
    assert ada.items() == many


def test_undo_takes_back_a_configuration_that_does_not_parse(repo: TestRepo) -> None:
    ada = _queue(repo)
    before = ada.text("config.toml")
    repo.checkout("backportq")
    repo.commit("break it", {"config.toml": before.replace("upstream", "upstrem")})
    repo.checkout("master")
    assert run("undo", cwd=repo.path).out.endswith(
        " by Ada Author, 2023-11-14 22:15: by hand: break it\nthe files are as they were before\n"
    )
    assert ada.text("config.toml") == before
