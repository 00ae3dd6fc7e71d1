"""The queue brought in line with the history: what is added, closed, withdrawn, kept and opened again."""

from __future__ import annotations

import os
import subprocess
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backportq.errors import ConfigError
from backportq.model.commit import Identity
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item, State
from backportq.model.items.nomination import Nomination, Via
from backportq.model.priority import Priority
from backportq.model.progress import listening
from backportq.services.scan.report import BranchReport, Closing, ScanReport, WarningKind
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decide, fixed, project_of, queue_of, remembered, stable, start_queue, states_of

_BRANCH = BranchName("stable-4.18")
_DAY = datetime(2026, 6, 1, tzinfo=UTC).date()
_ADA = Nomination(Via.PERSON, by="Ada Author <ada@example.org>", at=datetime(2026, 5, 1, tzinfo=UTC), text="crashes")


def test_scan_of_a_new_queue_adds_candidates_with_all_their_facts(repo: TestRepo) -> None:
    bug, fix = fixed(repo)
    project = start_queue(repo, stable(_BRANCH))
    assert scan(project) == ScanReport(
        (BranchReport(_BRANCH, Oid(bug), Oid(bug), candidates=1, pending=1, landed=0, added=(Oid(fix),)),), ()
    )
    assert queue_of(project).open == (
        Item(
            commit=Oid(fix),
            subject="fix the thing",
            author=project.actor().__class__("Ada Author", "ada@example.org"),
            committed=datetime(2023, 11, 14, 22, 15, 20, tzinfo=UTC),
            nominations=(Nomination(Via.FIXES, text=f'Fixes: {bug[:12]} ("add the thing")', target=Oid(bug)),),
        ),
    )


def test_scan_tells_how_far_the_reading_of_the_history_is(repo: TestRepo) -> None:
    fixed(repo)
    repo.checkout(_BRANCH)
    repo.commit("own", {"own": "1\n"})
    project = start_queue(repo, stable(_BRANCH))
    heard: dict[str, threading.Thread] = {}
    with listening(lambda what, _done, _total: heard.update({what: threading.current_thread()})):
        scan(project)
    assert set(heard) == {"reading the history", "reading the older history", "looking at what commits change"}
    assert set(heard.values()) == {threading.main_thread()}


def test_scan_again_changes_nothing_and_is_answered_from_memory(repo: TestRepo) -> None:
    bug, _ = fixed(repo)
    project = start_queue(repo, stable(_BRANCH))
    scan(project)
    tip = project.store.tip()
    assert tip is not None
    steady = ScanReport((BranchReport(_BRANCH, Oid(bug), Oid(bug), candidates=1, pending=1, landed=0),), ())
    assert remembered(project) == steady
    assert scan(project) == steady
    assert project.store.tip() == tip


def test_memory_is_not_used_after_a_note_was_written(repo: TestRepo) -> None:
    bug = repo.commit("add the thing", {"file": "1\n"})
    repo.git("branch", _BRANCH)
    fix = repo.commit("fix the thing", {"file": "2\n"})
    project = start_queue(repo, stable(_BRANCH), dialects=("networkmanager",))
    assert scan(project).branches[0].candidates == 0
    repo.git("notes", "--ref=bugs", "add", "-m", f"Fixes: {bug} ('add the thing')", fix)
    assert scan(project).branches[0].added == (fix,)


def test_memory_is_not_used_after_a_decision_a_push_a_tag_or_when_support_ends(repo: TestRepo) -> None:
    fixed(repo)
    project = start_queue(repo, stable(_BRANCH, full_until=datetime(2026, 6, 3, tzinfo=UTC).date()))
    scan(project)
    tip = project.store.tip()
    assert tip is not None
    assert remembered(project) is not None
    assert remembered(project, _DAY.replace(day=3)) is not None
    assert remembered(project, _DAY.replace(day=4)) is None
    repo.git("branch", "topic")
    assert remembered(project) is not None
    repo.git("tag", "v1")
    assert remembered(project) is None
    repo.git("tag", "-d", "v1")
    repo.commit("more", {"more": "1\n"})
    assert remembered(project) is None


