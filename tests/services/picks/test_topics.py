"""Topic branches and the queue: what is gone is to do again, what the queue was not told of is adopted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backportq.errors import RefError
from backportq.git.repository import discover
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item, State
from backportq.model.picks.topic import WorkStage
from backportq.services.items.my_tasks import tasks_of
from backportq.services.items.open_items import EffectiveState, OpenItem, open_items
from backportq.services.picks.pick import PickReport, pick
from backportq.services.picks.request import PickRequest
from backportq.services.picks.resume import abort_pick, continue_pick, list_picks
from backportq.services.picks.topics import adopt, adopt_unrecorded
from backportq.services.project import Project, project_in
from backportq.services.queue_admin.audit import LeftOver, undo
from backportq.services.scan.report import WarningKind
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decide, project_of, stable, start_queue

BRANCH = BranchName("stable-4.18")
LINES = "".join(f"line {number}\n" for number in range(1, 21))


class World:
    """Two fixes of line 15 and of line 5, which the stable branch has changed, in a clone of `origin`."""

    def __init__(self, path: Path) -> None:
        self.repo = TestRepo.create(path / "work")
        self.start = self.repo.commit("start", {"file": LINES})
        self.clean = self._fix("clean", 15)
        self.conflict = self._fix("conflict", 5)
        self.repo.checkout("stable-4.18", self.start)
        self.repo.commit("own", {"file": LINES.replace("line 5\n", "ours\n")})
        self.repo.git("checkout", "-q", "master")
        self.origin = TestRepo.create(path / "origin", bare=True)
        self.repo.git("remote", "add", "origin", str(self.origin.path))
        self.repo.git("push", "-q", "origin", "master", "stable-4.18")

    def _fix(self, subject: str, line: int) -> str:
        text = LINES.replace(f"line {line}\n", f"{subject}\n")
        return self.repo.commit(f'{subject}\n\nFixes: {self.start[:12]} ("start")', {"file": text})

    def queue(self) -> Project:
        project = start_queue(self.repo, stable("stable-4.18"), dialects=("generic",))
        scan(project)
        return project

    def rewind(self) -> None:
        self.repo.git("branch", "-f", "stable-4.18", "stable-4.18~1")
        self.repo.git("update-ref", "refs/remotes/origin/stable-4.18", "stable-4.18")

    def pick(self, commit: str | None = None, **more: object) -> PickReport:
        request = replace(PickRequest((commit or self.clean,), BRANCH, onto="topic"), **more)  # type: ignore[arg-type]
        return pick(project_in(discover(self.repo.path)), request)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def _entry(project: Project, commit: str) -> OpenItem:
    return next(entry for entry in open_items(project).items if entry.item.commit == commit)


def _item(project: Project, commit: str) -> Item:
    return next(item for item in project.store.snapshot().state.queue_of(BRANCH).open if item.commit == commit)


def _gone(project: Project) -> list[tuple[str | None, str | None]]:
    return [
        (warning.commit, warning.branch) for warning in scan(project).warnings if warning.kind is WarningKind.TOPIC_GONE
    ]


def test_stages_follow_the_topic_branch_until_it_is_gone_and_the_item_is_to_do_again(world: World) -> None:
    project = world.queue()
    assert _entry(project, world.clean).stage is None
    decide(project, world.clean, assignee="cora")
    assert _entry(project, world.clean).stage is WorkStage.ASKED
    world.pick()
    assert _entry(project, world.clean).stage is WorkStage.PICKED
    world.repo.git("push", "-q", "origin", "topic")
    assert _entry(project, world.clean).stage is WorkStage.IN_REVIEW
    world.repo.git("branch", "-D", "topic")
    assert (_entry(project, world.clean).stage, _gone(project)) == (WorkStage.IN_REVIEW, [])
    world.repo.git("push", "-q", "origin", ":topic")
    entry = _entry(project, world.clean)
    assert (entry.stage, entry.standing) == (WorkStage.TOPIC_GONE, EffectiveState.PENDING)
    assert _item(project, world.clean).state is State.IN_PROGRESS
    assert _gone(project) == [(world.clean, BRANCH)]
    assert (_item(project, world.clean).state, _item(project, world.clean).topic) == (State.PENDING, None)
    # Said once: who knows better takes it back, and keeps it.
    undo(project, None)
    assert _gone(project) == []
    assert _item(project, world.clean).topic == "topic"


def test_topic_branch_that_was_renamed_is_not_gone(world: World) -> None:
    project = world.queue()
    world.pick()
    world.repo.git("branch", "-m", "topic", "other")
    assert _gone(project) == []
    assert _entry(project, world.clean).stage is WorkStage.PICKED


def test_topic_branch_of_another_clone_is_not_said_to_be_gone(world: World, tmp_path: Path) -> None:
    project = world.queue()
    world.pick()
    other = TestRepo.create(tmp_path / "other")
    other.git("fetch", "-q", str(world.repo.path), "refs/heads/master:refs/remotes/origin/master")
    for name in ("stable-4.18", "backportq"):
        other.git("fetch", "-q", str(world.repo.path), f"refs/heads/{name}:refs/heads/{name}")
    theirs = project_of(other.path)
    assert _gone(theirs) == []
    assert _entry(theirs, world.clean).stage is WorkStage.PICKED
    # Once it was seen here, on a remote, this clone can tell as well.
    other.git("update-ref", "refs/remotes/origin/topic", world.repo.git("rev-parse", "stable-4.18"))
    assert (_gone(theirs), _entry(theirs, world.clean).stage) == ([], WorkStage.IN_REVIEW)
    assert project.store.tip() == theirs.store.tip()


def test_mine_keeps_what_is_picked_apart_from_what_is_to_do(world: World) -> None:
    project = world.queue()
    for commit in (world.clean, world.conflict):
        world.pick(commit, onto=f"topic-{commit[:4]}")
    tasks = tasks_of(project)
    assert [entry.item.commit for entry in tasks.items] == [world.conflict]
    assert [entry.item.commit for entry in tasks.picked] == [world.clean]
    assert tasks.items[0].stage is WorkStage.RESOLVING


def test_undo_says_what_it_leaves_of_a_pick(world: World) -> None:
    project = world.queue()
    world.pick()
    assert undo(project, None).left == (LeftOver(BranchName("topic")),)
    world.pick(world.conflict, onto="second")
    assert undo(project, None).left == (LeftOver(BranchName("second"), is_waiting=True),)
    abort_pick(project, "second", Path("/"))
    assert _item(project, world.conflict).state is State.PENDING


def test_undo_of_an_abort_brings_back_no_pick_and_the_next_scan_says_so(world: World) -> None:
    project = world.queue()
    world.pick(world.conflict)
    abort_pick(project, None, Path("/"))
    assert undo(project, None).left == (LeftOver(BranchName("topic"), is_missing=True),)
    assert _entry(project, world.conflict).stage is WorkStage.TOPIC_GONE
    assert _gone(project) == [(world.conflict, BRANCH)]
    assert _item(project, world.conflict).state is State.PENDING


def test_pick_without_a_queue_is_adopted_once_there_is_one(world: World) -> None:
    report = world.pick()
    assert not report.queue_update.has_queue
    project = world.queue()
    (adopted,) = adopt_unrecorded(project)
    assert (adopted.branch, adopted.topic, adopted.commits) == (BRANCH, "topic", (world.clean,))
    assert _item(project, world.clean).topic == "topic"
    assert adopt_unrecorded(project) == ()
    undo(project, None)
    assert adopt_unrecorded(project) == ()


def test_pick_by_hand_on_a_branch_of_the_usual_name_is_adopted(world: World) -> None:
    project = world.queue()
    topic = f"backport/stable-4.18/{world.clean[:12]}"
    world.repo.checkout(topic, "stable-4.18")
    world.repo.git("cherry-pick", "-x", world.clean)
    world.repo.git("checkout", "-q", "master")
    assert [each.commits for each in adopt_unrecorded(project)] == [(Oid(world.clean),)]
    assert _item(project, world.clean).topic == topic


def test_second_pick_offers_to_adopt_what_the_branch_has(world: World) -> None:
    world.pick()
    project = world.queue()
    with pytest.raises(RefError) as refused:
        world.pick()
    assert f"pick {world.clean} --branch stable-4.18 --onto topic --adopt" in refused.value.hints[0]
    request = PickRequest((world.clean,), BRANCH, onto="topic")
    assert adopt(project, request).queue_update.items == (world.clean,)
    with pytest.raises(RefError, match="'topic' has no pick of"):
        adopt(project, replace(request, commits=(world.conflict,)))
    with pytest.raises(RefError, match="no branch 'absent'"):
        adopt(project, replace(request, onto="absent"))


def test_topic_on_a_rewound_branch_is_noticed(world: World) -> None:
    project = world.queue()
    world.pick()
    assert not _entry(project, world.clean).is_rewound
    world.rewind()
    assert _entry(project, world.clean).is_rewound


def test_pick_that_waits_on_a_rewound_branch_says_so_until_the_end(world: World) -> None:
    world.queue()
    report = world.pick(world.conflict)
    assert report.waiting is not None
    world.rewind()
    project = project_of(world.repo.path)
    (waiting,) = list_picks(project)
    assert waiting.is_rewound
    (report.waiting.worktree / "file").write_text(LINES.replace("line 5\n", "both\n"))
    world.repo.git("-C", str(report.waiting.worktree), "add", "file")
    assert continue_pick(project, None, Path("/")).report.is_rewound
    appended = world.pick(world.clean, append=True)
    assert (appended.is_rewound, appended.redo) == (True, (world.conflict, world.clean))
    assert _entry(project, world.clean).redo == (world.conflict, world.clean)
    assert not world.pick(world.clean, force=True).is_rewound
