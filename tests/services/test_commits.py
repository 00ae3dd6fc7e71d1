"""Commits as people name them: numbers and addresses of requests, titles, near ones where nothing answers."""

from __future__ import annotations

import io
import re

import pytest

from backportq.errors import RefError
from backportq.services.commits import find_commit, find_commits, state_of
from backportq.services.items.show import show
from backportq.services.mail.requests import read_requests
from backportq.services.project import Project
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import project_of, stable, start_queue

_FORGE = "https://forge.example.org/proj/repo"
_MAIL = (
    "From: Rita Request <rita@example.org>\nSubject: backport request\nMessage-ID: <1@example.org>\n"
    "Date: Mon, 1 Jun 2026 08:00:00 +0000\n\n{}\n"
)


@pytest.fixture
def project(repo: TestRepo) -> Project:
    repo.commit("base", {"a": "1\n"})
    repo.git("branch", "stable-1.0")
    repo.git("branch", "stable-1.1")
    repo.commit("open 1.2", {"next": "1\n"})
    repo.commit("a: fix crash (#100)", {"a": "2\n"})
    repo.commit("b: fix leak (#101)", {"b": "2\n"})
    repo.commit("twice (#7)", {"c": "1\n"})
    repo.commit("twice (#8)", {"c": "2\n"})
    repo.commit("again (#8)", {"c": "3\n"})
    project = start_queue(repo, stable("stable-1.0"), stable("stable-1.1"), dialects=("generic",))
    scan(project)
    return project


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("#100", "a: fix crash (#100)"),
        ("gh-100", "a: fix crash (#100)"),
        ("PR 100", "a: fix crash (#100)"),
        ("proj/repo#101", "b: fix leak (#101)"),
        (f"{_FORGE}/pull/101", "b: fix leak (#101)"),
        (f"{_FORGE}/pull/101/files#diff-1", "b: fix leak (#101)"),
        ("a: fix crash", "a: fix crash (#100)"),
        ("A: Fix  crash (#100)", "a: fix crash (#100)"),
        ("HEAD~4", "a: fix crash (#100)"),
    ],
)
def test_find_commit_by_number_address_or_title(project: Project, text: str, subject: str) -> None:
    state = state_of(project)
    assert show(project, text).commit.subject == subject
    assert [find_commit(project.repository, state, text)] == list(find_commits(project.repository, state, text))


def test_find_commit_by_address_needs_no_queue(repo: TestRepo) -> None:
    oid = repo.commit("base", {"a": "1\n"})
    repository = project_of(repo.path).repository
    for address in (f"{_FORGE}/commit/{oid}", f"{_FORGE}/-/commit/{oid[:10]}", f"https://git.example.org/r?id={oid}"):
        assert find_commit(repository, None, address) == oid
    with pytest.raises(RefError, match="which a queue says"):
        find_commit(repository, None, "#100")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("#55", "no change of master has the number '#55'", "an issue has no commit"),
        ("#8", "'#8' names 2 changes", r"give one of .*twice \(#8\).*again \(#8\)"),
        ("twice thing", "'twice thing' names no commit", r"did you mean .*: twice \(#8\)"),
        ("twice (#9)", "the title 'twice .#9.' names 2 changes", "give one of"),
        ("twoce", "'twoce' does not name a commit", "git log"),
    ],
)
def test_find_commit_names_what_is_near(project: Project, text: str, message: str, hint: str) -> None:
    with pytest.raises(RefError, match=message) as raised:
        find_commit(project.repository, state_of(project), text)
    assert re.search(hint, " ".join(raised.value.hints))


def test_number_of_a_backport_means_its_original(repo: TestRepo) -> None:
    repo.commit("base", {"a": "1\n"})
    repo.git("branch", "stable-1.0")
    fix = repo.commit("a: fix crash (#100)", {"a": "2\n"})
    repo.checkout("stable-1.0")
    repo.commit(f"a: fix crash (#105)\n\n(cherry picked from commit {fix})\n", {"a": "2\n"})
    repo.checkout("master")
    project = start_queue(repo, stable("stable-1.0"))
    assert find_commit(project.repository, state_of(project), "#105") == fix


@pytest.mark.parametrize(
    ("text", "subject", "how", "branches"),
    [
        ("Could #100 go to 1.1?", "a: fix crash (#100)", "number", ["stable-1.1"]),
        ('Please backport "a: fix crash" to 1.0.', "a: fix crash (#100)", "subject", ["stable-1.0"]),
        (f"Please take {_FORGE}/pull/101 for 1.0.", "b: fix leak (#101)", "number", ["stable-1.0"]),
        (
            "We need PR 101, see issue #55, in 1.0 and 1.1.",
            "b: fix leak (#101)",
            "number",
            ["stable-1.0", "stable-1.1"],
        ),
    ],
)
def test_mail_asks_by_number_address_or_title(
    project: Project, text: str, subject: str, how: str, branches: list[str]
) -> None:
    (request,) = read_requests(project, io.BytesIO(_MAIL.format(text).encode())).requests
    assert [(each.subject, each.how, list(each.branches)) for each in request.matched] == [(subject, how, branches)]


def test_range_of_a_request_leaves_out_the_merges_of_upstream_into_it(repo: TestRepo) -> None:
    repo.commit("base", {"a": "1\n", "b": "1\n"})
    repo.checkout("topic", "master")
    first = repo.commit("a: first", {"a": "2\n"})
    repo.checkout("master")
    repo.commit("b: unrelated", {"b": "2\n"})
    repo.checkout("topic")
    repo.git("merge", "-q", "--no-edit", "master")
    inner = repo.id("HEAD")
    second = repo.commit("a: second", {"a": "3\n"})
    repo.checkout("master")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge pull request #1 from x/y", "topic")
    repository = project_of(repo.path).repository
    assert find_commits(repository, None, "master^1..topic") == (first, second)
    assert find_commits(repository, None, "master^1..topic", merges=True) == (first, inner, second)
