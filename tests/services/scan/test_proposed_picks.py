"""Commits that are probably picks, and pick lines that lead nowhere: said by scan, taken by `link --all-proposed`."""

from __future__ import annotations

import pytest

from backportq.errors import DecisionError
from backportq.model.history.landed import Evidence, EvidenceKind
from backportq.model.items.item import State
from backportq.services.decisions.decide import decide as decide_plan
from backportq.services.decisions.link import link_proposed_plan
from backportq.services.project import Project
from backportq.services.reports.landed import landed
from backportq.services.scan.report import WarningKind
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decide, stable, start_queue

_BRANCH = "stable-1.0"
_LINES = "".join(f"line {number}\n" for number in range(20))
_OTHER = {"GIT_AUTHOR_NAME": "Back Porter", "GIT_AUTHOR_EMAIL": "porter@example.org"}


def _commit_as_other(repo: TestRepo, message: str, path: str, content: str) -> str:
    repo.write(path, content)
    repo.git("add", path)
    repo.git("commit", "-q", "-F", "-", stdin=message, env=_OTHER)
    return repo.id("HEAD")


def _warnings(project: Project) -> list[tuple[WarningKind, str | None, str]]:
    kinds = (WarningKind.PROPOSED, WarningKind.DANGLING)
    return [(each.kind, each.commit, each.text) for each in scan(project).warnings if each.kind in kinds]


def _adapted(repo: TestRepo, title: str = "8298027: Remove the ids") -> tuple[str, str]:
    """Return an upstream commit, and one with its title by somebody else that changes the line in another way."""
    repo.commit("base", {"a": _LINES})
    repo.git("branch", _BRANCH)
    fix = repo.commit(f"{title}\n\nReviewed-by: Bob <bob@example.org>\n", {"a": _LINES.replace("line 5\n", "five\n")})
    repo.checkout(_BRANCH)
    message = f"{title}\n\nBackport-of: ba2d28e911f4f523334f98fd0186680acafb6f0a\n"
    pick = _commit_as_other(repo, message, "a", _LINES.replace("line 5\n", "5 adapted\n"))
    repo.checkout("master")
    return fix, pick


def test_same_title_by_another_author_is_proposed_and_can_be_taken(repo: TestRepo) -> None:
    fix, pick = _adapted(repo)
    project = start_queue(repo, stable(_BRANCH), dialects=("generic",))
    text = f"probably a pick of {fix[:12]}: the same title, by Ada Author upstream"
    assert _warnings(project) == [(WarningKind.PROPOSED, pick, text)]
    assert _warnings(project) == [(WarningKind.PROPOSED, pick, text)], "from the index"
    done = decide_plan(project, link_proposed_plan(project, ()))
    assert [(each.commit, each.item.linked) for each in done.decided] == [(fix, pick)]
    assert _warnings(project) == []
    with pytest.raises(DecisionError, match="no pick is proposed"):
        decide_plan(project, link_proposed_plan(project, ()))


def test_what_was_declined_is_proposed_no_more(repo: TestRepo) -> None:
    fix, _ = _adapted(repo)
    project = start_queue(repo, stable(_BRANCH), dialects=("generic",))
    decide(project, fix, _BRANCH, state=State.DECLINED, reason="it is another change")
    assert [kind for kind, _, _ in _warnings(project)] == []


def test_same_title_and_most_lines_by_another_author_has_landed(repo: TestRepo) -> None:
    repo.commit("base", {"a": _LINES})
    repo.git("branch", _BRANCH)
    added = "".join(f"new {number}\n" for number in range(10))
    fix = repo.commit("a: add ten lines", {"a": _LINES + added})
    repo.checkout(_BRANCH)
    pick = _commit_as_other(repo, "[1.0] a: add ten lines", "a", _LINES + added.replace("new 3\n", "other 3\n"))
    repo.checkout("master")
    project = start_queue(repo, stable(_BRANCH))
    (found,) = landed(project, _BRANCH).picks
    assert (found.upstream, found.commit) == (fix, pick)
    assert found.evidence == (Evidence(EvidenceKind.SUBJECT, f"same title and most lines as {fix[:12]}"),)
    assert _warnings(project) == []


@pytest.mark.parametrize("is_here", [False, True])
def test_pick_line_that_leads_nowhere_is_said(repo: TestRepo, *, is_here: bool) -> None:
    repo.commit("base", {"a": _LINES})
    repo.git("branch", _BRANCH)
    lost = "0123456789abcdef0123456789abcdef01234567"
    if is_here:
        repo.checkout("request", "master")
        lost = repo.commit("first try", {"b": "1\n"})
        repo.checkout("master")
    repo.checkout(_BRANCH)
    line = f"(cherry picked from commit {lost})"
    pick = repo.commit(f"on the branch\n\n{line}\n", {"b": "1\n"})
    again = repo.commit(f"own\n\n(cherry picked from commit {pick})\n", {"c": "1\n"})
    repo.checkout("master")
    why = "names a commit that upstream does not have" if is_here else "names what no clone at hand has"
    found = _warnings(start_queue(repo, stable(_BRANCH)))
    assert found == [(WarningKind.DANGLING, pick, f"'{line}' {why}")], again