def test_damaged_memory_is_as_good_as_none(repo: TestRepo) -> None:
    fixed(repo)
    project = start_queue(repo, stable(_BRANCH))
    report = scan(project)
    for path in (repo.path / ".git" / "backportq").iterdir():
        path.write_bytes(b"\0garbage")
    tip = project.store.tip()
    assert tip is not None
    assert remembered(project) is None
    assert scan(project).branches[0].candidates == report.branches[0].candidates


def test_dry_run_reports_and_writes_nothing(repo: TestRepo) -> None:
    _, fix = fixed(repo)
    project = start_queue(repo, stable(_BRANCH))
    tip = project.store.tip()
    assert [branch.added for branch in scan(project, dry_run=True).branches] == [(fix,)]
    assert project.store.tip() == tip
    assert queue_of(project).open == ()


def test_item_that_was_picked_is_closed_as_staged_then_as_landed(repo: TestRepo) -> None:
    _, fix = fixed(repo)
    repo.git("branch", "staging-4.18", _BRANCH)
    project = start_queue(repo, stable(_BRANCH, staging=BranchName("staging-4.18")))
    scan(project)
    decide(project, fix, assignee="ada", note="seen by two users")
    repo.checkout("staging-4.18")
    pick = Oid(repo.pick(fix, "-x"))
    assert scan(project).branches[0].closed == (Closing(Oid(fix), "landed", pick, staged=True),)
    closed = queue_of(project).closed[0]
    assert (closed.pick, closed.staged, closed.assignee, closed.note) == (pick, True, "ada", "seen by two users")
    repo.git("branch", "-f", _BRANCH, pick)
    assert scan(project).branches[0].closed == ()
    assert queue_of(project).closed == (replace(closed, staged=False),)


def test_item_whose_commit_upstream_reverted_is_closed_and_opened_again_with_the_commit(repo: TestRepo) -> None:
    _, fix = fixed(repo)
    project = start_queue(repo, stable(_BRANCH))
    scan(project)
    revert = repo.commit(f'Revert "fix the thing"\n\nThis reverts commit {fix}.\n', {"thing": "bug\n"})
    assert scan(project).branches[0].closed == (Closing(Oid(fix), "reverted"),)
    assert states_of(project) == {fix: "reverted"}
    repo.commit(f'Revert "Revert "fix the thing""\n\nThis reverts commit {revert}.\n', {"thing": "good\n"})
    assert scan(project).branches[0].reopened == (fix,)
    assert states_of(project) == {fix: "pending"}


def test_landed_item_whose_pick_is_reverted_on_the_branch_is_pending_again(repo: TestRepo) -> None:
    _, fix = fixed(repo)
    project = start_queue(repo, stable(_BRANCH))
    scan(project)
    repo.checkout(_BRANCH)
    pick = repo.pick(fix, "-x")
    scan(project)
    assert states_of(project) == {fix: "landed"}
    repo.commit(f'Revert "fix the thing"\n\nThis reverts commit {pick}.\n', {"thing": "bug\n"})
    report = scan(project)
    assert report.branches[0].reopened == (fix,)
    assert [(each.kind, each.commit) for each in report.warnings] == [(WarningKind.REVERTED_ON_BRANCH, fix)]
    assert [(item.state, item.pick) for item in queue_of(project).open] == [(State.PENDING, None)]


def test_landed_item_whose_pick_vanished_with_a_rewound_staging_branch_is_pending_again(repo: TestRepo) -> None:
    _, fix = fixed(repo)
    repo.git("branch", "staging-4.18", _BRANCH)
    project = start_queue(repo, stable(_BRANCH, staging=BranchName("staging-4.18")))
    scan(project)
    repo.checkout("staging-4.18")
    repo.pick(fix, "-x")
    scan(project)
    repo.git("reset", "-q", "--hard", _BRANCH)
    assert scan(project).branches[0].reopened == (fix,)
    assert states_of(project) == {fix: "pending"}


