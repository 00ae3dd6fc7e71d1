"""What a pick on the next newer branch nominates, and what not: each rule on a small real repository."""

from __future__ import annotations

from backportq.model.config import Support
from backportq.model.ids import Oid
from backportq.model.items.nomination import Nomination, Via
from tests.driver import TestRepo
from tests.services.queued import history_of, reasons, stable, start_queue


def test_pick_on_the_next_newer_branch_nominates(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.17")
    repo.git("branch", "stable-4.18")
    repo.git("branch", "stable-4.19")
    fix = repo.commit("fix without a tag", {"file": "2\n"})
    repo.checkout("stable-4.18")
    pick = repo.pick(fix, "-x")
    project = start_queue(repo, stable("stable-4.17"), stable("stable-4.18"), stable("stable-4.19"))
    assert reasons(project) == {
        "stable-4.17": {fix: ["newer-branch stable-4.18"]},
        "stable-4.18": {},
        "stable-4.19": {},
    }
    candidate = history_of(project).nominated.branches["stable-4.17"][Oid(fix)]  # type: ignore[index]
    assert candidate.nominations == (Nomination(Via.NEWER_BRANCH, branch="stable-4.18", commit=Oid(pick)),)


def test_next_newer_branch_is_the_next_maintained_one(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    for branch in ("stable-4.17", "stable-4.18", "stable-4.19"):
        repo.git("branch", branch)
    fix = repo.commit("fix without a tag", {"file": "2\n"})
    repo.checkout("stable-4.19")
    repo.pick(fix, "-x")
    dead = stable("stable-4.18", support=Support.END_OF_LIFE)
    project = start_queue(repo, stable("stable-4.17"), dead, stable("stable-4.19"))
    assert reasons(project) == {"stable-4.17": {fix: ["newer-branch stable-4.19"]}, "stable-4.19": {}}


def test_next_newer_branch_of_one_without_a_version_is_the_next_of_the_configuration(repo: TestRepo) -> None:
    repo.commit("add the thing", {"thing": "bug\n"})
    repo.git("branch", "old/antelope")
    repo.git("branch", "stable/2025.1")
    fix = repo.commit("fix the thing", {"thing": "good\n"})
    repo.checkout("old/antelope")
    repo.pick(fix, "-x")
    other = repo.commit("not upstream", {"own": "1\n"})
    repo.checkout("old/zed", f"{other}~2")
    project = start_queue(repo, stable("old/zed"), stable("old/antelope"), stable("stable/2025.1", "2025.1"))
    assert reasons(project) == {
        "old/zed": {fix: ["newer-branch old/antelope"]},
        "old/antelope": {},
        "stable/2025.1": {},
    }


def test_pick_on_the_newer_branch_of_a_fix_for_what_this_one_lacks_nominates_not(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.17")
    later = repo.commit("add another", {"other": "bug\n"})
    repo.git("branch", "stable-4.18")
    fix = repo.commit(f'fix another\n\nFixes: {later[:12]} ("add another")\n', {"other": "good\n"})
    repo.checkout("stable-4.18")
    repo.pick(fix, "-x")
    assert reasons(start_queue(repo, stable("stable-4.17"), stable("stable-4.18"))) == {
        "stable-4.17": {},
        "stable-4.18": {},
    }


def test_commit_in_the_newer_branch_by_ancestry_or_reverted_there_nominates_not(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.17")
    repo.commit("a feature that 4.18 was branched with", {"feature": "1\n"})
    repo.git("branch", "stable-4.18")
    fix = repo.commit("fix", {"file": "2\n"})
    repo.checkout("stable-4.18")
    pick = repo.pick(fix, "-x")
    repo.commit(f'Revert "fix"\n\nThis reverts commit {pick}.\n', {"file": "1\n"})
    assert reasons(start_queue(repo, stable("stable-4.17"), stable("stable-4.18"))) == {
        "stable-4.17": {},
        "stable-4.18": {},
    }


def test_pick_on_the_newer_branch_of_what_this_branch_took_back_nominates_not(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.17")
    repo.git("branch", "stable-4.18")
    fix = repo.commit("fix", {"file": "2\n"})
    repo.checkout("stable-4.18")
    repo.pick(fix, "-x")
    repo.checkout("stable-4.17")
    pick = repo.pick(fix, "-x")
    project = start_queue(repo, stable("stable-4.17"), stable("stable-4.18"))
    assert reasons(project) == {"stable-4.17": {}, "stable-4.18": {}}
    repo.commit(f'Revert "fix"\n\nThis reverts commit {pick}.\n', {"file": "1\n"})
    assert reasons(project) == {"stable-4.17": {}, "stable-4.18": {}}


def test_pick_on_the_newer_branch_of_what_asks_for_other_versions_nominates_not(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.17")
    repo.git("branch", "stable-4.18")
    lines = ("Backport: 4.18+", "Backport: 4.19\nBackport: 4.17", "")
    fixes = [repo.commit(f"fix {at}\n\n{line}\n", {f"file{at}": "2\n"}) for at, line in enumerate(lines)]
    repo.checkout("stable-4.18")
    for fix in fixes:
        repo.pick(fix, "-x")
    project = start_queue(repo, stable("stable-4.17"), stable("stable-4.18"))
    assert reasons(project)["stable-4.17"] == {
        fixes[1]: ["trailer", "newer-branch stable-4.18"],
        fixes[2]: ["newer-branch stable-4.18"],
    }


def test_staged_pick_on_the_newer_branch_nominates(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    for branch in ("stable-4.17", "stable-4.18", "staging-4.18"):
        repo.git("branch", branch)
    fix = repo.commit("fix", {"file": "2\n"})
    repo.checkout("staging-4.18")
    repo.pick(fix, "-x")
    project = start_queue(repo, stable("stable-4.17"), stable("stable-4.18", staging="staging-4.18"))
    assert reasons(project) == {"stable-4.17": {fix: ["newer-branch stable-4.18"]}, "stable-4.18": {}}
