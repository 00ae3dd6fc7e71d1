"""What a scan tells besides what it does: offers, doubts, and what a person should look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item, State
from backportq.model.items.nomination import Nomination, Via
from backportq.model.items.queue import BranchQueue
from backportq.services.items.show import show
from backportq.services.reports.landed import landed
from backportq.services.scan.report import Offer, WarningKind
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decide, fixed, queue_of, remembered, stable, start_queue, states_of

_BRANCH = BranchName("stable-4.18")
_DAY = datetime(2026, 6, 1, tzinfo=UTC).date()
_ADA = Nomination(Via.PERSON, by="Ada Author <ada@example.org>", at=datetime(2026, 5, 1, tzinfo=UTC), text="crashes")


def test_declined_item_stays_declined_and_is_offered_for_the_older_branch(repo: TestRepo) -> None:
    bug = repo.commit("add the thing", {"thing": "bug\n"})
    repo.git("branch", "stable-4.17")
    repo.git("branch", _BRANCH)
    fix = repo.commit(f'fix the thing\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})
    project = start_queue(repo, stable("stable-4.17"), stable(_BRANCH))
    scan(project)
    decide(project, fix, state=State.DECLINED, reason="too invasive")
    report = scan(project)
    assert [branch.offered for branch in report.branches] == [(Offer(Oid(fix), _BRANCH, "too invasive"),), ()]
    assert (states_of(project), states_of(project, "stable-4.17")) == ({fix: "declined"}, {fix: "pending"})


def test_item_that_this_clone_does_not_know_is_left_alone(repo: TestRepo) -> None:
    _, fix = fixed(repo)
    project = start_queue(repo, stable(_BRANCH))
    unknown = Item(
        Oid("2" * 40),
        "a fix that was fetched elsewhere",
        project.actor(),
        datetime(2026, 5, 1, tzinfo=UTC),
        nominations=(Nomination(Via.FOLLOW_UP, target=Oid("3" * 40)),),
    )
    closed = replace(unknown, commit=Oid("4" * 40), state=State.LANDED, pick=Oid("5" * 40))
    queue = BranchQueue(_BRANCH, open=(unknown,), closed=(closed,))
    project.store.change(
        lambda state: replace(state, branches={_BRANCH: queue}),
        command="test",
        summary="from elsewhere",
        actor=project.actor(),
        at=project.clock(),
    )
    report = scan(project)
    assert [(each.kind, each.commit) for each in report.warnings] == [
        (WarningKind.UNKNOWN, unknown.commit),
        (WarningKind.UNKNOWN, closed.commit),
    ]
    assert queue_of(project).closed == (closed,)
    assert [item.commit for item in queue_of(project).open] == [unknown.commit, fix]
    assert queue_of(project).open[0] == unknown


def test_pick_missing_in_a_newer_branch_is_reported_unless_declined_there(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    for branch in ("stable-4.17", _BRANCH, "stable-4.19"):
        repo.git("branch", branch)
    fix = repo.commit("fix", {"file": "2\n"})
    repo.checkout("stable-4.17")
    repo.pick(fix, "-x")
    repo.commit("only here", {"here": "1\n"})
    project = start_queue(repo, stable("stable-4.17"), stable(_BRANCH), stable("stable-4.19"))
    assert [(each.kind, each.commit, each.branch) for each in scan(project).warnings] == [
        (WarningKind.MISSING_IN_NEWER, fix, "stable-4.18"),
        (WarningKind.MISSING_IN_NEWER, fix, "stable-4.19"),
    ]
    decide(project, fix, state=State.DECLINED, reason="rewritten there")
    assert [(each.kind, each.commit, each.branch) for each in scan(project).warnings] == [
        (WarningKind.MISSING_IN_NEWER, fix, "stable-4.19"),
    ]


def test_notes_of_a_release_are_neither_nominated_nor_missing_elsewhere(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    for branch in ("stable-4.17", _BRANCH, "stable-4.19"):
        repo.git("branch", branch)
    repo.checkout(_BRANCH)
    notes = repo.commit("docs: add release notes for 4.18.2", {"notes/4.18.2": "fast\n"})
    repo.checkout("master")
    taken = repo.pick(notes, "-x")
    repo.checkout(_BRANCH)
    project = start_queue(repo, stable("stable-4.17"), stable(_BRANCH), stable("stable-4.19"))
    report = scan(project)
    assert ([branch.candidates for branch in report.branches], report.warnings) == ([0, 0, 0], ())
    old, *_ = show(project, taken).branches
    assert old.why == ("it was written for a release on stable-4.18",)


def test_pick_missing_in_a_newer_branch_that_refuses_it_is_not_reported(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.17")
    repo.git("branch", _BRANCH)
    fix = repo.commit("fix", {"file": "2\n"})
    repo.checkout("stable-4.17")
    repo.pick(fix, "-x")
    repo.checkout(_BRANCH)
    repo.commit(f"NEWS\n\nIgnore-Backport: {fix}\n", {"NEWS": "1\n"})
    project = start_queue(repo, stable("stable-4.17"), stable(_BRANCH), dialects=("networkmanager",))
    assert scan(project).warnings == ()


def test_link_to_what_the_branch_has_not_of_its_own_is_reported(repo: TestRepo) -> None:
    bug, fix = fixed(repo)
    project = start_queue(repo, stable(_BRANCH))
    scan(project)
    decide(project, fix, linked=Oid(bug))
    (warning,) = scan(project).warnings
    assert (warning.kind, warning.commit, warning.branch, warning.text) == (
        WarningKind.LINK,
        fix,
        _BRANCH,
        f"'{bug[:12]}' is none of the commits that {_BRANCH} has and upstream lacks; link the right one",
    )


def test_what_could_not_be_compared_is_reported_each_time(repo: TestRepo, tmp_path: Path) -> None:
    _, fix = fixed(repo)
    repo.checkout(_BRANCH)
    repo.commit("fix the thing here", {"thing": "good\n"})
    repo.checkout("master")
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    repo.git("clone", "-q", "--bare", "--filter=blob:none", f"file://{repo.path}", str(clone))
    project = start_queue(TestRepo(clone), stable(_BRANCH))
    for _ in range(2):
        report = scan(project)
        assert [(each.kind, each.commit, each.branch) for each in report.warnings] == [
            (WarningKind.NOT_COMPARED, None, None)
        ]
        assert report.warnings[0].text == (
            "the patch-ids of 2 commits could not be compared: the repository lacks what they change"
        )
    assert remembered(project) is None
    assert states_of(project) == {fix: "pending"}


def test_what_is_not_here_keeps_no_other_commit_from_being_compared(repo: TestRepo) -> None:
    _, fix = fixed(repo)
    large = repo.commit("large", {"large": "1\n"})
    repo.checkout(_BRANCH)
    repo.commit("mend the thing here", {"thing": "good\n"})
    repo.commit("add a large file here", {"large": "1\n"})
    repo.checkout("master")
    project = start_queue(repo, stable(_BRANCH))
    blob = repo.id(f"{large}:large")
    (repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    (repo.path / "large").write_text("something else, so that git cannot use the file instead\n")
    for _ in range(2):
        assert [(str(each.kind), each.text) for each in scan(project).warnings] == [
            (
                str(WarningKind.NOT_COMPARED),
                "the patch-ids of 2 commits could not be compared: the repository lacks what they change",
            )
        ]
    assert states_of(project) == {}
    assert [pick.upstream for pick in landed(project, _BRANCH).picks] == [fix]


def test_misspelt_key_of_the_configuration_is_reported_each_time(repo: TestRepo, tmp_path: Path) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", _BRANCH)
    project = start_queue(repo, stable(_BRANCH))
    text = repo.git("show", "backportq:config.toml")
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "queue"), "backportq")
    side = TestRepo(tmp_path / "queue")
    side.commit("by hand", {"config.toml": f'{text}\nsuport = "security"\n'})
    repo.git("update-ref", "refs/heads/backportq", side.id("HEAD"))
    line = len(f"{text}\n".splitlines()) + 1
    for _ in range(2):
        assert [(each.kind, each.text) for each in scan(project).warnings] == [
            (WarningKind.MISSPELT, f"config.toml:{line}: unknown key 'suport', did you mean 'support'?")
        ]