def test_open_item_that_nothing_nominates_any_more_is_withdrawn(repo: TestRepo) -> None:
    start = repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.17")
    repo.git("branch", _BRANCH)
    fix = repo.commit("fix", {"file": "2\n"})
    repo.checkout(_BRANCH)
    repo.pick(fix, "-x")
    project = start_queue(repo, stable("stable-4.17"), stable(_BRANCH))
    scan(project)
    assert states_of(project, "stable-4.17") == {fix: "pending"}
    repo.git("reset", "-q", "--hard", start)
    assert scan(project).branches[0].withdrawn == (fix,)
    assert states_of(project, "stable-4.17") == {}


@pytest.mark.parametrize(
    "decision",
    [
        {"assignee": "ada"},
        {"note": "ask Ada"},
        {"priority": Priority.HIGH, "priority_by": "Ada Author <ada@example.org>"},
        {"state": State.IN_PROGRESS, "assignee": "ada"},
        {"state": State.DEFERRED, "until": datetime(2027, 1, 1, tzinfo=UTC).date(), "reason": "later"},
        {"needs": (Oid("1" * 40),)},
        {"nominations": (_ADA,)},
    ],
    ids=lambda decision: next(iter(decision)),
)
def test_item_with_a_decision_survives_the_loss_of_its_facts(repo: TestRepo, decision: dict[str, object]) -> None:
    start = repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.17")
    repo.git("branch", _BRANCH)
    fix = repo.commit("fix", {"file": "2\n"})
    repo.checkout(_BRANCH)
    repo.pick(fix, "-x")
    project = start_queue(repo, stable("stable-4.17"), stable(_BRANCH))
    scan(project)
    decide(project, fix, "stable-4.17", **decision)
    repo.git("reset", "-q", "--hard", start)
    report = scan(project)
    assert report.branches[0].withdrawn == ()
    kept = [] if "nominations" in decision else [(WarningKind.KEPT, fix, "stable-4.17")]
    assert [(each.kind, each.commit, each.branch) for each in report.warnings] == kept
    item = queue_of(project, "stable-4.17").open[0]
    assert {name: getattr(item, name) for name in decision} == decision
    assert item.nominations == decision.get("nominations", ())


def test_nominations_of_people_are_kept_beside_the_facts_and_priority_by_a_person_wins(repo: TestRepo) -> None:
    bug, fix = fixed(repo)
    project = start_queue(repo, stable(_BRANCH))
    decide(project, fix, nominations=(_ADA,), priority=Priority.LOW, priority_by="Ada Author <ada@example.org>")
    assert scan(project).branches[0].added == ()
    item = queue_of(project).open[0]
    assert item.nominations == (
        Nomination(Via.FIXES, text=f'Fixes: {bug[:12]} ("add the thing")', target=Oid(bug)),
        _ADA,
    )
    assert item.priority is Priority.LOW


def test_items_stand_in_upstream_order_whatever_order_they_came_in(repo: TestRepo) -> None:
    old = repo.commit("old work", {"old": "1\n"})
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", _BRANCH)
    made = [repo.commit(f"fix {n}\n\nBackport: 4.18\n", {"file": f"fix {n}\n"}) for n in range(4)]
    plain = repo.commit("plain", {"file": "plain\n"})
    repo.checkout("elsewhere", old)
    aside = repo.commit("a commit of no branch", {"aside": "1\n"})
    project = start_queue(repo, stable(_BRANCH))
    for commit in (plain, made[2], aside, made[0]):
        decide(project, commit, nominations=(_ADA,))
    scan(project)
    assert [item.commit for item in queue_of(project).open] == [aside, *made, plain]


