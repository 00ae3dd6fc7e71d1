"""What is fixed, named by the number of a request or by a title: of old commits, of the range, of merges."""

from __future__ import annotations

import pytest

from backportq.model.ids import Oid
from backportq.services.history.stored_facts import HistoryOfQueue
from tests.driver import TestRepo
from tests.services.queued import project_of, reasons, stable, start_queue

_BRANCH = "stable-1.0"


@pytest.mark.parametrize("is_old", [True, False])
@pytest.mark.parametrize(
    "line",
    [
        "Fixes: #90",
        "Fixes: https://forge.example.org/proj/repo/pull/90",
        "Follow-up to #90",
        "Regression from #90.",
        'Fixes: 0123456789ab ("a: new parser")',
        "Fixes: a: new parser (#90)",
    ],
)
def test_fix_names_a_change_by_number_or_title(repo: TestRepo, line: str, *, is_old: bool) -> None:
    repo.commit("base", {"base": "1\n"})
    if not is_old:
        repo.git("branch", _BRANCH)
    target = repo.commit("a: new parser (#90)", {"a": "1\n"})
    if is_old:
        repo.git("branch", _BRANCH)
    else:
        repo.checkout(_BRANCH)
        repo.pick(target, "-x")
        repo.checkout("master")
    repo.commit("b: other (#91)", {"b": "1\n"})
    fix = repo.commit(f"a: fix it (#100)\n\n{line}\n", {"a": "2\n"})
    project = start_queue(repo, stable(_BRANCH), dialects=("generic",))
    assert reasons(project) == {_BRANCH: {fix: ["fixes" if is_old else "follow-up"]}}
    assert reasons(project_of(repo.path)) == {_BRANCH: {fix: ["fixes" if is_old else "follow-up"]}}


def test_number_of_an_issue_says_nothing(repo: TestRepo) -> None:
    repo.commit("base (#1)", {"base": "1\n"})
    repo.git("branch", _BRANCH)
    repo.commit("a: fix it (#100)\n\nFixes: #55\n", {"a": "2\n"})
    fix = repo.commit("a: fix the base (#101)\n\nFixes: #56\nFixes: #1\n", {"a": "3\n"})
    project = start_queue(repo, stable(_BRANCH), dialects=("generic",))
    assert reasons(project) == {_BRANCH: {fix: ["fixes"]}}


def test_number_names_the_merge_and_a_title_what_it_brought(repo: TestRepo) -> None:
    repo.commit("base", {"base": "1\n"})
    repo.git("branch", _BRANCH)
    repo.checkout("topic", "master")
    member = repo.commit("a: parser", {"a": "1\n"})
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge pull request #90 from ada/topic\n\na: parser", "topic")
    merge = repo.id("HEAD")
    repo.commit("more", {"more": "1\n"})
    project = start_queue(repo, stable(_BRANCH))
    for _ in range(2):  # found out, and out of the index
        named = HistoryOfQueue(project.repository, project.store.snapshot().state).facts.named
        assert [*named.with_number("#90")] == [merge]
        assert [*named.with_title("a: parser")] == [member]
        assert [*named.with_title("[1.0] a: parser (#95)")] == [merge]
        assert [*named.with_number("!90"), *named.with_number("#9")] == []


def test_number_that_two_changes_have_names_none(repo: TestRepo) -> None:
    repo.commit("base", {"base": "1\n"})
    repo.git("branch", _BRANCH)
    repo.commit("one (#7)", {"a": "1\n"})
    repo.commit("two (#7)", {"a": "2\n"})
    last = repo.commit("fix\n\nFixes: #7\n", {"a": "3\n"})
    project = start_queue(repo, stable(_BRANCH), dialects=("generic",))
    facts = HistoryOfQueue(project.repository, project.store.snapshot().state).facts
    assert Oid(last) not in facts.tags
