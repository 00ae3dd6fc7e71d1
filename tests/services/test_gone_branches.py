"""A configured branch that is gone from git, and what every command that does not name it says then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backportq.errors import RefError
from backportq.git.refs import read_refs
from backportq.model.config import Config, Support
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import State
from backportq.services.branches import set_gone_aside
from backportq.services.decisions.decide import decide as decide_items
from backportq.services.decisions.link import link_plan
from backportq.services.decisions.nominate import Request, tag
from backportq.services.history.stored_facts import facts_of
from backportq.services.items.open_items import open_items
from backportq.services.items.show import show
from backportq.services.items.status import status
from backportq.services.people.import_files import import_from_files
from backportq.services.people.people_list import import_people
from backportq.services.project import Project
from backportq.services.reports.landed import landed
from backportq.services.reports.release_check import check_release
from backportq.services.reports.stats import stats
from backportq.services.scan.scan import scan
from backportq.services.trials.explain import Bounds, explain
from tests.driver import TestRepo
from tests.services.queued import decide, queue_of, stable, start_queue, states_of, warnings_of

_OLD, _NEW = BranchName("stable-4.18"), BranchName("stable-4.19")


def _two_branches(repo: TestRepo, **settings: object) -> tuple[Project, str, str]:
    """Make two branches with a bug, and two fixes on master that both lack; return the project after a scan."""
    bug = repo.commit("add the thing", {"thing": "bug\n"})
    for name in (_OLD, _NEW, "staging-4.18"):
        repo.git("branch", name)
    fixes = [repo.commit(f'fix {n}\n\nFixes: {bug[:12]} ("add the thing")\n', {f"{n}": "1\n"}) for n in range(2)]
    project = start_queue(repo, stable(_OLD, None, **settings), stable(_NEW))
    scan(project)
    return project, fixes[0], fixes[1]


def test_scan_keeps_the_items_of_a_branch_that_is_gone_and_says_so(repo: TestRepo) -> None:
    project, first, second = _two_branches(repo)
    decide(project, second, _OLD, state=State.DECLINED, reason="too big")
    before = queue_of(project, _OLD)
    repo.git("branch", "-D", _OLD)
    third = repo.commit(f'fix again\n\nFixes: {second[:12]} ("fix 1")\n\nBackport: 4.18+\n', {"more": "1\n"})
    report = scan(project)
    assert [branch.branch for branch in report.branches] == [_NEW]
    assert report.branches[0].added == (third,)
    assert [(str(each.kind), each.branch) for each in report.warnings][:1] == [("branch-gone", _OLD)]
    assert queue_of(project, _OLD) == before
    assert scan(project).warnings == report.warnings  # remembered, too
    repo.git("branch", _OLD, _NEW)
    assert scan(project).branches[0].branch == _OLD
    assert states_of(project, _OLD) == {first: "pending", second: "declined", third: "pending"}


def test_what_only_a_gone_branch_nominates_is_not_withdrawn(repo: TestRepo) -> None:
    repo.commit("base", {"a": "1\n"})
    for name in (_OLD, _NEW):
        repo.git("branch", name)
    picked = repo.commit("improve the thing", {"b": "1\n"})
    repo.git("checkout", "-q", _NEW)
    repo.git("cherry-pick", "-x", picked)
    repo.git("checkout", "-q", "master")
    project = start_queue(repo, stable(_OLD), stable(_NEW))
    scan(project)
    assert states_of(project, _OLD) == {picked: "pending"}
    repo.git("branch", "-D", _NEW)
    assert scan(project).branches[0].withdrawn == ()
    assert states_of(project, _OLD) == {picked: "pending"}


def test_a_gone_branch_that_is_retired_is_no_news(repo: TestRepo) -> None:
    project, _, _ = _two_branches(repo, support=Support.END_OF_LIFE)
    repo.git("branch", "-D", _OLD)
    assert not [each for each in scan(project).warnings if each.branch == _OLD]
    assert warnings_of(lambda: open_items(project)) == []


@pytest.mark.parametrize(
    "work",
    [
        open_items,
        status,
        stats,
        lambda project: open_items(project, branches=[_NEW]),
        lambda project: check_release(project, _NEW),
        lambda project: landed(project, _NEW),
        lambda project: show(project, "master"),
        lambda project: explain(project, "master", _NEW, bounds=Bounds()),
        lambda project: tag(project, ["master"], [_NEW], Request()),
        lambda project: tag(project, ["master"], [], Request(force=True)),
        lambda project: import_people(project, dry_run=True),
        lambda project: import_from_files(project, maintainers=True, codeowners=True, dry_run=True),
    ],
)
def test_commands_go_on_without_a_branch_that_is_gone(repo: TestRepo, work: Callable[[Project], object]) -> None:
    project, _, _ = _two_branches(repo)
    repo.git("branch", "-D", _OLD)
    assert warnings_of(lambda: work(project)) == [
        f"branch '{_OLD}' is not in this repository; its items are kept aside"
    ]


@pytest.mark.parametrize(
    "work",
    [
        lambda project: scan(project, branches=[_OLD]),
        lambda project: open_items(project, branches=["4.18"]),
        lambda project: status(project, branches=[_OLD]),
        lambda project: stats(project, branches=[_OLD]),
        lambda project: check_release(project, _OLD),
        lambda project: landed(project, _OLD),
        lambda project: explain(project, "master", _OLD, bounds=Bounds()),
        lambda project: tag(project, ["master"], [_OLD], Request()),
    ],
)
def test_naming_the_branch_that_is_gone_is_an_error(repo: TestRepo, work: Callable[[Project], object]) -> None:
    project, _, _ = _two_branches(repo)
    repo.git("branch", "-D", _OLD)
    with pytest.raises(RefError, match=f"branch '{_OLD}' does not exist"):
        work(project)


def test_a_branch_without_its_staging_branch_is_set_aside_too(repo: TestRepo) -> None:
    project, fix, _ = _two_branches(repo, staging=BranchName("staging-4.18"))
    repo.git("checkout", "-q", "staging-4.18")
    repo.git("cherry-pick", "-x", fix)
    repo.git("checkout", "-q", "master")
    scan(project)
    before = queue_of(project, _OLD)
    assert [item.commit for item in before.closed] == [fix]
    repo.git("branch", "-D", "staging-4.18")
    assert [branch.branch for branch in scan(project).branches] == [_NEW]
    assert queue_of(project, _OLD) == before
    with pytest.raises(RefError, match=r"branch 'staging-4.18' does not exist"):
        open_items(project, branches=[_OLD])


def test_a_link_is_looked_for_on_the_branches_that_are_left(repo: TestRepo) -> None:
    project, fix, _ = _two_branches(repo)
    repo.git("checkout", "-q", _NEW)
    made = repo.commit("by hand", {"hand": "1\n"})
    repo.git("checkout", "-q", "master")
    repo.git("branch", "-D", _OLD)
    decide_items(project, link_plan(project, fix, made, None))
    assert states_of(project, _NEW)[fix] == "landed"


def test_where_every_branch_is_gone_that_is_the_error(repo: TestRepo) -> None:
    project, _, _ = _two_branches(repo)
    repo.git("branch", "-D", _OLD, _NEW)
    with pytest.raises(RefError, match=f"branch '{_OLD}' does not exist"):
        open_items(project)


def test_a_branch_on_several_remotes_is_not_gone(repo: TestRepo) -> None:
    tip = Oid(repo.commit("base", {"a": "1\n"}))
    for remote in ("fork", "other"):
        repo.git("update-ref", f"refs/remotes/{remote}/{_OLD}", tip)
    config = Config(BranchName("master"), (stable(_OLD),))
    with pytest.raises(RefError, match="exists on several remotes"):
        set_gone_aside(config, read_refs(start_queue(repo, stable(_OLD)).repository))


def test_facts_are_found_out_anew_when_the_branch_is_back(repo: TestRepo) -> None:
    project, _, _ = _two_branches(repo)
    tip = repo.git("rev-parse", _OLD)
    repo.git("branch", "-D", _OLD)
    state = project.store.snapshot().state
    assert [entry.branch.name for entry in facts_of(project.repository, state).branches] == [_NEW]
    repo.git("branch", _OLD, tip)
    assert [entry.branch.name for entry in facts_of(project.repository, state).branches] == [_OLD, _NEW]