def test_scan_of_one_branch_leaves_the_others_alone(repo: TestRepo) -> None:
    bug = repo.commit("add the thing", {"thing": "bug\n"})
    repo.git("branch", "stable-4.17")
    repo.git("branch", _BRANCH)
    fix = repo.commit(f'fix the thing\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})
    project = start_queue(repo, stable("stable-4.17"), stable(_BRANCH))
    assert [branch.branch for branch in scan(project, branches=("4.17",)).branches] == ["stable-4.17"]
    assert (states_of(project, "stable-4.17"), states_of(project)) == ({fix: "pending"}, {})


def test_scan_of_an_unknown_branch_names_near_ones(repo: TestRepo) -> None:
    fixed(repo)
    project = start_queue(repo, stable(_BRANCH))
    with pytest.raises(ConfigError, match=r"'stable-4\.81' is not a configured stable branch") as raised:
        scan(project, branches=("stable-4.81",))
    assert raised.value.hints[0] == "did you mean 'stable-4.18'?"


def test_two_clones_scanned_by_two_people_hold_the_same_bytes(repo: TestRepo, tmp_path: Path) -> None:
    bug = repo.commit("add the thing", {"thing": "bug\n"})
    for branch in ("stable-4.17", _BRANCH):
        repo.git("branch", branch)
    for n in range(12):
        repo.commit(f'fix {n}\n\nFixes: {bug[:12]} ("add the thing")\nBackport: 4.17+\n', {f"file {n}": "1\n"})
    repo.checkout(_BRANCH)
    repo.pick("master~3", "-x")
    repo.checkout("master")
    project = start_queue(repo, stable("stable-4.17"), stable(_BRANCH))
    trees = []
    for name, zone in (("ada", "Asia/Tokyo"), ("bob", "America/New_York")):
        path = tmp_path / name
        subprocess.run(["git", "clone", "-q", "--no-local", repo.path, path], check=True)
        theirs = TestRepo(path)
        theirs.git("branch", "-q", "backportq", "origin/backportq")
        before = dict(os.environ)
        os.environ.update(TZ=zone, GIT_COMMITTER_NAME=name, GIT_COMMITTER_EMAIL=f"{name}@example.org")
        try:
            scan(project_of(path))
        finally:
            os.environ.clear()
            os.environ.update(before)
        trees.append(theirs.git("ls-tree", "-r", "backportq"))
    scan(project)
    assert trees[0] == trees[1] == repo.git("ls-tree", "-r", "backportq")
    assert "queue/stable-4.17.toml" in trees[0]


def test_scan_works_on_top_of_a_decision_made_meanwhile(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    _, fix = fixed(repo)
    project = start_queue(repo, stable(_BRANCH))
    other = project_of(repo.path)
    change = project.store.change

    def late(*args: object, **kwargs: object) -> object:
        decide(other, fix, nominations=(_ADA,), assignee="ada")
        return change(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(project.store, "change", late)
    assert scan(project).branches[0].added == ()
    item = queue_of(project).open[0]
    assert (item.assignee, [each.via for each in item.nominations]) == ("ada", [Via.FIXES, Via.PERSON])


def test_scan_mends_names_and_subjects_that_an_earlier_version_stored_in_a_wrong_encoding(
    repo: TestRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug = repo.commit("add the thing", {"thing": "bug\n"})
    repo.git("branch", "stable-4.18")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Jörg Größe")
    fix = repo.commit(f'größe: fix the thing\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})
    project = start_queue(repo, stable("stable-4.18"))
    scan(project)
    author = Identity("J\ufffdrg Gr\ufffd\ufffde", "ada@example.org")
    decide(project, fix, subject="gr\ufffd\ufffde: fix the thing", author=author, note="kept")
    scan(project)
    item = queue_of(project).find(Oid(fix))
    assert item is not None
    assert (item.subject, item.author.name, item.note) == ("größe: fix the thing", "Jörg Größe", "kept")


def test_a_merge_keeps_the_title_of_what_it_merged_though_its_author_is_no_ascii(
    repo: TestRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("base", {"f": "1\n"})
    for branch in ("stable-4.17", _BRANCH):
        repo.git("branch", branch)
    repo.checkout("topic", "master")
    repo.commit("wip", {"g": "1\n"})
    repo.checkout("master")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Zoë Example")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge pull request #7 from x/y\n\ng: count the boats", "topic")
    merged = repo.id("HEAD")
    repo.checkout(_BRANCH)
    repo.pick(merged, "-x", "-m", "1")
    project = start_queue(repo, stable("stable-4.17"), stable(_BRANCH))
    scan(project)
    assert [item.subject for item in queue_of(project, "stable-4.17").open] == ["g: count the boats"]
