"""Where the branches of a project are found: which remote, which upstream, which queue, and what is said if none is."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.errors import ExitCode, RefError
from backportq.git.refs import read_refs, resolve_configured
from backportq.model.config import Config
from backportq.model.ids import BranchName
from backportq.services.queue_admin.init import InitRequest, initialise
from tests.driver import TestRepo
from tests.services.queued import project_of


def _clone(repo: TestRepo, name: str, *options: str) -> TestRepo:
    path = repo.path.parent / name
    repo.git("clone", "-q", "--no-local", *options, str(repo.path), str(path))
    return TestRepo(path, repo.tick)


def _fork_and_project(repo: TestRepo) -> tuple[TestRepo, TestRepo]:
    """Return a clone of a stale fork, as `origin`, that has the project as `upstream`, too."""
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "release-1.0")
    fork = _clone(repo, "fork.git", "--bare")
    repo.commit("more", {"file": "2\n"})
    repo.git("branch", "release-1.1")
    clone = _clone(fork, "clone")
    clone.git("remote", "add", "upstream", str(repo.path))
    clone.git("fetch", "-q", "upstream")
    return clone, fork


def test_init_takes_the_newest_of_two_remotes_for_all_and_writes_it_down(repo: TestRepo) -> None:
    clone, _ = _fork_and_project(repo)
    done = initialise(project_of(clone.path), InitRequest())
    assert done.config.remote == "upstream"
    assert [branch.name for branch in done.config.branches] == ["release-1.0", "release-1.1"]
    assert done.remote.why == "newer than 'origin', which ends on 2023-11-14"


def test_init_does_not_take_a_fork_that_went_its_own_way_for_newer(repo: TestRepo) -> None:
    clone, fork = _fork_and_project(repo)
    work = _clone(fork, "work")
    work.tick = 50
    work.commit("the fork's own", {"own": "1\n"})
    work.git("push", "-q", "origin", "master")
    clone.git("fetch", "-q", "origin")
    done = initialise(project_of(clone.path), InitRequest())
    assert (done.config.remote, done.remote.why) == ("upstream", "'origin' has gone its own way")


def test_init_of_two_equal_remotes_takes_the_one_that_is_followed(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "release-1.0")
    fork = _clone(repo, "fork.git", "--bare")
    clone = _clone(repo, "clone", "-o", "project")
    clone.git("remote", "add", "fork", str(fork.path))
    clone.git("fetch", "-q", "fork")
    assert initialise(project_of(clone.path), InitRequest()).config.remote == "project"


def test_a_remote_that_others_call_by_another_name_is_no_obstacle(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    clone = _clone(repo, "clone")
    refs = read_refs(project_of(clone.path).repository)
    tip = resolve_configured(refs, Config(BranchName("master"), remote="upstream"), "master")
    assert tip.ref == "refs/remotes/origin/master"


def test_init_takes_upstream_from_the_head_of_the_remote_where_it_is_the_newest_of_a_family(repo: TestRepo) -> None:
    for name in ("5.4", "6.4", "7.0"):
        repo.commit(name, {"file": f"{name}\n"})
        repo.git("branch", name)
    repo.git("checkout", "-q", "7.0")
    repo.git("branch", "-D", "master")
    done = initialise(project_of(_clone(repo, "clone").path), InitRequest())
    assert (done.config.upstream, [branch.name for branch in done.config.branches]) == ("7.0", ["5.4", "6.4"])


def test_init_does_not_take_a_release_branch_for_upstream_because_head_names_it(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    for name in ("stable-1.0", "stable-1.1", "develop"):
        repo.git("branch", name)
    repo.git("checkout", "-q", "stable-1.1")
    done = initialise(project_of(_clone(repo, "clone").path), InitRequest())
    assert done.config.upstream == "master"


def test_init_takes_a_default_branch_of_any_name(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-1.0")
    repo.git("branch", "-m", "unstable")
    assert initialise(project_of(_clone(repo, "clone").path), InitRequest()).config.upstream == "unstable"


def test_init_that_finds_no_stable_branch_names_likely_ones_and_writes_nothing(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    for name in ("fix-1.2", "tiny-lib-8_2", "gh-pages"):
        repo.git("branch", name)
    project = project_of(repo.path)
    with pytest.raises(RefError) as refused:
        initialise(project, InitRequest())
    assert refused.value.message == "no stable branch was found beside upstream 'master', so no queue was made"
    assert refused.value.hints[:2] == (
        "the likeliest of its names are tiny-lib-8_2",
        "backportq init --branch tiny-lib-8_2 begins with one",
    )
    assert (refused.value.exit_code, project.store.tip()) == (ExitCode.BAD_STATE, None)


def test_init_joins_the_queue_that_the_remote_has(repo: TestRepo, tmp_path: Path) -> None:
    repo.commit("start", {"file": "1\n"})
    for name in ("stable-1.0", "stable-1.1"):
        repo.git("branch", name)
    ours = project_of(repo.path)
    initialise(ours, InitRequest("master", ("stable-1.0",)))
    theirs = project_of(_clone(repo, "clone").path)
    done = initialise(theirs, InitRequest())
    assert (done.joined, theirs.store.tip()) == ("origin", ours.store.tip())
    again = project_of(_clone(repo, "again").path)
    added = initialise(again, InitRequest(branches=("stable-1.1",)))
    assert [branch.name for branch in added.config.branches] == ["stable-1.0", "stable-1.1"]
    assert again.repository.git.text("rev-parse", "backportq^") == ours.store.tip()


def test_init_gives_components_the_folders_that_they_are_called_after(repo: TestRepo) -> None:
    repo.commit("start", {"component-a/a": "1\n", "component-b/b": "1\n"})
    for component in ("component-a", "component-b"):
        for release in (1, 2):
            repo.git("branch", f"{component}/release-{release}.x")
    done = initialise(project_of(repo.path), InitRequest())
    assert {(branch.name, branch.paths) for branch in done.config.branches} == {
        (f"{component}/release-{release}.x", (f"{component}/",))
        for component in ("component-a", "component-b")
        for release in (1, 2)
    }


def test_open_changes_of_a_review_server_are_no_stable_branches(repo: TestRepo) -> None:
    repo.commit("start", {"file": "1\n"})
    repo.git("branch", "stable-1.0")
    repo.commit("more", {"file": "2\n"})
    repo.git("update-ref", "refs/changes/01/1/1", "HEAD")
    repo.git("update-ref", "refs/changes/03/3/2", "HEAD")
    clone = _clone(repo, "clone")
    clone.git("config", "--add", "remote.origin.fetch", "+refs/changes/*:refs/remotes/origin/changes/*")
    clone.git("fetch", "-q")
    done = initialise(project_of(clone.path), InitRequest())
    assert (done.config.upstream, [branch.name for branch in done.config.branches]) == ("master", ["stable-1.0"])
    assert done.also_possible == ()
