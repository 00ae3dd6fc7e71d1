"""What is started before the arguments are read changes nothing that is said."""

from __future__ import annotations

import pytest

from tests.cli.program import run
from tests.driver import TestRepo


@pytest.fixture
def queued(repo: TestRepo) -> TestRepo:
    """A queue for stable-1.0, which lacks a fix."""
    bug = repo.commit("bug", {"file": "1\n"})
    repo.git("branch", "stable-1.0")
    repo.commit(f'fix\n\nFixes: {bug[:12]} ("bug")', {"file": "2\n"})
    assert run("init", cwd=repo.path).status == 0
    return repo


def test_scan_with_wrong_usage_says_so_even_where_nothing_could_be_scanned(repo: TestRepo) -> None:
    ran = run("scan", "--bogus", cwd=repo.path)
    assert (ran.out, ran.status) == ("", 2)
    assert ran.err.splitlines()[0] == "error: unknown option '--bogus'"


def test_scan_without_a_queue_says_so_once(repo: TestRepo) -> None:
    repo.commit("first")
    ran = run("scan", cwd=repo.path)
    assert (ran.out, ran.status) == ("", 3)
    assert ran.err.splitlines()[0] == "error: there is no queue here: no branch 'backportq'"
    assert ran.err.count("error:") == 1


@pytest.mark.parametrize("options", [(), ("-n",), ("stable-1.0",), ("--json",)])
def test_scan_finds_the_same_twice(queued: TestRepo, options: tuple[str, ...]) -> None:
    first = run("scan", *options, cwd=queued.path)
    assert (first.status, first.err) == (0, "")
    run("scan", cwd=queued.path)
    again = run("scan", *options, cwd=queued.path)
    assert (again.status, again.err) == (0, "")
    assert again.out == first.out.replace("+1", "+0").replace(_added(queued), "[]")


def _added(repo: TestRepo) -> str:
    return f'["{repo.id("master")}"]'
