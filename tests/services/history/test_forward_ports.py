"""Hotfix first: made on a stable branch, taken upstream afterwards, in another form and by somebody else."""

from __future__ import annotations

from backportq.model.history.landed import EvidenceKind
from backportq.model.ids import BranchName, Oid
from backportq.model.items.nomination import Via
from backportq.services.scan.scan import scan
from tests.driver import TestRepo
from tests.services.queued import history_of, queue_of, stable, start_queue

_BRANCH = "stable-1.1"


def _lines(**changed: str) -> str:
    return "".join(f"{changed.get(f'line{n}', f'line {n}')}\n" for n in range(30))


def test_a_pick_line_upstream_that_names_a_commit_of_the_branch_is_evidence_and_follow_ups_are_offered(
    repo: TestRepo,
) -> None:
    base = repo.commit("base", {"file": _lines()})
    repo.git("branch", "stable-1.0")
    repo.checkout(_BRANCH, base)
    hotfix = repo.commit(f'hotfix\n\nFixes: {base[:12]} ("base")\n', {"file": _lines(line5="five")})
    repo.checkout("master")
    port = repo.commit(
        f'fix, for 2.0\n\nFixes: {base[:12]} ("base")\n(cherry picked from commit {hotfix})\n',
        {"file": _lines(line5="FIVE", line6="six")},
    )
    of_hotfix = repo.commit(f'fix of it\n\nFixes: {hotfix[:12]} ("hotfix")\n', {"file": _lines(line5="5", line6="six")})
    of_port = repo.commit(f'another\n\nFixes: {port[:12]} ("fix, for 2.0")\n', {"file": _lines(line20="twenty")})
    project = start_queue(repo, stable("stable-1.0"), stable(_BRANCH))
    scan(project)
    entry = history_of(project).facts.find_branch(BranchName(_BRANCH))
    assert entry is not None
    pick = entry.landed(Oid(port))
    assert pick is not None
    assert (pick.commit, [evidence.kind for evidence in pick.evidence]) == (hotfix, [EvidenceKind.TRAILER])
    open_items = queue_of(project, _BRANCH).open
    assert {item.commit: {reason.via for reason in item.nominations} for item in open_items} == {
        of_hotfix: {Via.FOLLOW_UP},
        of_port: {Via.FOLLOW_UP},
    }
    assert [item.commit for item in queue_of(project, "stable-1.0").open] == [port]
