"""Everything known of one commit: each place it can have on a branch, with the evidence and the reasons."""

from __future__ import annotations

from datetime import date

import pytest

from backportq.errors import RefError
from backportq.model.config import Support
from backportq.model.ids import BranchName
from backportq.model.items.item import State
from backportq.model.items.nomination import Via
from backportq.services.items.show import decisions_on, show, try_on_branches
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decide, stable, start_queue

_OLD, _NEW = "stable-4.17", "stable-4.18"


def _places(project: Project, commit: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {each.branch: (str(each.place), each.why) for each in show(project, commit).branches}


def _history(repo: TestRepo) -> tuple[str, str, str]:
    """Make two branches, a bug in the newer one alone, and its fix; return start, bug and fix."""
    start = repo.commit("start", {"file": "1\n"})
    repo.git("branch", _OLD)
    bug = repo.commit("add the thing", {"thing": "bug\n"})
    repo.git("branch", _NEW)
    return start, bug, repo.commit(f'fix it\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})


def test_show_of_a_fix_says_where_it_is_pending_and_what_the_other_branch_lacks(repo: TestRepo) -> None:
    _, bug, fix = _history(repo)
    project = start_queue(repo, stable(_OLD), stable(_NEW))
    lacking = (f'{_OLD} doesn\'t have what it fixes: {bug[:12]} ("add the thing")',)
    assert _places(project, fix[:10]) == {
        _OLD: ("not-affected", lacking),
        _NEW: ("pending", ("a candidate; the next scan puts it into the queue",)),
    }
    scan(project)
    shown = show(project, fix)
    assert [(str(each.place), str(each.standing)) for each in shown.branches] == [
        ("not-affected", "None"),
        ("pending", "pending"),
    ]
    assert (shown.fixes, shown.fixed_by, shown.is_upstream) == ((bug,), (), True)
    assert [each.via for each in shown.branches[1].nominations] == [Via.FIXES]
    assert show(project, bug).fixed_by == (fix,)


def test_show_of_what_landed_gives_the_evidence(repo: TestRepo) -> None:
    start, _, fix = _history(repo)
    repo.git("branch", "staging-4.18", _NEW)
    project = start_queue(repo, stable(_OLD), stable(_NEW, staging=BranchName("staging-4.18")))
    assert [
        (str(each.place), [(str(one.kind), one.text) for one in each.evidence])
        for each in show(project, start).branches
    ] == [
        ("landed", [("ancestor", f"{_OLD} reaches the commit itself")]),
        ("landed", [("ancestor", f"{_NEW} reaches the commit itself")]),
    ]
    repo.checkout("staging-4.18")
    pick = repo.pick(fix, "-x")
    shown = show(project, pick)
    assert (shown.asked, shown.commit.oid, shown.pick_on) == (pick, fix, _NEW)
    assert (str(shown.branches[1].place), shown.branches[1].why) == ("staged", (f"picked as {pick[:12]}",))
    assert ("trailer", f"(cherry picked from commit {fix})") in [
        (str(one.kind), one.text) for one in shown.branches[1].evidence
    ]
    repo.git("branch", "-f", _NEW, pick)
    assert str(show(project, fix).branches[1].place) == "landed"


def test_show_of_decisions(repo: TestRepo) -> None:
    _, _, fix = _history(repo)
    project = start_queue(repo, stable(_NEW))
    scan(project)
    decide(project, fix, state=State.DEFERRED, until=date(2026, 7, 1), reason="later")
    assert _places(project, fix) == {_NEW: ("deferred", ())}
    decide(project, fix, state=State.DECLINED, until=None, reason="too invasive")
    assert _places(project, fix) == {_NEW: ("declined", ("declined: too invasive",))}
    assert [(entry.command, [str(item.kind) for item in entry.items]) for entry in decisions_on(project, fix)] == [  # type: ignore[arg-type]
        ("test", ["closed"]),
        ("test", ["changed"]),
        ("scan", ["added"]),
    ]


def test_show_says_why_a_commit_is_not_nominated(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", _NEW)
    plain = repo.commit("a feature", {"feature": "1\n"})
    elsewhere = repo.commit("fix\n\nBackport: 4.17\n", {"other": "1\n"})
    undone = repo.commit("mistake\n\nBackport: 4.18\n", {"mistake": "1\n"})
    revert = repo.commit(f'Revert "mistake"\n\nThis reverts commit {undone}.\n', {"mistake": None})
    optout = repo.commit("no\n\nCc: <stable+noautosel@kernel.org>\n", {"no": "1\n"})
    project = start_queue(repo, stable(_NEW))
    assert _places(project, plain) == {
        _NEW: ("not-nominated", ("no tag, no rule, no person, no pick on the next newer branch nominates it",))
    }
    assert _places(project, elsewhere) == {
        _NEW: ("not-nominated", ("its message asks for other branches: Backport: 4.17",))
    }
    assert _places(project, undone) == {_NEW: ("not-nominated", (f"upstream reverted it by {revert[:12]}",))}
    assert show(project, revert).reverts == undone
    assert _places(project, optout) == {
        _NEW: ("not-nominated", ("its message opts out: Cc: <stable+noautosel@kernel.org>",))
    }


def test_show_of_security_and_dead_branches(repo: TestRepo) -> None:
    bug = repo.commit("add the thing", {"thing": "bug\n"})
    repo.git("branch", _OLD)
    repo.git("branch", _NEW)
    fix = repo.commit(f'fix it\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})
    project = start_queue(repo, stable(_OLD, support=Support.END_OF_LIFE), stable(_NEW, support=Support.SECURITY))
    assert _places(project, fix) == {
        _OLD: ("not-nominated", (f"{_OLD} is end of life",)),
        _NEW: ("not-nominated", (f"{_NEW} takes security fixes only, and no rule calls it one",)),
    }


def test_show_tries_where_it_has_not_landed(repo: TestRepo) -> None:
    _, _, fix = _history(repo)
    project = start_queue(repo, stable(_OLD), stable(_NEW))
    trials = try_on_branches(project, show(project, fix))
    assert {branch: str(getattr(trial, "verdict", "")) for branch, trial in trials.items()} == {
        _OLD: "conflict",
        _NEW: "clean",
    }


def test_show_of_nothing_names_no_commit(repo: TestRepo) -> None:
    _history(repo)
    project = start_queue(repo, stable(_NEW))
    with pytest.raises(RefError, match="'--all' does not name a commit"):
        show(project, "--all")


def test_show_says_which_commit_of_the_branch_refused_it(repo: TestRepo) -> None:
    _, _, fix = _history(repo)
    repo.checkout(_NEW)
    refusing = repo.commit(f"NEWS: leave it out\n\nIgnore-Backport: {fix}\n", {"NEWS": "1\n"})
    repo.checkout("master")
    project = start_queue(repo, stable(_NEW), dialects=("networkmanager",))
    why = f'refused by {refusing[:12]} ("NEWS: leave it out"): Ignore-Backport: {fix}'
    assert _places(project, fix) == {_NEW: ("not-nominated", (why,))}
