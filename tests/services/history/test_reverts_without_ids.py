"""Reverts that name no commit: by the subject they quote, or the number of the pull request."""

from __future__ import annotations

from backportq.model.ids import BranchName, Oid
from backportq.model.priority import Priority
from tests.driver import TestRepo
from tests.services.history.forked import facts_of
from tests.services.queued import history_of, reasons, stable, start_queue

_BRANCH = "stable-1"


def test_revert_by_subject_or_number_takes_back_upstream_and_is_asked_for(repo: TestRepo) -> None:
    shared = repo.commit("c: speed up the parser (#90)\n", {"a": "1\n", "b": "1\n", "c": "2\n"})
    repo.git("branch", _BRANCH)
    fixes = f'\n\nFixes: {shared[:12]} ("c: speed up the parser (#90)")\n'
    never = repo.commit(f"a: fix crash (#100){fixes}", {"a": "2\n"})
    picked = repo.commit(f"b: fix leak (#101){fixes}", {"b": "2\n"})
    repo.checkout(_BRANCH)
    repo.pick(picked, "-x")
    repo.checkout("master")
    repo.commit('Revert "a: fix crash (#100)" (#102)\n\nReverts proj/repo#100\n', {"a": "1\n"})
    second = repo.commit("Revert the leak fix\n\nReverts proj/repo#101\n", {"b": "1\n"})
    third = repo.commit('Revert "c: speed up the parser (#90)" (#104)\n', {"c": "1\n"})
    facts = facts_of(repo.path, _BRANCH)
    assert {never, picked, shared} <= facts.reverted_by.keys()
    project = start_queue(repo, stable(_BRANCH))
    assert reasons(project) == {_BRANCH: {second: ["revert"], third: ["revert"]}}
    candidates = history_of(project).nominated.branches[BranchName(_BRANCH)].values()
    assert {each.priority for each in candidates} == {Priority.HIGH}


def test_revert_by_subject_on_a_branch_takes_back_the_pick(repo: TestRepo) -> None:
    repo.commit("start", {"a": "1\n"})
    repo.git("branch", _BRANCH)
    fix = repo.commit("a: fix crash\n", {"a": "2\n"})
    repo.checkout(_BRANCH)
    pick = repo.pick(fix, "-x")
    revert = repo.commit('Revert "a: fix crash"\n\nIt broke more than it mended.\n', {"a": "1\n"})
    (branch,) = facts_of(repo.path, _BRANCH).branches
    assert [(each.commit, each.reverted_by) for each in branch.picks] == [(pick, revert)]
    assert not branch.contains(Oid(fix))


def test_revert_whose_subject_is_used_twice_takes_nothing_back(repo: TestRepo) -> None:
    repo.commit("start", {"a": "1\n"})
    repo.git("branch", _BRANCH)
    repo.commit("update\n", {"a": "2\n"})
    repo.commit("update\n", {"a": "3\n"})
    repo.commit('Revert "update"\n', {"a": "2\n"})
    assert facts_of(repo.path, _BRANCH).reverted_by == {}
