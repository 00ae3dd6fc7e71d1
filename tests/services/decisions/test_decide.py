"""Decisions on real repositories: what is meant, what is written, in which order, and what is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from backportq.errors import BackportqError, ConfigError, DecisionError, RefError, UsageError
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item, State
from backportq.model.people.people import Person
from backportq.model.priority import Priority
from backportq.services.decisions import verbs
from backportq.services.decisions.decide import DecisionResult, decide, item_plan, prepare, write
from backportq.services.decisions.link import link_plan
from backportq.services.decisions.nominate import Request, tag
from backportq.services.decisions.select import Asked, older_with
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decided, project_of, readings_of, stable, start_queue

OLD, NEW = "stable-1.0", "stable-1.1"


class Story:
    """Upstream with six commits after two branches parted; `late` was picked to the newer one."""

    def __init__(self, repo: TestRepo) -> None:
        self.repo = repo
        repo.commit("start", {"a": "a\n"})
        repo.git("branch", OLD)
        repo.commit("one", {"one": "1\n"})
        repo.git("branch", NEW)
        self.ids = {
            name: Oid(repo.commit(f"fix {name}", {name: "x\n"})) for name in ("early", "middle", "late", "last")
        }
        repo.checkout(NEW)
        self.pick = Oid(repo.pick(self.ids["late"], "-x"))
        self.own = Oid(repo.commit("not upstream", {"own": "x\n"}))
        repo.checkout("master")
        self.project: Project = start_queue(repo, stable(OLD), stable(NEW))

    def queue(self, branch: str) -> tuple[Item, ...]:
        return self.project.store.snapshot().state.queue_of(BranchName(branch)).open

    def closed(self, branch: str) -> tuple[Item, ...]:
        return self.project.store.snapshot().state.queue_of(BranchName(branch)).closed

    def subjects(self, branch: str) -> list[str]:
        return [item.subject for item in self.queue(branch)]

    def tag(self, *commits: str, branches: tuple[str, ...] = (), **request: object) -> DecisionResult:
        return tag(self.project, [self.ids.get(name, Oid(name)) for name in commits], branches, Request(**request))  # type: ignore[arg-type]


@pytest.fixture
def story(repo: TestRepo) -> Story:
    return Story(repo)


def told(outcome: DecisionResult) -> list[tuple[str, str]]:
    return [(one.branch, one.item.subject) for one in outcome.decided]


def test_tag_without_branches_takes_those_that_lack_the_commit(story: Story) -> None:
    outcome = story.tag("late", text="crashes", priority=Priority.HIGH)
    assert told(outcome) == [(OLD, "fix late")]
    assert outcome.notes == (
        (
            f"{NEW}: '{NEW}' has '{story.ids['late'][:12]}' already: '{story.pick[:12]}' on '{NEW}' "
            f"(trailer: (cherry picked from commit {story.ids['late']}))"
        ),
    )
    (item,) = story.queue(OLD)
    assert (item.nominations[0].text, item.priority, item.priority_by) == (
        "crashes",
        Priority.HIGH,
        "Cora Committer <cora@example.org>",
    )


def test_tag_keeps_upstream_order_whatever_the_order_asked(story: Story) -> None:
    story.tag("last")
    story.tag("early", "late", branches=(OLD,))
    story.tag("middle")
    assert story.subjects(OLD) == ["fix early", "fix middle", "fix late", "fix last"]
    before = story.project.store.tip()
    scan(story.project)
    assert story.subjects(OLD) == ["fix early", "fix middle", "fix late", "fix last"]
    assert story.subjects(NEW) == ["fix middle", "fix last"]
    assert story.repo.git("diff", "--name-only", f"{before}", "backportq") in {"", f"queue/{OLD}.toml"}


def test_tag_range_is_one_change(story: Story) -> None:
    before = story.repo.git("rev-list", "--count", "backportq")
    outcome = tag(story.project, ["master~4..master"], [OLD], Request())
    assert told(outcome) == [(OLD, f"fix {name}") for name in ("early", "middle", "late", "last")]
    assert int(story.repo.git("rev-list", "--count", "backportq")) == int(before) + 1
    assert story.repo.git("log", "-1", "--format=%s", "backportq") == f"4 commits on {OLD}: nominated"


def test_tag_landed_on_a_named_branch_is_refused_unless_forced(story: Story) -> None:
    late = story.ids["late"]
    with pytest.raises(DecisionError) as caught:
        story.tag("late", branches=(NEW,))
    assert str(caught.value) == (
        f"'{NEW}' has '{late[:12]}' already: '{story.pick[:12]}' on '{NEW}' "
        f"(trailer: (cherry picked from commit {late}))"
    )
    assert caught.value.hints == (f"backportq tag --force --branch {NEW} {late[:12]}, to ask for it all the same",)
    assert told(story.tag("late", branches=(NEW,), force=True)) == [(NEW, "fix late")]


def test_tag_of_a_range_leaves_out_what_a_named_branch_has(story: Story) -> None:
    done = story.tag("early", "late", "last", branches=(NEW, OLD))
    assert story.subjects(NEW) == ["fix early", "fix last"]
    assert story.subjects(OLD) == ["fix early", "fix late", "fix last"]
    (note,) = done.notes
    assert note.startswith(f"{NEW}: '{NEW}' has '{story.ids['late'][:12]}' already: '{story.pick[:12]}' on '{NEW}'")


def test_tag_of_a_change_that_upstream_has_twice_is_about_the_older_commit(story: Story) -> None:
    story.repo.checkout("release", "master~3")
    again = Oid(story.repo.pick(story.ids["last"], "-x"))
    story.repo.checkout("master")
    story.repo.git("merge", "-q", "-m", "merge the release back", "release")
    done = story.tag(again, branches=(OLD,))
    assert story.subjects(OLD) == ["fix last"]
    assert done.notes == (f"'{again[:12]}' is the same change as '{story.ids['last'][:12]}', which stands for both",)
    story.tag("last", branches=(OLD,))
    assert len(story.queue(OLD)) == 1


def test_tag_of_what_is_not_upstream_is_refused_and_a_pick_names_its_origin(story: Story) -> None:
    with pytest.raises(DecisionError) as caught:
        story.tag(story.own)
    assert str(caught.value) == f"'{story.own[:12]}' is not on 'master', where fixes land first"
    with pytest.raises(DecisionError) as caught:
        story.tag(story.pick)
    assert str(caught.value) == f"'{story.pick[:12]}' is the pick of '{story.ids['late'][:12]}' on '{NEW}'"
    assert caught.value.hints == (f"backportq tag {story.ids['late'][:12]}",)
    assert told(story.tag(story.own, branches=(OLD,), force=True)) == [(OLD, "not upstream")]


def test_tag_declined_is_refused_and_reopen_makes_it_pending(story: Story) -> None:
    early = story.ids["early"]
    story.tag("early")
    decided(story.project, verbs.decline(story.project, "too risky"), [early[:8]], [OLD])
    with pytest.raises(DecisionError) as caught:
        story.tag("early", branches=(OLD,))
    assert str(caught.value) == f"'{early[:12]}' was declined: too risky"
    decided(story.project, verbs.reopen(story.project), [early], [])
    assert [item.state for item in story.queue(OLD)] == [State.PENDING]
    assert story.closed(OLD) == ()


def test_tag_dry_run_writes_nothing(story: Story) -> None:
    before = story.project.store.tip()
    outcome = tag(story.project, [story.ids["early"]], [], Request(), dry_run=True)
    assert told(outcome) == [(OLD, "fix early"), (NEW, "fix early")]
    assert outcome.commit is None
    assert story.project.store.tip() == before


def test_untag_takes_out_only_what_people_nominated(story: Story) -> None:
    story.tag("early", branches=(OLD,))
    story.tag("middle")
    outcome = decided(story.project, verbs.untag(story.project), [story.ids["early"]])
    assert [(one.branch, one.after) for one in outcome.decided] == [(OLD, None)]
    assert story.subjects(OLD) == ["fix middle"]


def test_untag_keeps_an_objection_for_whoever_nominates_again(story: Story) -> None:
    story.tag("early", branches=(OLD,))
    decided(story.project, verbs.object_to(story.project, "breaks the ABI"), [story.ids["early"]])
    decided(story.project, verbs.untag(story.project), [story.ids["early"]])
    story.tag("early", branches=(OLD,))
    (item,) = story.queue(OLD)
    assert [vote.reason for vote in item.votes] == ["breaks the ABI"]


def test_assign_by_mail_name_or_mailmap_and_unassign(story: Story) -> None:
    story.tag("early")
    people = (Person("ada", "Ada Author", ("ada@example.org",)),)
    story.project.store.change(
        lambda state: replace(state, people=replace(state.people, people=people)),
        command="t",
        summary="t",
        actor=story.project.actor(),
        at=story.project.clock(),
    )
    story.repo.commit("map", {".mailmap": "Ada Author <ada@example.org> <ada@old.example>\n"})
    early = story.ids["early"]
    for typed in ("ada", "Ada Author", "ADA@example.org", "A. Author <ada@old.example>"):
        decided(story.project, verbs.assign(story.project, typed, due=date(2026, 7, 1)), [early], [OLD])
        assert [(item.assignee, item.due) for item in story.queue(OLD)] == [("ada", date(2026, 7, 1))]
        outcome = decided(story.project, verbs.unassign(story.project), [early], [])
        assert [one.branch for one in outcome.decided] == [OLD]
        assert [(item.assignee, item.due) for item in story.queue(OLD)] == [(None, None)]
    with pytest.raises(DecisionError) as caught:
        decided(story.project, verbs.assign(story.project, "aad"), [early], [])
    assert str(caught.value) == "nobody in the people of this queue is 'aad'"


def test_take_adds_oneself_and_hand_back_says_why(story: Story) -> None:
    story.tag("early")
    outcome = decided(story.project, verbs.take(story.project), [story.ids["early"]], [OLD])
    assert outcome.notes == ("added 'cora' (Cora Committer <cora@example.org>) to the people of this queue",)
    assert [(item.assignee, item.state) for item in story.queue(OLD)] == [("cora", State.IN_PROGRESS)]
    assert story.project.store.snapshot().state.people.people == (
        Person("cora", "Cora Committer", ("cora@example.org",)),
    )
    assert decided(story.project, verbs.take(story.project), [story.ids["early"]], [OLD]).commit is None
    decided(story.project, verbs.hand_back(story.project, "no time"), [story.ids["early"]], [])
    assert [(item.assignee, item.state, item.reason) for item in story.queue(OLD)] == [(None, State.PENDING, "no time")]


def test_decline_is_offered_for_older_branches_or_done_there(story: Story) -> None:
    story.tag("early", "middle")
    early = [story.ids["early"]]
    declined = decided(story.project, verbs.decline(story.project, "no"), early, [NEW])
    assert declined.planned.selection is not None
    assert older_with(declined.state, declined.planned.selection) == (OLD,)
    assert [item.subject for item in story.closed(NEW)] == ["fix early"]
    assert story.subjects(OLD) == ["fix early", "fix middle"]
    done = decided(story.project, verbs.decline(story.project, "no"), [story.ids["middle"]], [NEW], older=True)
    assert told(done) == [(OLD, "fix middle"), (NEW, "fix middle")]
    assert [item.subject for item in story.closed(NEW)] == ["fix early", "fix middle"]


def test_defer_reopen_note_and_need(story: Story) -> None:
    story.tag("early", "middle", branches=(OLD,))
    early = story.ids["early"]
    decided(story.project, verbs.defer(story.project, until=date(2026, 7, 1), reason=None), [early], [])
    assert story.queue(OLD)[0].until == date(2026, 7, 1)
    decided(story.project, verbs.reopen(story.project), [early], [])
    decided(story.project, verbs.note(story.project, "seen\nby two"), [early], [])
    decided(story.project, verbs.need(story.project, early, [story.ids["last"], "master~1"]), [early], [])
    item = story.queue(OLD)[0]
    assert (item.state, item.note, item.needs) == (
        State.PENDING,
        "seen\nby two",
        (story.ids["last"], story.ids["late"]),
    )
    decided(story.project, verbs.need(story.project, early, [story.ids["last"]], remove=True), [early], [])
    assert story.queue(OLD)[0].needs == (story.ids["late"],)


def test_link_lands_an_item_and_a_scan_agrees(story: Story) -> None:
    story.tag("early", branches=(NEW,))
    outcome = decide(story.project, link_plan(story.project, story.ids["early"], story.own, None))
    assert told(outcome) == [(NEW, "fix early")]
    assert story.queue(NEW) == ()
    before = story.closed(NEW)
    assert [(item.state, item.pick, item.linked) for item in before] == [(State.LANDED, story.own, story.own)]
    scan(story.project)
    assert story.closed(NEW) == before
    with pytest.raises(DecisionError) as caught:
        decide(story.project, link_plan(story.project, story.ids["middle"], story.ids["last"], NEW))
    assert str(caught.value) == f"'{story.ids['last'][:12]}' is not on '{NEW}'"
    shared = story.repo.git("merge-base", "master", NEW)
    with pytest.raises(DecisionError) as caught:
        decide(story.project, link_plan(story.project, story.ids["middle"], shared, NEW))
    assert str(caught.value) == (
        f"'{shared[:12]}' is on 'master' itself, wanted a commit that only a stable branch has"
    )


@pytest.mark.parametrize(
    ("commits", "branches", "kind", "said"),
    [
        ([], [], UsageError, "no commit given"),
        (["--upload-pack=x"], [], RefError, "'--upload-pack=x' does not name a commit"),
        (["deadbeef"], [], RefError, "no commit 'deadbeef' in this repository"),
        (["master"], [], DecisionError, "'{last}' is not in the queue"),
        ([NEW], [], UsageError, "no commit given"),
        (["{early}"], [NEW], DecisionError, "'{early}' is not in the queue of 'stable-1.1'"),
        (["{early}"], ["stable-1.2"], ConfigError, "'stable-1.2' is not a configured stable branch"),
    ],
)
def test_choose_what_is_not_there_says_what_was_wanted(
    story: Story, commits: list[str], branches: list[str], kind: type[BackportqError], said: str
) -> None:
    story.tag("early", branches=(OLD,))
    names = {name: oid[:12] for name, oid in story.ids.items()}
    with pytest.raises(kind) as caught:
        decided(story.project, verbs.note(story.project, "x"), [text.format(**names) for text in commits], branches)
    assert str(caught.value) == said.format(**names)


def test_decide_all_or_nothing_where_one_item_refuses(story: Story) -> None:
    story.tag("early", "middle", branches=(OLD,))
    decided(story.project, verbs.take(story.project), [story.ids["middle"]], [])
    before = story.project.store.tip()
    with pytest.raises(DecisionError):
        decided(story.project, verbs.hand_back(story.project, "x"), [story.ids["middle"], story.ids["early"]], [OLD])
    assert story.project.store.tip() == before


def test_decide_reads_the_queue_once(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.tag("early")
    project = project_of(story.repo.path)
    readings = readings_of(project, monkeypatch)
    decided(project, verbs.take(project), [story.ids["early"]])
    assert len(readings) == 1


def test_query_decides_about_the_rest_where_another_writer_closed_some(story: Story) -> None:
    story.tag("early", "middle", branches=(OLD,))
    project = project_of(story.repo.path)
    prepared = prepare(project, item_plan(project, Asked(query="branch:1.0"), verbs.decline(project, "no")))
    decided(story.project, verbs.decline(story.project, "theirs"), [story.ids["early"]])
    result = write(project, prepared)
    assert told(result) == [(OLD, "fix middle")]
    assert result.notes == ("1 item left out: closed meanwhile by somebody else",)
    assert [(item.subject, item.reason) for item in story.closed(OLD)] == [
        ("fix early", "theirs"),
        ("fix middle", "no"),
    ]


def test_decline_of_a_merge_means_what_it_brought_where_that_is_in_the_queue(repo: TestRepo) -> None:
    repo.commit("start", {"a": "a\n"})
    repo.git("branch", OLD)
    repo.git("checkout", "-q", "-b", "topic")
    members = [Oid(repo.commit(f"part {name}", {name: "x\n"})) for name in ("one", "two")]
    repo.checkout("master")
    other = Oid(repo.commit("other", {"other": "x\n"}))
    repo.git("merge", "-q", "--no-ff", "-m", "Merge the topic", "topic")
    merge = Oid(repo.id("HEAD"))
    project = start_queue(repo, stable(OLD))
    tag(project, [*members, other], [], Request())
    outcome = decided(project, verbs.decline(project, "not there"), [merge])
    assert told(outcome) == [(OLD, "part one"), (OLD, "part two")]
    with pytest.raises(DecisionError, match="is not in the queue"):
        decided(project, verbs.decline(project, "not there"), [repo.id("HEAD^1^")])
