"""Upstream rebased: what people decided of a commit holds for what became of it."""

from __future__ import annotations

from backportq.model.items.item import State
from backportq.services.scan.report import WarningKind
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import decide, queue_of, stable, start_queue, states_of

_BRANCH = "stable-4.18"


def _lines(*fixed: int) -> str:
    return "".join(f"line {n}{' fixed' if n in fixed else ''}\n" for n in range(30))


def _fixes(repo: TestRepo) -> tuple[str, list[str]]:
    """Return where upstream will be rebased onto, and three fixes on top of it."""
    base = repo.commit("base", {"file": _lines()})
    repo.git("branch", _BRANCH)
    fork = repo.commit("rc1", {"rc": "1\n"})
    said = f'\n\nFixes: {base[:12]} ("base")\n'
    return fork, [repo.commit(f"fix {n}{said}", {"file": _lines(*range(0, 10 * n, 5))}) for n in (1, 2, 3)]


def _rebase(repo: TestRepo, fork: str, commits: list[str]) -> list[str]:
    repo.git("reset", "-q", "--hard", fork)
    repo.commit("rc2", {"rc2": "1\n"})
    return [repo.pick(commit) for commit in commits]


def test_decisions_follow_a_rebased_commit_to_its_new_id(repo: TestRepo) -> None:
    fork, old = _fixes(repo)
    project = start_queue(repo, stable(_BRANCH))
    scan(project)
    decide(project, old[0], state=State.DECLINED, reason="too invasive")
    decide(project, old[1], state=State.IN_PROGRESS, assignee="ada")
    new = _rebase(repo, fork, old)
    report = scan(project)
    assert states_of(project) == {new[0]: "declined", new[1]: "in-progress", new[2]: "pending"}
    assert [item.assignee for item in queue_of(project).open] == ["ada", None]
    told = [warning.commit for warning in report.warnings if warning.kind is WarningKind.REWRITTEN]
    assert sorted(filter(None, told)) == sorted(new)
    again = scan(project)
    assert (again.warnings, [branch.added for branch in again.branches]) == ((), [()])


def test_decisions_follow_back_and_forth_and_none_is_lost(repo: TestRepo) -> None:
    fork, old = _fixes(repo)
    project = start_queue(repo, stable(_BRANCH))
    scan(project)
    new = _rebase(repo, fork, old)
    scan(project)
    decide(project, new[0], note="of the new one")
    repo.git("reset", "-q", "--hard", old[-1])
    scan(project)
    decide(project, old[0], state=State.DECLINED, reason="of the old one")
    repo.git("reset", "-q", "--hard", new[-1])
    scan(project)
    (declined,) = queue_of(project).closed
    assert (declined.commit, declined.note, declined.reason) == (new[0], "of the new one", "of the old one")


def test_a_commit_that_another_title_or_author_took_the_place_of_is_not_followed(repo: TestRepo) -> None:
    fork, old = _fixes(repo)
    project = start_queue(repo, stable(_BRANCH))
    scan(project)
    decide(project, old[0], note="seen by two users")
    repo.git("reset", "-q", "--hard", fork)
    other = {"GIT_AUTHOR_NAME": "Someone Else", "GIT_AUTHOR_EMAIL": "else@example.org"}
    repo.write("file", _lines(0))
    repo.git("commit", "-q", "-F", "-", stdin="fix 1\n", env=other)
    scan(project)
    assert states_of(project)[old[0]] == "pending"
