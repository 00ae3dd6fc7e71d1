"""Scans along random histories, against an oracle of a few lines that knows only what was done."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field

import pytest

from backportq.errors import BackportqError
from backportq.model.ids import BranchName
from backportq.model.items.item import State
from backportq.services.items.open_items import open_items
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decide, stable, start_queue

_BRANCHES = ("stable-1.9", "stable-1.10", "stable-1.11")


@dataclass
class _Oracle:
    """What was done: fixes of a bug that every branch has, their upstream reverts, what each branch took."""

    fixes: list[str] = field(default_factory=list)
    reverted: dict[str, str] = field(default_factory=dict)
    taken: dict[str, dict[str, str]] = field(default_factory=lambda: {name: {} for name in _BRANCHES})
    declined: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in _BRANCHES})

    def open_on(self, branch: str) -> set[str]:
        taken = self.taken[branch].keys()
        fixes = {fix for fix in self.fixes if fix not in self.reverted and fix not in taken}
        reverts = {revert for fix, revert in self.reverted.items() if fix in taken and revert not in taken}
        return (fixes | reverts) - self.declined[branch]


def _new_fix(repo: TestRepo, oracle: _Oracle, bug: str, _: random.Random) -> None:
    number = len(oracle.fixes)
    repo.checkout("master")
    fix = repo.commit(f'fix {number}\n\nFixes: {bug[:12]} ("the bug")\n', {f"file {number}": "1\n"})
    oracle.fixes.append(fix)


def _revert_upstream(repo: TestRepo, oracle: _Oracle, _bug: str, chance: random.Random) -> None:
    standing = [fix for fix in oracle.fixes if fix not in oracle.reverted]
    if standing:
        fix = chance.choice(standing)
        repo.checkout("master")
        number = oracle.fixes.index(fix)
        message = f'Revert "fix {number}"\n\nThis reverts commit {fix}.\n'
        oracle.reverted[fix] = repo.commit(message, {f"file {number}": None})


def _pick(repo: TestRepo, oracle: _Oracle, _bug: str, chance: random.Random) -> None:
    branch = chance.choice(_BRANCHES)
    wanted = sorted(oracle.open_on(branch) - set(oracle.reverted.values()))
    if wanted:
        commit = chance.choice(wanted)
        repo.checkout(branch)
        oracle.taken[branch][commit] = repo.pick(commit, "-x")


def _revert_on_branch(repo: TestRepo, oracle: _Oracle, _bug: str, chance: random.Random) -> None:
    branch = chance.choice(_BRANCHES)
    taken = sorted(fix for fix in oracle.taken[branch] if fix not in oracle.reverted)
    if taken:
        fix = chance.choice(taken)
        number = oracle.fixes.index(fix)
        repo.checkout(branch)
        pick = oracle.taken[branch].pop(fix)
        repo.commit(f'Revert "fix {number}"\n\nThis reverts commit {pick}.\n', {f"file {number}": None})


def _decline(repo: TestRepo, oracle: _Oracle, _bug: str, chance: random.Random, project: Project) -> None:
    branch = chance.choice(_BRANCHES)
    queue = project.store.snapshot().state.queue_of(BranchName(branch))
    wanted = sorted(oracle.open_on(branch) & {item.commit for item in queue.open})
    if wanted:
        commit = chance.choice(wanted)
        decide(project, commit, branch, state=State.DECLINED, reason="no")
        oracle.declined[branch].add(commit)


@pytest.mark.parametrize("seed", range(5))
def test_scan_of_any_history_leaves_what_the_oracle_says_and_is_at_rest(repo: TestRepo, seed: int) -> None:
    chance = random.Random(seed)
    bug = repo.commit("the bug", {"thing": "bug\n"})
    for name in _BRANCHES:
        repo.git("branch", name)
    project = start_queue(repo, *(stable(name) for name in _BRANCHES))
    oracle = _Oracle()
    steps = [_new_fix, _new_fix, _pick, _pick, _revert_on_branch, _revert_upstream]
    for _ in range(8):
        for _ in range(3):
            chance.choice(steps)(repo, oracle, bug, chance)
        scan(project)
        _decline(repo, oracle, bug, chance, project)
        report = scan(project)
        state = project.store.snapshot().state
        found = {name: {item.commit for item in state.queue_of(BranchName(name)).open} for name in _BRANCHES}
        assert found == {name: oracle.open_on(name) for name in _BRANCHES}
        tip = project.store.tip()
        again = scan(project)
        assert project.store.tip() == tip
        assert [branch.added + branch.withdrawn + branch.reopened for branch in again.branches] == [()] * 3
        assert [branch.pending for branch in report.branches] == [len(found[name]) for name in _BRANCHES]
        assert open_items(project).hidden == 0


def test_scan_where_nothing_can_be_cached_works(repo: TestRepo) -> None:
    bug = repo.commit("the bug", {"thing": "bug\n"})
    repo.git("branch", "stable-1.9")
    fix = repo.commit(f'fix\n\nFixes: {bug[:12]} ("the bug")\n', {"file": "1\n"})
    project = start_queue(repo, stable("stable-1.9"))
    shutil.rmtree(repo.path / ".git" / "backportq")
    (repo.path / ".git" / "backportq").write_text("a file where the cache would be")
    for _ in range(2):
        assert [branch.added for branch in scan(project, dry_run=True).branches] == [(fix,)]
    scan(project)
    assert [entry.item.commit for entry in open_items(project).items] == [fix]


def test_scan_of_a_branch_that_is_gone_says_so(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-1.9")
    project = start_queue(repo, stable("stable-1.9"))
    repo.git("branch", "-D", "stable-1.9")
    with pytest.raises(BackportqError, match=r"branch 'stable-1\.9' does not exist"):
        scan(project)
