"""Applying a queue: the same commits as git makes of the same list, and everything that is left out named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backportq.errors import ConfigError, RefError, RepositoryError, UsageError
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import State
from backportq.model.items.records import Ballot, Check, CheckResult, Vote
from backportq.model.people.people import People, Person
from backportq.model.priority import Priority
from backportq.services.items.open_items import Filter
from backportq.services.picks.apply import ApplyReport, ApplyRequest, ApplyResult, apply
from backportq.services.picks.publish import PublishRequest
from backportq.services.picks.queue_update import tell_given_up
from backportq.services.project import Project
from tests.driver import TestRepo
from tests.git.picking.oracle import MOMENT
from tests.services.queued import decide, stable, start_queue

LINES = "".join(f"line {number}\n" for number in range(1, 31))
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Queue:
    """Upstream commits on one file and a stable branch that changed line 5; the queue is made of what a test adds."""

    def __init__(self, repo: TestRepo) -> None:
        self.repo = repo
        self.text = LINES
        self.start = repo.commit("start", {"file": LINES})
        repo.checkout("stable-4.18", self.start)
        repo.commit("own", {"file": LINES.replace("line 5\n", "ours\n")})
        repo.git("checkout", "-q", "master")
        self.project: Project | None = None

    def upstream(self, subject: str, old: str, new: str) -> str:
        assert f"{old}\n" in self.text
        self.text = self.text.replace(f"{old}\n", f"{new}\n")
        return self.repo.commit(subject, {"file": self.text})

    def queue(self, *commits: str, **policy: object) -> Project:
        self.project = start_queue(self.repo, stable("stable-4.18"), dialects=("generic",), policy=policy)
        for commit in commits:
            decide(self.project, commit)
        return self.project

    def apply(self, **asked: object) -> ApplyReport:
        assert self.project is not None
        return apply(self.project, replace(ApplyRequest("4.18", onto="topic"), **asked))  # type: ignore[arg-type]

    def subjects(self) -> list[str]:
        return self.repo.git("log", "--reverse", "--format=%s", "stable-4.18..topic").split("\n")


@pytest.fixture
def queue(repo: TestRepo) -> Queue:
    return Queue(repo)


def _fates(report: ApplyReport) -> list[tuple[str, ApplyResult]]:
    return [(entry.subject, entry.result) for entry in report.results]


def test_apply_makes_the_commits_of_git_cherry_pick(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", MOMENT)
    commits = [
        queue.upstream("first", "line 20", "one"),
        queue.upstream("second", "one", "two"),
        queue.upstream("conflicts", "line 5", "theirs"),
        queue.upstream("third", "two", "three"),
        queue.upstream("already there", "line 4", "line 4 "),
    ]
    project = queue.queue(*commits)
    report = queue.apply()
    assert _fates(report) == [
        ("first", ApplyResult.APPLIED),
        ("second", ApplyResult.APPLIED),
        ("conflicts", ApplyResult.CONFLICT),
        ("third", ApplyResult.APPLIED),
        ("already there", ApplyResult.CONFLICT),
    ]
    assert report.results[2].why == "file"
    queue.repo.git("checkout", "-q", "--detach", "stable-4.18")
    queue.repo.git("cherry-pick", "-x", commits[0], commits[1], commits[3], env={"GIT_COMMITTER_DATE": MOMENT})
    assert report.tip == queue.repo.id("HEAD") == queue.repo.id("topic")
    items = project.store.snapshot().state.queue_of(BranchName("stable-4.18"))
    assert [(item.state, item.topic) for item in items.open] == [
        (State.IN_PROGRESS, "topic"),
        (State.IN_PROGRESS, "topic"),
        (State.PENDING, None),
        (State.IN_PROGRESS, "topic"),
        (State.PENDING, None),
    ]


def test_apply_dry_run_writes_nothing(queue: Queue) -> None:
    project = queue.queue(queue.upstream("first", "line 20", "one"))
    before = (queue.repo.git("for-each-ref"), queue.repo.git("count-objects", "-v"))
    assert _fates(queue.apply(dry_run=True)) == [("first", ApplyResult.APPLIED)]
    assert (queue.repo.git("for-each-ref"), queue.repo.git("count-objects", "-v")) == before
    assert project.store.tip() is not None


def test_apply_dry_run_runs_the_check_and_keeps_nothing_of_it(queue: Queue) -> None:
    queue.queue(queue.upstream("good", "line 12", "good"), queue.upstream("bad", "line 20", "bad"))
    before = (queue.repo.git("for-each-ref"), queue.repo.git("count-objects", "-v"))
    command = "git log --oneline -2 | grep -c . && ! grep -q bad file"
    report = queue.apply(dry_run=True, command=command, keep_going=True)
    assert _fates(report) == [("good", ApplyResult.APPLIED), ("bad", ApplyResult.FAILED)]
    assert report.results[0].check is not None
    assert report.results[0].check.log.read_text().splitlines()[1:] == ["2"]
    assert (queue.repo.git("for-each-ref"), queue.repo.git("count-objects", "-v")) == before
    assert queue.repo.git("worktree", "list").count("\n") == 0


def test_apply_without_record_makes_the_branch_and_leaves_the_queue(queue: Queue) -> None:
    project = queue.queue(queue.upstream("good", "line 12", "good"), queue.upstream("bad", "line 20", "bad"))
    before = project.store.tip()
    report = queue.apply(record=False, command="! grep -q bad file", keep_going=True)
    assert _fates(report) == [("good", ApplyResult.APPLIED), ("bad", ApplyResult.FAILED)]
    assert queue.subjects() == ["good"]
    assert project.store.tip() == before


def test_apply_by_somebody_unknown_makes_them_one_of_the_people(queue: Queue) -> None:
    theirs, free = queue.upstream("theirs", "line 12", "one"), queue.upstream("free", "line 20", "two")
    project = queue.queue(theirs, free)
    decide(project, theirs, assignee="ben")
    told = queue.apply().queue_update
    assert (told.taken, told.joined, told.others) == (1, "cora", (("ben", 1),))
    state = project.store.snapshot().state
    assert [item.assignee for item in state.queue_of(BranchName("stable-4.18")).open] == ["ben", "cora"]
    assert state.people.find("cora") == Person("cora", "Cora Committer", ("cora@example.org",))
    assert queue.apply(onto="other").queue_update.joined is None


def test_apply_dry_run_is_not_hindered_by_the_topic_branch(queue: Queue) -> None:
    queue.queue(queue.upstream("first", "line 20", "one"))
    assert not queue.apply(dry_run=True).is_in_the_way
    made = queue.apply()
    queue.repo.git("checkout", "-q", "topic")
    again = queue.apply(dry_run=True)
    assert (_fates(again), again.is_in_the_way) == (_fates(made), True)
    assert (_fates(queue.apply(dry_run=True, append=True))) == [("first", ApplyResult.EMPTY)]
    with pytest.raises(RefError, match="branch 'topic' exists already"):
        queue.apply()
    with pytest.raises(RefError, match="branch 'topic' is checked out"):
        queue.apply(force=True)


def test_apply_with_prerequisites_picks_what_an_item_needs(queue: Queue) -> None:
    needed = queue.upstream("needed", "line 20", "needed")
    item = queue.upstream("needs it", "needed", "fixed")
    queue.queue(item)
    assert _fates(queue.apply()) == [("needs it", ApplyResult.CONFLICT)]
    report = queue.apply(with_prerequisites=True)
    assert _fates(report) == [("needed", ApplyResult.PREREQUISITE), ("needs it", ApplyResult.APPLIED)]
    assert report.results[0].needed_by == item
    assert queue.subjects() == ["needed", "needs it"]
    assert queue.repo.git("log", "-1", "--format=%b", "topic~1").strip() == f"(cherry picked from commit {needed})"


def test_apply_prerequisites_that_a_person_named_come_first_and_only_once(queue: Queue) -> None:
    needed = queue.upstream("needed", "line 25", "needed")
    one = queue.upstream("one", "line 20", "one")
    two = queue.upstream("two", "line 15", "two")
    project = queue.queue(one, two)
    decide(project, one, needs=(Oid(needed),))
    decide(project, two, needs=(Oid(needed),))
    report = queue.apply(with_prerequisites=True)
    assert _fates(report) == [
        ("needed", ApplyResult.PREREQUISITE),
        ("one", ApplyResult.APPLIED),
        ("two", ApplyResult.APPLIED),
    ]


def test_apply_prerequisites_of_what_conflicts_nevertheless_are_left_out(queue: Queue) -> None:
    needed = queue.upstream("needed", "line 20", "needed")
    hopeless = queue.upstream("hopeless", "line 5", "theirs")
    project = queue.queue(hopeless)
    decide(project, hopeless, needs=(Oid(needed),))
    report = queue.apply(with_prerequisites=True)
    assert _fates(report) == [("hopeless", ApplyResult.CONFLICT)]
    assert queue.repo.git("branch", "--list", "topic") == ""


def test_apply_exec_that_fails_ends_the_run_or_leaves_out(queue: Queue) -> None:
    commits = [queue.upstream(name, f"line {at}", name) for name, at in (("good", 12), ("bad", 20), ("last", 28))]
    project = queue.queue(*commits)
    command = "! grep -q bad file"
    report = queue.apply(command=command)
    assert _fates(report) == [
        ("good", ApplyResult.APPLIED),
        ("bad", ApplyResult.FAILED),
        ("last", ApplyResult.NOT_REACHED),
    ]
    assert report.stopped
    assert queue.subjects() == ["good"]
    report = queue.apply(command=command, keep_going=True, force=True)
    assert _fates(report) == [("good", ApplyResult.APPLIED), ("bad", ApplyResult.FAILED), ("last", ApplyResult.APPLIED)]
    assert queue.subjects() == ["good", "last"]
    items = project.store.snapshot().state.queue_of(BranchName("stable-4.18")).open
    checks = [check for item in items if (check := item.check) is not None]
    assert [(check.command, check.result) for check in checks] == [
        (command, CheckResult.PASSED),
        (command, CheckResult.FAILED),
        (command, CheckResult.PASSED),
    ]
    assert checks[0] == Check(
        command, CheckResult.PASSED, Oid(queue.repo.id("topic~1")), "Cora Committer <cora@example.org>", NOW
    )


def test_apply_tells_what_became_of_whose_items(queue: Queue) -> None:
    commits = [queue.upstream(f"at {at}", f"line {at}", f"new {at}") for at in (8, 12, 16, 20, 24)]
    project = queue.queue(*commits)
    people = People(tuple(Person(key, key, (f"{key}@example.org",)) for key in ("ben", "cora")))
    project.store.change(
        lambda state: replace(state, people=people),
        command="test",
        summary="people",
        actor=project.actor(),
        at=project.clock(),
    )
    for commit, key in zip(commits, ("ben", "cora", None, "ben", None), strict=True):
        decide(project, commit, assignee=key)
    told = queue.apply().queue_update
    assert (told.items, told.open, told.taken, told.others) == (tuple(commits), 5, 2, (("ben", 2),))
    items = project.store.snapshot().state.queue_of(BranchName("stable-4.18")).open
    assert [item.assignee for item in items] == ["ben", "cora", "cora", "ben", "cora"]
    again = queue.apply(force=True).queue_update
    assert (again.items, again.open, again.taken, again.others) == ((), 5, 0, (("ben", 2),))


def test_apply_to_another_branch_keeps_the_first_one_with_the_item(queue: Queue) -> None:
    commit = queue.upstream("one", "line 12", "one")
    project = queue.queue(commit)

    def topics() -> tuple[State, str | None, tuple[str, ...]]:
        (item,) = project.store.snapshot().state.queue_of(BranchName("stable-4.18")).open
        return item.state, item.topic, item.earlier_topics

    for name in ("first", "second"):
        queue.apply(onto=name)
    assert topics() == (State.IN_PROGRESS, "second", ("first",))
    queue.apply(onto="first", force=True)
    assert topics() == (State.IN_PROGRESS, "first", ("second",))
    tell_given_up(project, BranchName("stable-4.18"), "first", [Oid(commit)])
    assert topics() == (State.IN_PROGRESS, "second", ())
    tell_given_up(project, BranchName("stable-4.18"), "second", [Oid(commit)])
    assert topics() == (State.PENDING, None, ())
    for number in range(8):
        queue.apply(onto=f"try-{number}")
    assert topics() == (State.IN_PROGRESS, "try-7", tuple(f"try-{number}" for number in range(2, 7)))
    tell_given_up(project, BranchName("stable-4.18"), "try-4", [Oid(commit)])
    assert topics() == (State.IN_PROGRESS, "try-7", ("try-2", "try-3", "try-5", "try-6"))


def test_apply_votes_are_respected(queue: Queue) -> None:
    commits = [queue.upstream(name, f"line {at}", name) for name, at in (("approved", 12), ("not yet", 20))]
    project = queue.queue(*commits, approvals=1)
    decide(project, commits[0], votes=(Vote(Ballot.APPROVE, "Rae <rae@example.org>", NOW),))
    report = queue.apply()
    assert _fates(report) == [("approved", ApplyResult.APPLIED), ("not yet", ApplyResult.NOT_APPROVED)]
    assert report.results[1].why == "0 of 1 approvals"


def test_apply_filters_choose_items(queue: Queue) -> None:
    commits = [queue.upstream(name, f"line {at}", name) for name, at in (("urgent", 12), ("normal", 20), ("late", 28))]
    project = queue.queue(*commits)
    decide(project, commits[0], priority=Priority.SECURITY)
    decide(project, commits[2], state=State.DEFERRED, reason="later")
    assert _fates(queue.apply(wanted=Filter(priorities=(Priority.SECURITY,)))) == [("urgent", ApplyResult.APPLIED)]
    assert _fates(queue.apply(force=True)) == [("urgent", ApplyResult.APPLIED), ("normal", ApplyResult.APPLIED)]
    assert _fates(queue.apply(force=True, query="priority:normal")) == [("normal", ApplyResult.APPLIED)]


def test_apply_append_builds_on_what_is_there(queue: Queue) -> None:
    commits = [queue.upstream(name, f"line {at}", name) for name, at in (("one", 12), ("two", 20))]
    project = queue.queue(commits[0])
    queue.apply()
    decide(project, commits[1])
    report = queue.apply(append=True)
    assert _fates(report) == [("one", ApplyResult.EMPTY), ("two", ApplyResult.APPLIED)]
    assert queue.subjects() == ["one", "two"]


def test_apply_pushes_the_topic_branch_and_nothing_else(queue: Queue) -> None:
    forge = TestRepo.create(queue.repo.path.parent / "forge", bare=True)
    queue.repo.git("remote", "add", "forge", str(forge.path))
    queue.queue(queue.upstream("one", "line 12", "one"))
    report = queue.apply(publishing=PublishRequest("forge"))
    assert (report.publication.pushed, report.publication.problem) == (("forge", "refs/heads/topic"), None)
    assert forge.git("for-each-ref", "--format=%(refname) %(objectname)") == f"refs/heads/topic {report.tip}"


def test_apply_what_cannot_be_meant_is_refused_before_anything_is_done(queue: Queue) -> None:
    queue.queue(queue.upstream("one", "line 12", "one"))
    for asked, kind, message in (
        ({"publishing": PublishRequest("nowhere")}, RepositoryError, "cannot push to 'nowhere': there are no remotes"),
        ({"publishing": PublishRequest(push_as="x")}, UsageError, "--push-as needs --push"),
        ({"branch": "4.19"}, ConfigError, "'4.19' is not a configured stable branch"),
        (
            {"onto": "stable-4.18", "force": True},
            RefError,
            "'stable-4.18' is a branch of the project, and picks go to a branch of their own",
        ),
    ):
        with pytest.raises(kind) as refused:
            queue.apply(**asked)
        assert refused.value.message == message
    assert queue.repo.git("branch", "--list", "topic") == ""
