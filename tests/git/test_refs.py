"""Which ref a branch name means, in real repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from backportq.errors import RefError
from backportq.git.refs import BranchTip, read_refs, resolve_branch, resolve_configured
from backportq.git.repository import discover
from backportq.model.config import Config
from backportq.model.ids import BranchName, Oid, RefName
from tests.driver import TestRepo


def _tip(name: str, ref: str, oid: str) -> BranchTip:
    return BranchTip(BranchName(name), RefName(ref), Oid(oid))


def _clone(repo: TestRepo, path: Path) -> TestRepo:
    repo.git("clone", "-q", str(repo.path), str(path))
    return TestRepo(path, repo.tick)


def test_resolve_branch_with_a_forgotten_local_branch_takes_the_remote_tracking_one(
    repo: TestRepo, tmp_path: Path
) -> None:
    old = repo.commit("one")
    repo.git("branch", "stable-1")
    clone = _clone(repo, tmp_path / "clone")
    clone.git("branch", "stable-1", "origin/stable-1")
    repo.checkout("stable-1")
    new = repo.commit("two")
    clone.git("fetch", "-q")
    assert clone.id("stable-1") == old
    assert resolve_branch(read_refs(discover(clone.path)), "stable-1") == _tip(
        "stable-1", "refs/remotes/origin/stable-1", new
    )


def test_resolve_branch_with_a_newer_local_branch_still_takes_the_remote_tracking_one(
    repo: TestRepo, tmp_path: Path
) -> None:
    old = repo.commit("one")
    clone = _clone(repo, tmp_path / "clone")
    clone.commit("not pushed")
    assert resolve_branch(read_refs(discover(clone.path)), "master") == _tip(
        "master", "refs/remotes/origin/master", old
    )


def test_resolve_branch_prefers_the_remote_that_the_local_branch_follows(repo: TestRepo, tmp_path: Path) -> None:
    here = repo.commit("one")
    repo.git("branch", "stable-1")
    clone = _clone(repo, tmp_path / "clone")
    clone.git("remote", "add", "company", str(repo.path))
    clone.git("fetch", "-q", "company")
    clone.git("branch", "-q", "--track", "stable-1", "company/stable-1")
    refs = read_refs(discover(clone.path))
    assert resolve_branch(refs, "stable-1") == _tip("stable-1", "refs/remotes/company/stable-1", here)
    assert resolve_branch(refs, "stable-1", "origin") == _tip("stable-1", "refs/remotes/origin/stable-1", here)


def test_resolve_branch_ignores_a_followed_branch_of_another_name(repo: TestRepo, tmp_path: Path) -> None:
    repo.commit("one")
    clone = _clone(repo, tmp_path / "clone")
    clone.git("checkout", "-q", "-b", "stable-1", "--track", "origin/master")
    mine = clone.commit("a branch for 1")
    assert resolve_branch(read_refs(discover(clone.path)), "stable-1") == _tip("stable-1", "refs/heads/stable-1", mine)


def test_resolve_branch_without_origin_takes_the_only_remote_and_refuses_to_choose_between_two(
    repo: TestRepo, tmp_path: Path
) -> None:
    here = repo.commit("one")
    local = TestRepo.create(tmp_path / "local")
    local.git("remote", "add", "b", str(repo.path))
    local.git("fetch", "-q", "b")
    assert resolve_branch(read_refs(discover(local.path)), "master") == _tip("master", "refs/remotes/b/master", here)
    local.git("remote", "add", "a", str(repo.path))
    local.git("fetch", "-q", "a")
    with pytest.raises(RefError) as caught:
        resolve_branch(read_refs(discover(local.path)), "master")
    assert caught.value.message == "branch 'master' exists on several remotes: a, b"
    assert caught.value.hints == ('set remote = "a" in config.toml (backportq edit config)',)


def test_resolve_branch_takes_full_names_and_names_with_a_remote_as_written(repo: TestRepo, tmp_path: Path) -> None:
    here = repo.commit("one")
    clone = _clone(repo, tmp_path / "clone")
    mine = clone.commit("not pushed")
    refs = read_refs(discover(clone.path))
    assert resolve_branch(refs, "refs/heads/master") == _tip("refs/heads/master", "refs/heads/master", mine)
    assert resolve_branch(refs, "origin/master") == _tip("origin/master", "refs/remotes/origin/master", here)


def test_resolve_branch_of_an_unknown_name_offers_near_ones(repo: TestRepo) -> None:
    repo.commit("one")
    repo.git("branch", "stable-4.18")
    with pytest.raises(RefError) as caught:
        resolve_branch(read_refs(discover(repo.path)), "stable-4.81")
    assert caught.value.message == "branch 'stable-4.81' does not exist"
    assert caught.value.hints == ("did you mean 'stable-4.18'?",)


def test_resolve_configured_branch_that_is_gone_says_how_to_mend_the_configuration(
    repo: TestRepo, tmp_path: Path
) -> None:
    repo.commit("one")
    repo.git("branch", "stable-4.18")
    refs = read_refs(discover(_clone(repo, tmp_path / "clone").path))
    mend = "backportq edit config, if the name is wrong"
    for name, hints in (
        ("stable-4.81", ("did you mean 'stable-4.18'?", "git fetch, if the branch is newer than this clone", mend)),
        ("next", ("git fetch", "git branch --all lists what there is", mend)),
    ):
        with pytest.raises(RefError) as caught:
            resolve_configured(refs, Config(BranchName("master")), name)
        assert caught.value.hints == hints


def test_resolve_branch_in_an_empty_repository_says_so(repo: TestRepo) -> None:
    with pytest.raises(RefError) as caught:
        resolve_branch(read_refs(discover(repo.path)), "master")
    assert caught.value.message == "branch 'master' does not exist: the repository has no branches at all"


def test_read_refs_of_packed_loose_and_slashed_refs_finds_all(repo: TestRepo) -> None:
    first = repo.commit("one")
    repo.git("branch", "release/1.2")
    repo.git("tag", "v1")
    repo.git("pack-refs", "--all")
    second = repo.commit("two")
    refs = read_refs(discover(repo.path))
    assert dict(refs.oids) == {
        "refs/heads/master": second,
        "refs/heads/release/1.2": first,
        "refs/tags/v1": first,
    }
    assert refs.branch_names() == ("master", "release/1.2")


def test_read_refs_from_a_worktree_and_a_bare_clone_finds_the_same_branches(repo: TestRepo, tmp_path: Path) -> None:
    repo.commit("one")
    repo.git("branch", "stable-1")
    repo.git("worktree", "add", "-q", str(tmp_path / "tree"), "stable-1")
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare.git"))
    here = read_refs(discover(repo.path)).oids
    assert read_refs(discover(tmp_path / "tree")).oids == here
    assert read_refs(discover(tmp_path / "bare.git")).oids == here


def test_branch_names_leaves_out_head_of_the_remote_and_other_remotes(repo: TestRepo, tmp_path: Path) -> None:
    repo.commit("one")
    repo.git("branch", "stable-1")
    clone = _clone(repo, tmp_path / "clone")
    clone.git("update-ref", "refs/remotes/fork/topic", "HEAD")
    refs = read_refs(discover(clone.path))
    assert refs.branch_names("origin") == ("master", "stable-1")
    assert refs.branch_names() == ("master", "stable-1", "topic")
    assert refs.remotes() == ("origin", "fork")
