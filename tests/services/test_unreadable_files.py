"""One file of the queue that cannot be read: it stops the commands for its branch, and no others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backportq.errors import QueueFileError
from backportq.model.ids import BranchName
from backportq.model.items.item import State
from backportq.services.assignment.propose import propose_owners
from backportq.services.decisions import verbs
from backportq.services.decisions.nominate import Request, tag
from backportq.services.items.my_tasks import tasks_of
from backportq.services.items.open_items import open_items
from backportq.services.items.show import show
from backportq.services.items.status import status
from backportq.services.people.people_list import add_person, list_people
from backportq.services.project import Project
from backportq.services.reports.landed import landed
from backportq.services.reports.release_check import check_release
from backportq.services.reports.stats import stats
from backportq.services.scan.scan import scan
from backportq.services.suggest.likelihood import read_outlook
from tests.driver import TestRepo
from tests.services.queued import decide, decided, queue_of, stable, start_queue, states_of, warnings_of

_OLD, _NEW = BranchName("stable-4.18"), BranchName("stable-4.19")
_BROKEN = b"schema = 1\nbranch = "


def _broken_in(repo: TestRepo, folder: str) -> tuple[Project, str]:
    """Return a project whose file of the old branch in `folder` is broken, and a commit that both branches lack."""
    bug = repo.commit("add the thing", {"thing": "bug\n"})
    for name in (_OLD, _NEW):
        repo.git("branch", name)
    fixes = [repo.commit(f'fix {n}\n\nFixes: {bug[:12]} ("add the thing")\n', {f"{n}": "1\n"}) for n in range(2)]
    project = start_queue(repo, stable(_OLD), stable(_NEW))
    scan(project)
    add_person(project, "Cora Committer <cora@example.org>")
    decide(project, fixes[0], _OLD, state=State.DECLINED, reason="too big")
    path = f"{folder}/{_OLD}.toml"
    assert repo.git("cat-file", "-t", f"backportq:{path}") == "blob"
    blob = repo.git("hash-object", "-w", "--stdin", stdin=_BROKEN)
    index = {"GIT_INDEX_FILE": str(repo.path / ".git" / "broken-index")}
    repo.git("read-tree", "backportq", env=index)
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=index)
    tree = repo.git("write-tree", env=index)
    repo.git("update-ref", "refs/heads/backportq", repo.git("commit-tree", tree, "-p", "backportq", "-m", "by hand"))
    return project, fixes[1]


@pytest.fixture(params=["queue", "closed"])
def broken(request: pytest.FixtureRequest, repo: TestRepo) -> tuple[Project, str]:
    return _broken_in(repo, request.param)


_OTHERS = {
    "pending": open_items,
    "pending NEW": lambda project: open_items(project, branches=[_NEW]),
    "status": status,
    "mine": tasks_of,
    "stats": stats,
    "check": lambda project: check_release(project, _NEW),
    "landed": lambda project: landed(project, _NEW),
    "show": lambda project: show(project, "master"),
    "assign": propose_owners,
    "tag": lambda project: tag(project, ["master"], [], Request(force=True)),
}


@pytest.mark.parametrize("work", _OTHERS.values(), ids=_OTHERS.keys())
def test_commands_about_other_branches_go_on(broken: tuple[Project, str], work: Callable[[Project], object]) -> None:
    project, _ = broken
    told = warnings_of(lambda: work(project))
    assert len(told) == 1
    assert told[0].startswith(f"the items of '{_OLD}' are left out: ")


_NAMING = {
    "scan": lambda project: scan(project, branches=[_OLD]),
    "pending": lambda project: open_items(project, branches=[_OLD]),
    "check": lambda project: check_release(project, _OLD),
    "tag": lambda project: tag(project, ["master"], [_OLD], Request(force=True)),
    "decline": lambda project: decided(project, verbs.decline(project, "no"), ["master"], [_OLD]),
}


@pytest.mark.parametrize("work", _NAMING.values(), ids=_NAMING.keys())
def test_naming_the_branch_says_once_what_is_wrong(
    broken: tuple[Project, str], work: Callable[[Project], object]
) -> None:
    project, _ = broken

    def refused() -> None:
        with pytest.raises(QueueFileError, match=rf"{_OLD}.toml:2"):
            work(project)

    assert warnings_of(refused) == []


def test_scan_reports_it_and_leaves_the_files_as_they_are(broken: tuple[Project, str], repo: TestRepo) -> None:
    project, second = broken
    before = repo.git("ls-tree", "-r", "backportq", f"queue/{_OLD}.toml", f"closed/{_OLD}.toml")
    third = repo.commit(f'fix again\n\nFixes: {second[:12]} ("fix 1")\n\nBackport: 4.18+\n', {"more": "1\n"})
    report = scan(project)
    assert [branch.branch for branch in report.branches] == [_NEW]
    assert report.branches[0].added == (third,)
    assert [(str(each.kind), each.branch) for each in report.warnings][:1] == [("queue file not readable", _OLD)]
    assert scan(project).warnings == report.warnings
    assert scan(project, branches=[_NEW]).warnings[0] == report.warnings[0]
    assert repo.git("ls-tree", "-r", "backportq", f"queue/{_OLD}.toml", f"closed/{_OLD}.toml") == before


def test_a_decision_counts_for_the_branches_that_can_be_read(broken: tuple[Project, str]) -> None:
    project, commit = broken
    decided(project, verbs.decline(project, "no"), [commit])
    assert states_of(project, _NEW)[commit] == "declined"


def test_people_are_listed_without_what_cannot_be_read(repo: TestRepo) -> None:
    project, commit = _broken_in(repo, "queue")
    decide(project, commit, _NEW, assignee="cora")
    people: list[object] = []
    assert len(warnings_of(lambda: people.extend(list_people(project)))) == 1
    assert [dict(entry.open_items) for entry in people] == [{_NEW: 1}]  # type: ignore[attr-defined]
    assert set(read_outlook(project, project.store.snapshot().state).places) == {
        item.commit for item in queue_of(project, _NEW).open
    }
