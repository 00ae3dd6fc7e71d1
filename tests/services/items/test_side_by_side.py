"""Branches tried side by side: the same answers in the same order, failures told, and an early end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from backportq.errors import RepositoryError
from backportq.git.repository import discover
from backportq.git.trials import TrialSession
from backportq.model.ids import Oid
from backportq.model.progress import advance, listening
from backportq.services.items import tried_items
from backportq.services.items.open_items import OpenItems, open_items
from backportq.services.items.side_by_side import side_by_side
from backportq.services.items.tried_items import TriedItem, iter_tried
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import stable, start_queue

_BRANCHES = ("stable-4.17", "stable-4.18", "stable-4.19")


def _project(repo: TestRepo) -> Project:
    """Three branches with a clean item, one that it blocks, and one that conflicts where no pick of it is near."""
    repo.commit("start", {"file": "one\n", "other": "old\nway\n"})
    for branch in _BRANCHES:
        repo.git("branch", branch)
    repo.commit("rework", {"other": "new\nway\n"})
    repo.commit("first\n\nBackport: 4.17+\n", {"file": "two\n"})
    repo.commit("second\n\nBackport: 4.17+\n", {"file": "three\n"})
    fix = repo.commit("fix\n\nBackport: 4.17+\n", {"other": "new fixed\nway\n"})
    repo.checkout(_BRANCHES[1])
    repo.commit(f"fix\n\n(cherry picked from commit {fix})\n", {"other": "old fixed\nway\n"})
    project = start_queue(repo, *map(stable, _BRANCHES))
    scan(project)
    return project


def _answers(project: Project, found: OpenItems, needed: int | None = None) -> list[tuple[str, ...]]:
    coming = iter_tried(project.repository, found.items, found.elsewhere, needed=needed)
    return [tuple(map(str, _shown(each))) for branch in coming for each in branch]


def _shown(each: TriedItem) -> tuple[object, ...]:
    return each.entry.branch, each.entry.item.commit, each.verdict, each.in_order, each.blocked_by, each.alternative


@pytest.mark.parametrize("needed", [None, 2])
def test_lanes_give_what_one_branch_after_the_other_gives(
    repo: TestRepo, monkeypatch: pytest.MonkeyPatch, needed: int | None
) -> None:
    project = _project(repo)
    found = open_items(project)
    monkeypatch.setattr(tried_items, "_lanes", lambda *_: 0)
    alone = _answers(project, found)
    monkeypatch.undo()
    (project.repository.cache_dir / "index-1.sqlite").unlink()
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    assert _answers(project, found, needed) == alone
    assert {row[0] for row in alone} == set(_BRANCHES)
    assert any(row[5] != "None" for row in alone)


def test_what_a_lane_cannot_do_is_raised_where_it_is_waited_for(repo: TestRepo) -> None:
    repo.commit("start", {"file": "one\n"})

    def fails(_: TrialSession) -> str:
        raise RepositoryError("no space left")

    works: list[Callable[[TrialSession], str]] = [lambda _: "first", fails]
    results = side_by_side([TrialSession(discover(repo.path))], works)
    assert next(results) == "first"
    with pytest.raises(RepositoryError, match="no space left"):
        next(results)


def test_lanes_end_before_their_next_trials_when_nobody_waits(repo: TestRepo) -> None:
    start = repo.commit("start", {"file": "one\n"})
    fix = repo.commit("fix", {"file": "two\n"})
    goes_on, rounds = threading.Event(), []

    def endless(session: TrialSession) -> str:
        while True:
            session.run([(Oid(fix), Oid(start))])
            rounds.append(1)
            goes_on.set()

    sessions = [TrialSession(discover(repo.path)), TrialSession(discover(repo.path))]
    results = side_by_side(sessions, [lambda _: "first", endless])
    assert next(results) == "first"
    assert goes_on.wait(10)
    results.close()  # type: ignore[attr-defined]
    ended = len(rounds)
    time.sleep(0.05)  # many rounds
    assert len(rounds) == ended


def test_lanes_are_heard_through_whoever_waits(repo: TestRepo) -> None:
    repo.commit("start", {"file": "one\n"})
    heard: list[tuple[str, bool]] = []
    told = threading.Event()

    def work(_: TrialSession) -> str:
        advance("trying commits", 1, 2)
        told.wait(10)
        return "done"

    def listener(what: str, _done: int, _total: int | None) -> None:
        heard.append((what, threading.current_thread() is threading.main_thread()))
        told.set()

    with listening(listener):
        assert list(side_by_side([TrialSession(discover(repo.path))], [work])) == ["done"]
    assert heard
    assert set(heard) == {("trying commits", True)}
