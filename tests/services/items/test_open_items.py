"""What is open today, whether it applies, and the counts of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from backportq.model.config import Support
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import State
from backportq.model.items.nomination import Nomination, Via
from backportq.model.items.queue import QueueState
from backportq.model.people.people import People, Person
from backportq.model.picks.topic import WorkStage
from backportq.model.priority import Priority
from backportq.model.trials.verdict import Verdict
from backportq.services.items.open_items import EffectiveState, Filter, open_items
from backportq.services.items.status import BranchStatus, Load, status
from backportq.services.items.tried_items import try_items
from backportq.services.picks.pick import pick
from backportq.services.picks.request import PickRequest
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from backportq.services.trials.try_commits import TrialRequest, name_branches
from tests.driver import TestRepo
from tests.services.queued import decide, stable, start_queue

_BRANCH = BranchName("stable-4.18")


def _fixes(repo: TestRepo, count: int, branch: str = _BRANCH) -> list[str]:
    """Make a bug and the branch, then commits on master that fix it, each in a file of its own."""
    bug = repo.commit("add the thing", {"thing": "bug\n"})
    repo.git("branch", branch)
    return [
        repo.commit(f'fix {n}\n\nFixes: {bug[:12]} ("add the thing")\n', {f"file {n}": "1\n"}) for n in range(count)
    ]


def _standings(project: Project) -> dict[str, tuple[str, str | None, str | None]]:
    return {
        entry.item.commit: (
            str(entry.standing),
            entry.due.isoformat() if entry.due is not None else None,
            entry.wait,
        )
        for entry in open_items(project).items
    }


def test_open_items_stand_as_their_state_and_the_day_say(repo: TestRepo) -> None:
    plain, working, later, ended, never = _fixes(repo, 5)
    project = start_queue(repo, stable(_BRANCH))
    scan(project)
    decide(project, working, state=State.IN_PROGRESS, assignee="ada")
    decide(project, later, state=State.DEFERRED, until=date(2026, 6, 2), reason="after the release")
    decide(project, ended, state=State.DEFERRED, until=date(2026, 6, 1))
    decide(project, never, state=State.DEFERRED, reason="no date yet")
    assert _standings(project) == {
        plain: ("pending", None, None),
        working: ("in-progress", None, None),
        later: ("deferred", "2026-06-02T00:00:00+00:00", "after the release"),
        ended: ("pending", None, None),
        never: ("deferred", None, "no date yet"),
    }


def test_item_waits_while_all_of_its_nominations_do(repo: TestRepo) -> None:
    waiting, asked, rc = _fixes(repo, 3)
    project = start_queue(repo, stable(_BRANCH))
    due = datetime(2026, 6, 9, tzinfo=UTC)
    wait = Nomination(Via.PERSON, by="Ada Author <ada@example.org>", due=due)
    now = Nomination(Via.PERSON, by="Bob Builder <bob@example.org>")
    repo.git("revert", "--no-edit", "HEAD")  # leaves upstream with nothing to nominate the last one by itself
    decide(project, waiting, nominations=(wait,))
    decide(project, asked, nominations=(wait, now))
    decide(project, rc, nominations=(replace(wait, due=None, wait="-rc3"),))
    repo.git("reset", "-q", "--hard", "HEAD~1")
    assert _standings(project) == {
        waiting: ("waiting", "2026-06-09T00:00:00+00:00", None),
        asked: ("pending", None, None),
        rc: ("waiting", None, "-rc3"),
    }


def test_item_that_landed_since_the_scan_is_hidden_and_the_move_is_said(repo: TestRepo) -> None:
    first, second = _fixes(repo, 2)
    project = start_queue(repo, stable(_BRANCH))
    scan(project)
    before = open_items(project)
    assert ([entry.item.commit for entry in before.items], before.moved, before.hidden) == ([first, second], (), 0)
    repo.checkout(_BRANCH)
    repo.pick(first, "-x")
    after = open_items(project)
    assert ([entry.item.commit for entry in after.items], after.moved, after.hidden) == ([second], (_BRANCH,), 1)
    assert dict(after.landed) == {_BRANCH: 1}


def test_recorded_needs_that_branch_and_queue_lack_are_told(repo: TestRepo) -> None:
    landed, queued, fix = _fixes(repo, 3)
    absent = repo.commit("call it something else", {"other": "1\n"})
    repo.checkout(_BRANCH)
    repo.pick(landed, "-x")
    project = start_queue(repo, stable(_BRANCH))
    scan(project)
    decide(project, fix, needs=(Oid(landed), Oid(queued), Oid(absent)))
    assert [(entry.item.commit, entry.lacking) for entry in open_items(project).items] == [
        (queued, ()),
        (fix, (absent,)),
    ]
    repo.pick(absent, "-x")
    assert [entry.lacking for entry in open_items(project).items] == [(), ()]


def test_listing_reads_no_history_while_nothing_moved(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = _fixes(repo, 2)
    project = start_queue(repo, stable(_BRANCH))
    scan(project)
    decide(project, first, assignee="ada")

    def fail(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("backportq.services.history.gather.gather", fail)
    assert len(open_items(project).items) == 2


def test_branch_past_its_end_of_life_is_listed_only_by_name(repo: TestRepo) -> None:
    (fix,) = _fixes(repo, 1)
    project = start_queue(repo, stable(_BRANCH, support=Support.SECURITY, security_until=date(2026, 5, 31)))
    decide(project, fix, nominations=(Nomination(Via.PERSON, by="Ada Author <ada@example.org>"),))
    assert open_items(project).items == ()
    assert [entry.item.commit for entry in open_items(project, branches=(_BRANCH,)).items] == [fix]


def test_pick_goes_onto_the_staging_branch_where_there_is_one(repo: TestRepo) -> None:
    (fix,) = _fixes(repo, 1)
    repo.checkout("staging-4.18", _BRANCH)
    staged = repo.commit("staged work", {"staged": "1\n"})
    project = start_queue(repo, stable(_BRANCH, staging=BranchName("staging-4.18")))
    scan(project)
    assert [(entry.item.commit, entry.onto) for entry in open_items(project).items] == [(fix, staged)]


def test_pick_goes_onto_the_branch_that_went_past_its_staging_branch(repo: TestRepo) -> None:
    (fix,) = _fixes(repo, 1)
    repo.git("branch", "staging-4.18", _BRANCH)
    repo.checkout(_BRANCH)
    release = repo.commit("release 4.18.1", {"version": "4.18.1\n"})
    project = start_queue(repo, stable(_BRANCH, staging=BranchName("staging-4.18")))
    scan(project)
    assert [(entry.item.commit, entry.onto) for entry in open_items(project).items] == [(fix, release)]
    assert pick(project, PickRequest((fix,), "4.18", dry_run=True)).onto == release
    (asked,) = name_branches(project, [TrialRequest(fix, "4.18")])
    assert isinstance(asked, TrialRequest)
    assert asked.onto == release


def test_filter_admits_what_all_of_its_conditions_do(repo: TestRepo) -> None:
    mine, free, urgent = _fixes(repo, 3)
    project = start_queue(repo, stable(_BRANCH))
    scan(project)
    decide(project, mine, assignee="ada", state=State.IN_PROGRESS)
    decide(project, urgent, priority=Priority.HIGH, priority_by="Ada Author <ada@example.org>")
    items = open_items(project).items

    def admitted(wanted: Filter) -> list[str]:
        return [entry.item.commit for entry in items if wanted.admits(entry)]

    assert admitted(Filter()) == [mine, free, urgent]
    assert admitted(Filter(assignees=("ada",))) == [mine]
    assert admitted(Filter(unassigned=True)) == [free, urgent]
    assert admitted(Filter(standings=(EffectiveState.IN_PROGRESS,))) == [mine]
    assert admitted(Filter(priorities=(Priority.HIGH, Priority.SECURITY), unassigned=True)) == [urgent]
    assert admitted(Filter(assignees=("ada",), unassigned=True)) == []


def test_trials_are_alone_and_in_order_of_what_is_due(repo: TestRepo) -> None:
    repo.commit("start", {"file": "one\n"})
    repo.git("branch", _BRANCH)
    first = repo.commit("first\n\nBackport: 4.18\n", {"file": "two\n"})
    second = repo.commit("second\n\nBackport: 4.18\n", {"file": "three\n"})
    project = start_queue(repo, stable(_BRANCH))
    scan(project)

    def tried() -> list[tuple[str, Verdict | None, Verdict | None, tuple[Oid, ...]]]:
        found = try_items(project.repository, open_items(project).items)
        return [(each.entry.item.commit, each.verdict, each.in_order, each.blocked_by) for each in found]

    assert tried() == [
        (first, Verdict.CLEAN, Verdict.CLEAN, ()),
        (second, Verdict.CONFLICT, Verdict.CLEAN, (first,)),
    ]
    decide(project, first, state=State.DEFERRED, until=date(2026, 7, 1))
    assert tried() == [
        (first, Verdict.CLEAN, Verdict.CLEAN, ()),
        (second, Verdict.CONFLICT, Verdict.CONFLICT, ()),
    ]


def test_original_that_conflicts_names_the_nearest_pick_that_applies(repo: TestRepo) -> None:
    repo.commit("start", {"file": "old\nway\n"})
    repo.git("branch", "stable-4.17")
    repo.git("branch", _BRANCH)
    repo.commit("rework", {"file": "new\nway\n"})
    fix = repo.commit("fix", {"file": "new fixed\nway\n"})
    repo.checkout(_BRANCH)
    adapted = repo.commit(f"fix\n\n(cherry picked from commit {fix})\n", {"file": "old fixed\nway\n"})
    project = start_queue(repo, stable("stable-4.17"), stable(_BRANCH))
    scan(project)
    for _ in range(2):  # the second time from memory
        found = open_items(project)
        assert dict(found.elsewhere([Oid(fix)]).picks) == {fix: [(_BRANCH, adapted)]}
        tried = try_items(project.repository, found.items, found.elsewhere)
        assert [
            (
                each.entry.item.commit,
                each.verdict,
                each.alternative and (each.alternative.branch, each.alternative.commit),
            )
            for each in tried
        ] == [(fix, Verdict.CONFLICT, (_BRANCH, adapted))]


def test_status_counts_what_is_listed(repo: TestRepo) -> None:
    first, second, _ = _fixes(repo, 3)
    project = start_queue(repo, stable(_BRANCH), stable("stable-4.19"))
    repo.git("branch", "stable-4.19")
    scan(project)
    people = People((Person("ada", "Ada Author", ("ada@example.org",)),))

    def add_people(state: QueueState) -> QueueState:
        return replace(state, people=people)

    project.store.change(add_people, command="test", summary="people", actor=project.actor(), at=project.clock())
    decide(project, first, state=State.IN_PROGRESS, assignee="ada", due=date(2026, 5, 31))
    decide(project, second, assignee="gone", priority=Priority.SECURITY, priority_by="x")
    found = status(project)
    none = dict.fromkeys(Priority, 0)
    assert found.branches == (
        BranchStatus(
            branch=_BRANCH,
            version="4.18",
            support=Support.FULL,
            open=3,
            standings={**dict.fromkeys(EffectiveState, 0), EffectiveState.PENDING: 2, EffectiveState.IN_PROGRESS: 1},
            stages={**dict.fromkeys(WorkStage, 0), WorkStage.ASKED: 2},
            unassigned=1,
            priorities={**none, Priority.SECURITY: 1, Priority.NORMAL: 2},
            landed=0,
            oldest=Oid(first),
            oldest_days=929,
        ),
        BranchStatus(
            branch=BranchName("stable-4.19"),
            version="4.19",
            support=Support.FULL,
            open=0,
            standings=dict.fromkeys(EffectiveState, 0),
            stages=dict.fromkeys(WorkStage, 0),
            unassigned=0,
            priorities=none,
            landed=0,
            oldest=None,
            oldest_days=None,
        ),
    )
    assert found.people == (
        Load("ada", "Ada Author", open=1, in_progress=1, picked=0, overdue=1, branches={_BRANCH: 1}),
        Load("gone", "gone", open=1, in_progress=0, picked=0, overdue=0, branches={_BRANCH: 1}),
    )
