"""A scan that goes on while git still reads: what it presumed and was wrong about leaves no trace in what it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from backportq.git.cache import Cache
from backportq.git.read.upstream_index import UpstreamIndex
from backportq.git.repository import discover
from backportq.model.ids import BranchName, Oid
from backportq.services.history import gather as gathering
from backportq.services.history.facts import Facts
from backportq.services.history.presumption import PresumedIndex
from backportq.services.project import Project
from backportq.services.queue_admin.init import InitRequest, initialise
from backportq.services.scan.report import ScanReport, WarningKind
from backportq.services.scan.scan import scan
from fixtures.build import build, scenarios
from tests.driver import TestRepo
from tests.services.queued import project_of, stable, start_queue

_BRANCH = BranchName("stable-4.18")


@pytest.fixture
def slow_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if git needed so long that nobody finds the index read before waiting for it."""
    monkeypatch.setattr(UpstreamIndex, "is_read", property(lambda index: index._making is None))


def _forgetful_scan(project: Project) -> ScanReport:
    shutil.rmtree(project.repository.cache_dir, ignore_errors=True)
    return scan(project, dry_run=True)


def _exact_scan(project: Project) -> ScanReport:
    _forgetful_scan(project)
    return scan(project, dry_run=True)  # the index comes from the cache, and nothing is presumed


@pytest.mark.usefixtures("slow_git")
def test_index_presumes_that_commits_are_in_it_and_subjects_are_not_until_it_is_read(repo: TestRepo) -> None:
    first = Oid(repo.commit("first"))
    repo.checkout("other", "master")
    other = Oid(repo.commit("elsewhere"))
    repository = discover(repo.path)
    tip = Oid(repo.id("master"))
    index = UpstreamIndex(repository, Cache.open(repository), tip)
    presumed = PresumedIndex(index)
    assert [presumed.contains(oid) for oid in (first, other)] == [True, True]
    assert presumed.find_subject("first") == ()
    assert not presumed.was_right()
    assert [presumed.contains(oid) for oid in (first, other)] == [True, False]
    assert presumed.find_subject("first") == (first,)
    assert presumed.was_right()


@pytest.mark.usefixtures("slow_git")
def test_index_that_was_presumed_rightly_says_so(repo: TestRepo) -> None:
    first = Oid(repo.commit("first"))
    repository = discover(repo.path)
    presumed = PresumedIndex(UpstreamIndex(repository, Cache.open(repository), first))
    assert presumed.contains(first)
    assert presumed.find_subject("second") == ()
    assert presumed.was_right()


@pytest.mark.usefixtures("slow_git")
def test_fix_of_a_commit_that_upstream_never_had_is_reported_and_not_nominated(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.checkout("elsewhere", "master")
    foreign = repo.commit("foreign", {"foreign": "1\n"})
    repo.checkout("master")
    repo.commit("thing", {"file": "2\n"})
    repo.git("branch", _BRANCH)
    repo.commit(f'fix it\n\nFixes: {foreign[:12]} ("foreign")', {"file": "3\n"})
    project = start_queue(repo, stable(_BRANCH))
    report = _forgetful_scan(project)
    assert report.branches[0].candidates == 0
    assert [warning.kind for warning in report.warnings] == [WarningKind.UNRESOLVED]
    assert report == _exact_scan(project)


@pytest.mark.usefixtures("slow_git")
def test_subject_that_an_old_commit_has_too_proves_no_pick(repo: TestRepo) -> None:
    repo.commit("update the version", {"version": "1\n"})
    repo.commit("thing", {"file": "1\n"})
    repo.git("branch", _BRANCH)
    repo.commit("update the version", {"version": "3\n"})
    repo.checkout(_BRANCH)
    repo.commit("update the version", {"version": "2\n"})
    project = start_queue(repo, stable(_BRANCH))
    report = _forgetful_scan(project)
    assert report.branches[0].landed == 0
    assert report == _exact_scan(project)


@pytest.mark.usefixtures("slow_git")
def test_facts_that_were_presumed_rightly_are_not_put_together_again(
    repo: TestRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug = repo.commit("thing", {"file": "1\n"})
    repo.commit("more", {"more": "1\n"})
    repo.git("branch", _BRANCH)
    repo.commit(f'fix it\n\nFixes: {bug[:12]} ("thing")', {"file": "2\n"})
    put_together: list[Facts] = []
    original = gathering.Gathering._put_together

    def counted(self: gathering.Gathering) -> Facts:
        put_together.append(original(self))
        return put_together[-1]

    monkeypatch.setattr(gathering.Gathering, "_put_together", counted)
    project = start_queue(repo, stable(_BRANCH))
    assert _forgetful_scan(project).branches[0].candidates == 1
    assert len(put_together) == 1


@pytest.mark.usefixtures("slow_git")
@pytest.mark.parametrize("name", scenarios())
def test_scan_says_the_same_whether_it_had_to_presume_or_not(name: str, tmp_path: Path) -> None:
    build(name, tmp_path)
    project = project_of(tmp_path)
    initialise(project, InitRequest())
    assert _forgetful_scan(project) == _exact_scan(project)
