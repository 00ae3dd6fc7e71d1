"""Which commits are candidates for which branch: each rule and each trap on a small real repository.

What a pick on the next newer branch nominates is in `test_nominate_newer_branch`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backportq.model.config import Rule, RuleEffect, Support
from backportq.model.ids import Oid
from backportq.model.items.nomination import Nomination, Via
from backportq.model.priority import Priority
from tests.driver import TestRepo
from tests.services.queued import history_of, reasons, stable, start_queue, warnings


def _bug_and_branch(repo: TestRepo, branch: str = "stable-4.18") -> str:
    """Make a bug on master and then the branch; return the bug's commit."""
    bug = repo.commit("add the thing", {"thing": "bug\n"})
    repo.git("branch", branch)
    return bug


def test_fixes_whose_target_is_in_the_branch_makes_a_candidate(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    fix = repo.commit(f'fix the thing\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})
    project = start_queue(repo, stable("stable-4.18"))
    candidate = history_of(project).nominated.branches["stable-4.18"][Oid(fix)]  # type: ignore[index]
    assert candidate.nominations == (
        Nomination(Via.FIXES, text=f'Fixes: {bug[:12]} ("add the thing")', target=Oid(bug)),
    )
    assert (candidate.priority, candidate.needs) == (Priority.NORMAL, ())


def test_fixes_whose_target_is_newer_than_the_branch_makes_none(repo: TestRepo) -> None:
    _bug_and_branch(repo)
    later = repo.commit("add another", {"other": "bug\n"})
    repo.commit(f'fix another\n\nFixes: {later[:12]} ("add another")\n', {"other": "good\n"})
    assert reasons(start_queue(repo, stable("stable-4.18"))) == {"stable-4.18": {}}


def test_fixes_of_a_landed_pick_is_a_follow_up_of_high_priority(repo: TestRepo) -> None:
    _bug_and_branch(repo)
    later = repo.commit("add another", {"other": "bug\n"})
    fix = repo.commit(f'fix another\n\nFixes: {later[:12]} ("add another")\n', {"other": "good\n"})
    repo.checkout("stable-4.18")
    repo.pick(later, "-x")
    project = start_queue(repo, stable("stable-4.18"))
    candidate = history_of(project).nominated.branches["stable-4.18"][Oid(fix)]  # type: ignore[index]
    assert [(each.via, each.target) for each in candidate.nominations] == [(Via.FOLLOW_UP, later)]
    assert candidate.priority is Priority.HIGH


def test_fix_that_landed_as_a_pick_is_no_candidate(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    fix = repo.commit(f'fix the thing\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})
    repo.checkout("stable-4.18")
    repo.pick(fix, "-x")
    assert reasons(start_queue(repo, stable("stable-4.18"))) == {"stable-4.18": {}}


def test_fix_whose_pick_was_reverted_on_the_branch_is_a_candidate_again(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    fix = repo.commit(f'fix the thing\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})
    repo.checkout("stable-4.18")
    pick = repo.pick(fix, "-x")
    repo.commit(f'Revert "fix the thing"\n\nThis reverts commit {pick}.\n', {"thing": "bug\n"})
    assert reasons(start_queue(repo, stable("stable-4.18"))) == {"stable-4.18": {fix: ["fixes"]}}


def test_fixes_resolved_by_subject_only_makes_a_candidate_and_a_warning(repo: TestRepo) -> None:
    _bug_and_branch(repo)
    fix = repo.commit('fix the thing\n\nFixes: 0123456789ab ("add the thing")\n', {"thing": "good\n"})
    project = start_queue(repo, stable("stable-4.18"))
    assert reasons(project) == {"stable-4.18": {fix: ["fixes"]}}
    assert warnings(project) == [("target found by subject only", fix, None)]


def test_fixes_that_names_nothing_makes_a_warning_alone(repo: TestRepo) -> None:
    _bug_and_branch(repo)
    fix = repo.commit('fix it\n\nFixes: 0123456789ab ("no such subject")\n', {"thing": "good\n"})
    project = start_queue(repo, stable("stable-4.18"))
    assert reasons(project) == {"stable-4.18": {}}
    assert warnings(project) == [("target not found", fix, None)]


def test_explicit_range_nominates_for_the_versions_it_names_alone(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    for branch in ("stable-4.9", "stable-4.10", "stable-4.11"):
        repo.git("branch", branch)
    fix = repo.commit("fix\n\nBackport: 4.10+\n", {"file": "2\n"})
    project = start_queue(repo, stable("stable-4.9"), stable("stable-4.10"), stable("stable-4.11"))
    assert reasons(project) == {"stable-4.9": {}, "stable-4.10": {fix: ["trailer"]}, "stable-4.11": {fix: ["trailer"]}}
    candidate = history_of(project).nominated.branches["stable-4.10"][Oid(fix)]  # type: ignore[index]
    assert candidate.nominations == (
        Nomination(Via.TRAILER, text="Backport: 4.10+", by="Ada Author <ada@example.org>"),
    )


def test_range_that_contradicts_the_known_target_stays_with_a_warning(repo: TestRepo) -> None:
    _bug_and_branch(repo)
    later = repo.commit("add another", {"other": "bug\n"})
    fix = repo.commit(f'fix\n\nFixes: {later[:12]} ("add another")\nBackport: 4.18+\n', {"other": "good\n"})
    project = start_queue(repo, stable("stable-4.18"))
    assert reasons(project) == {"stable-4.18": {fix: ["trailer"]}}
    assert warnings(project) == [("range contradicts the Fixes target", fix, "stable-4.18")]


def test_unbounded_request_is_limited_by_the_known_target(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    later = repo.commit("add another", {"other": "bug\n"})
    cc = "Cc: stable@vger.kernel.org"
    repo.commit(f'fix new\n\nFixes: {later[:12]} ("add another")\n{cc}\n', {"other": "good\n"})
    old = repo.commit(f'fix old\n\nFixes: {bug[:12]} ("add the thing")\n{cc}\n', {"thing": "good\n"})
    bare = repo.commit(f"fix without a target\n\n{cc}\n", {"more": "1\n"})
    project = start_queue(repo, stable("stable-4.18"))
    assert reasons(project) == {"stable-4.18": {old: ["trailer", "fixes"], bare: ["trailer"]}}
    assert warnings(project) == []


def test_commit_that_fixes_two_is_a_candidate_where_either_is(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    later = repo.commit("add another", {"other": "bug\n"})
    lines = f'Fixes: {later[:12]} ("add another")\nFixes: {bug[:12]} ("add the thing")\n'
    fix = repo.commit(f"fix both\n\n{lines}", {"thing": "good\n", "other": "good\n"})
    project = start_queue(repo, stable("stable-4.18"))
    assert reasons(project) == {"stable-4.18": {fix: ["fixes"]}}


def test_commit_reverted_upstream_is_no_candidate_and_its_revert_is_where_it_landed(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo, "stable-4.17")
    repo.git("branch", "stable-4.18")
    fix = repo.commit(f'fix it\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "worse\n"})
    revert = repo.commit(f'Revert "fix it"\n\nThis reverts commit {fix}.\n', {"thing": "bug\n"})
    repo.checkout("stable-4.18")
    repo.pick(fix, "-x")
    project = start_queue(repo, stable("stable-4.17"), stable("stable-4.18"))
    assert reasons(project) == {"stable-4.17": {}, "stable-4.18": {revert: ["revert"]}}
    candidate = history_of(project).nominated.branches["stable-4.18"][Oid(revert)]  # type: ignore[index]
    assert candidate.nominations == (Nomination(Via.REVERT, target=Oid(fix)),)
    assert candidate.priority is Priority.HIGH


def test_commit_reverted_and_applied_again_is_a_candidate(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    fix = repo.commit(f'fix it\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})
    revert = repo.commit(f'Revert "fix it"\n\nThis reverts commit {fix}.\n', {"thing": "bug\n"})
    repo.commit(f'Revert "Revert "fix it""\n\nThis reverts commit {revert}.\n', {"thing": "good\n"})
    assert reasons(start_queue(repo, stable("stable-4.18"))) == {"stable-4.18": {fix: ["fixes"]}}


def test_revert_that_landed_too_is_no_candidate(repo: TestRepo) -> None:
    _bug_and_branch(repo)
    fix = repo.commit("fix it\n\nBackport: 4.18\n", {"thing": "worse\n"})
    revert = repo.commit(f'Revert "fix it"\n\nThis reverts commit {fix}.\n', {"thing": "bug\n"})
    repo.checkout("stable-4.18")
    repo.pick(fix, "-x")
    repo.pick(revert, "-x")
    assert reasons(start_queue(repo, stable("stable-4.18"))) == {"stable-4.18": {}}


def test_opt_out_removes_what_facts_nominate(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    lines = f'Fixes: {bug[:12]} ("add the thing")\nCc: <stable+noautosel@kernel.org>\n'
    repo.commit(f"fix it\n\n{lines}", {"thing": "good\n"})
    assert reasons(start_queue(repo, stable("stable-4.18"))) == {"stable-4.18": {}}


def test_merge_is_a_candidate_only_if_asked_for(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    repo.checkout("topic", "master")
    repo.commit("topic work", {"topic": "1\n"})
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-m", f'Merge topic\n\nFixes: {bug[:12]} ("add the thing")\n', "topic")
    repo.git("branch", "-q", "-D", "topic")
    repo.checkout("topic2", "master")
    repo.commit("more topic work", {"topic": "2\n"})
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge topic2\n\nBackport: 4.18+\n", "topic2")
    asked = repo.id("HEAD")
    assert reasons(start_queue(repo, stable("stable-4.18"))) == {"stable-4.18": {asked: ["trailer"]}}


def test_wait_in_days_counts_from_the_commit_and_holds_for_the_fix_too(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    lines = f'Fixes: {bug[:12]} ("add the thing")\nMFC after: 2 weeks\n'
    fix = repo.commit(f"fix it\n\n{lines}", {"thing": "good\n"})
    project = start_queue(repo, stable("stable-4.18"), dialects=("generic", "freebsd"))
    due = datetime(2023, 11, 28, 22, 15, 20, tzinfo=UTC)
    found = history_of(project).nominated.branches["stable-4.18"][Oid(fix)]  # type: ignore[index]
    assert [(each.via, each.due) for each in found.nominations] == [(Via.TRAILER, due), (Via.FIXES, due)]


def test_wait_for_a_candidate_is_due_when_such_a_tag_contains_the_commit(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-6.1")
    fix = repo.commit("fix\n\nCc: stable@vger.kernel.org # after -rc3\n", {"file": "2\n"})
    repo.git("tag", "v6.2-rc2")
    project = start_queue(repo, stable("stable-6.1"))
    found = history_of(project).nominated.branches["stable-6.1"][Oid(fix)]  # type: ignore[index]
    assert [(each.due, each.wait) for each in found.nominations] == [(None, "-rc3")]
    repo.commit("more", {"file": "3\n"})
    repo.git("tag", "v6.2-rc10")
    repo.commit("and more", {"file": "4\n"})
    repo.git("tag", "v6.2")
    found = history_of(project).nominated.branches["stable-6.1"][Oid(fix)]  # type: ignore[index]
    made = datetime(2023, 11, 14, 22, 16, 20, tzinfo=UTC)
    assert [(each.due, dict(each.extra)) for each in found.nominations] == [(made, {})]


def test_prerequisites_become_needs_in_pick_order(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-3.3", "HEAD")
    repo.git("branch", "stable-3.2", "HEAD")
    first = repo.commit("sched: Check for idle", {"file": "2\n"})
    second = repo.commit("sched: Rate-limit newidle", {"file": "3\n"})
    cc = "Cc: <stable@vger.kernel.org> # 3.3.x"
    fix = repo.commit(
        f"fix\n\n{cc}: {first[:7]}: sched: Check for idle\n{cc}: {second[:7]}: sched: Rate-limit newidle\n{cc}\n",
        {"file": "4\n"},
    )
    branches = history_of(start_queue(repo, stable("stable-3.2"), stable("stable-3.3"))).nominated.branches
    assert {name: {oid: its.needs for oid, its in found.items()} for name, found in branches.items()} == {
        "stable-3.2": {},
        "stable-3.3": {fix: (first, second)},
    }


def test_rules_nominate_by_pattern_path_and_author_and_set_the_priority(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.18")
    advisory = repo.commit("x86: limit the thing\n\nThis is XSA-423.\n", {"x86/thing": "1\n"})
    docs = repo.commit("docs: say more", {"docs/deep/page": "1\n"})
    repo.commit("x86: another", {"x86/docs": "1\n"})
    rules = (
        Rule("advisories", pattern=r"XSA-\d+", priority=Priority.SECURITY),
        Rule("docs", path="docs/**", author="ADA@", priority=Priority.LOW),
        Rule("other author", author="nobody@example.org"),
        Rule("elsewhere", pattern="x86", branches=("stable-4.19",)),
        Rule("never alone", pattern="x86", effect=RuleEffect.RANK, priority=Priority.HIGH),
    )
    project = start_queue(repo, stable("stable-4.18"), rules=rules)
    assert reasons(project) == {"stable-4.18": {advisory: ["rule advisories"], docs: ["rule docs"]}}
    found = history_of(project).nominated.branches["stable-4.18"]  # type: ignore[index]
    assert [each.priority for each in found.values()] == [Priority.SECURITY, Priority.LOW]


def test_security_branch_takes_only_what_a_rule_calls_security(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    repo.commit(f'fix it\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})
    advisory = repo.commit(f'XSA-1\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "better\n"})
    rules = (Rule("advisories", pattern=r"XSA-\d+", priority=Priority.SECURITY, effect=RuleEffect.RANK),)
    project = start_queue(repo, stable("stable-4.18", support=Support.SECURITY), rules=rules)
    assert reasons(project) == {"stable-4.18": {advisory: ["fixes"]}}


def test_foreign_references_and_unreadable_tags_nominate_nothing(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    repo.commit(
        f'import a fix\n\nFixes: {bug[:12]} ("add the thing")\nOrigin: https://example.org/l.git 0123456789ab\n',
        {"thing": "good\n"},
    )
    odd = repo.commit(
        "fix it\n\nBackport: as far as it goes\nSigned-off-by: Ada Author <ada@example.org>\n", {"a": "1"}
    )
    project = start_queue(repo, stable("stable-4.18"))
    assert reasons(project) == {"stable-4.18": {}}
    assert warnings(project) == [("malformed tag", odd, None)]


def test_candidates_stand_in_upstream_order(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-4.18")
    made = [repo.commit(f"fix {n}\n\nBackport: 4.18\n", {"file": f"fix {n}\n"}) for n in range(8)]
    assert list(reasons(start_queue(repo, stable("stable-4.18")))["stable-4.18"]) == made


def test_commit_of_a_branch_refuses_another_for_that_branch_alone(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    repo.git("branch", "stable-4.19")
    fix = repo.commit(f'fix it\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})
    repo.checkout("stable-4.18")
    repo.commit(f"NEWS: say what is missing\n\nignore-backport: {fix[:12]} (too invasive)\n", {"NEWS": "1\n"})
    repo.checkout("master")
    project = start_queue(repo, stable("stable-4.18"), stable("stable-4.19"), dialects=("networkmanager",))
    assert reasons(project) == {"stable-4.18": {}, "stable-4.19": {fix: ["fixes"]}}


def test_commit_of_a_branch_may_name_what_it_refuses_by_a_pick_of_it(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    repo.git("branch", "stable-4.19")
    fix = repo.commit(f'fix it\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})
    repo.checkout("stable-4.19")
    pick = repo.pick(fix, "-x")
    repo.checkout("stable-4.18")
    repo.commit(f"NEWS\n\nIgnore-Backport: {pick}\n", {"NEWS": "1\n"})
    repo.checkout("master")
    project = start_queue(repo, stable("stable-4.18"), stable("stable-4.19"), dialects=("networkmanager",))
    assert reasons(project) == {"stable-4.18": {}, "stable-4.19": {}}


def test_upstream_commit_that_refuses_another_stays_a_candidate_itself(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    bad = repo.commit(f'fix it\n\nFixes: {bug[:12]} ("add the thing")\n', {"thing": "good\n"})
    better = repo.commit(f"fix it well\n\nFixes: {bug[:12]}\nIgnore-Backport: {bad}\n", {"thing": "better\n"})
    project = start_queue(repo, stable("stable-4.18"), dialects=("networkmanager",))
    assert reasons(project) == {"stable-4.18": {better: ["fixes"]}}


def test_request_in_prose_nominates_with_its_sentence_and_its_firmness(repo: TestRepo) -> None:
    repo.commit("start", {"thing": "bug\n"})
    for version in ("2.6", "2.8"):
        repo.git("branch", f"release-{version}")
    firm = repo.commit("BUG/MAJOR: x: fix\n\nThis must be backported\nas far as 2.8.\n", {"thing": "good\n"})
    soft = repo.commit("MINOR: x: y\n\nThis may be backported to all stable versions.\n", {"other": "good\n"})
    repo.commit("BUG/MINOR: x: z\n\nNo backport needed.\n", {"more": "good\n"})
    branches = [stable(f"release-{version}", version=version) for version in ("2.6", "2.8")]
    project = start_queue(repo, *branches, dialects=("haproxy",))
    found = history_of(project).nominated.branches
    assert {name: [(c.commit, c.priority) for c in candidates.values()] for name, candidates in found.items()} == {
        "release-2.6": [(soft, Priority.LOW)],
        "release-2.8": [(firm, Priority.HIGH), (soft, Priority.LOW)],
    }
    (nomination,) = found["release-2.8"][Oid(firm)].nominations  # type: ignore[index]
    assert (nomination.via, nomination.text) == (Via.TRAILER, "This must be backported as far as 2.8.")


def test_rule_that_refuses_keeps_what_it_matches_out_of_its_branches(repo: TestRepo) -> None:
    bug = _bug_and_branch(repo)
    repo.git("branch", "stable-4.19")
    fixes = f'\n\nFixes: {bug[:12]} ("add the thing")\n'
    bump = repo.commit(f"Bump the thing from 1 to 2{fixes}", {"thing": "2\n"})
    fix = repo.commit(f"fix the thing{fixes}", {"thing": "good\n"})
    never = Rule(
        "bumps",
        "^Bump ",
        "subject",
        branches=("stable-4.18",),
        effect=RuleEffect.NEVER,
        reason="each branch has its own",
    )
    project = start_queue(repo, stable("stable-4.18"), stable("stable-4.19"), rules=(never,))
    assert reasons(project) == {"stable-4.18": {fix: ["fixes"]}, "stable-4.19": {bump: ["fixes"], fix: ["fixes"]}}


@pytest.mark.parametrize(
    ("refusing", "expected"),
    [
        ({"pattern": "^Bump ", "search_in": "subject"}, False),
        ({"path": "requirements/*"}, False),
        ({"pattern": "^Merge ", "search_in": "subject"}, True),
        ({"path": "src/*"}, True),
    ],
)
def test_rule_that_refuses_matches_merges_by_title_and_paths(
    repo: TestRepo, refusing: dict[str, str], *, expected: bool
) -> None:
    _bug_and_branch(repo)
    repo.git("branch", "stable-4.19")
    repo.checkout("bump", "master")
    repo.commit("first", {"requirements/a": "1\n"})
    repo.commit("second", {"requirements/b": "1\n"})
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge pull request #5 from robot/bump\n\nBump the things", "bump")
    merge = repo.id("HEAD")
    repo.checkout("stable-4.19")
    repo.git("cherry-pick", "-x", "-m", "1", merge)
    repo.checkout("master")
    never = Rule("bumps", **refusing, effect=RuleEffect.NEVER, reason="each branch has its own")  # type: ignore[arg-type]
    project = start_queue(repo, stable("stable-4.18"), stable("stable-4.19"), rules=(never,))
    assert (merge in reasons(project)["stable-4.18"]) is expected
