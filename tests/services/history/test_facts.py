"""What `gather` says of small real histories: order, membership, tips, reverts upstream."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from backportq.errors import RefError, RepositoryError
from backportq.model.ids import Oid
from tests.driver import TestRepo
from tests.services.history.forked import facts_of


def test_gather_gives_order_tips_and_membership(forked: TestRepo) -> None:
    old, base, new = (forked.id(revision) for revision in ("master~2", "master~1", "master"))
    forked.checkout("stable-1")
    own = forked.commit("own")
    facts = facts_of(forked.path, "stable-1")
    (branch,) = facts.branches
    assert (facts.upstream.oid, facts.upstream.ref) == (new, "refs/heads/master")
    assert dict(facts.order) == {new: 0}
    assert set(facts.commits) == {new, own}
    assert (branch.tip, branch.onto, branch.base, branch.staging_tip) == (own, own, base, None)
    assert (branch.own, branch.picks) == ((own,), ())
    assert [branch.has_ancestor(Oid(oid)) for oid in (old, base, own, new, "0" * 40)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert [facts.is_upstream(Oid(oid)) for oid in (old, base, new, own)] == [True, True, True, False]


def test_gather_gives_the_same_again_from_its_cache(forked: TestRepo) -> None:
    forked.checkout("stable-1")
    forked.pick("master", "-x")
    first = facts_of(forked.path, "stable-1")
    assert facts_of(forked.path, "stable-1") == first


def test_gather_orders_branches_by_version_and_reads_back_to_the_oldest(repo: TestRepo) -> None:
    oids = [repo.commit("root")]
    for version in ("4.9", "4.10"):
        repo.git("branch", f"stable-{version}")
        oids.append(repo.commit(f"after {version}"))
    facts = facts_of(repo.path, "stable-4.10", "stable-4.9")
    assert [branch.branch.version for branch in facts.branches] == ["4.9", "4.10"]
    assert [branch.base for branch in facts.branches] == oids[:2]
    assert dict(facts.order) == {oids[1]: 0, oids[2]: 1}


def test_gather_when_an_older_branch_is_added_or_dropped_does_not_trust_its_cache(repo: TestRepo) -> None:
    first = repo.commit("first")
    repo.git("branch", "stable-1")
    second = repo.commit("second")
    repo.git("branch", "stable-2")
    third = repo.commit("third")
    assert dict(facts_of(repo.path, "stable-2").order) == {third: 0}
    assert dict(facts_of(repo.path, "stable-1", "stable-2").order) == {second: 0, third: 1}
    repo.git("branch", "-f", "stable-2", first)
    assert dict(facts_of(repo.path, "stable-2").order) == {second: 0, third: 1}


def test_gather_with_merges_knows_what_came_in_by_which_side(repo: TestRepo) -> None:
    base = repo.commit("base", {"a": "1\n"})
    repo.git("branch", "stable-1")
    repo.checkout("topic", "master")
    topic = repo.commit("topic", {"b": "1\n"})
    repo.checkout("master")
    main = repo.commit("main", {"c": "1\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge topic", "topic")
    merge = repo.id("master")
    repo.checkout("stable-1")
    repo.git("merge", "-q", "--no-ff", "-m", "merge topic too", "topic")
    facts = facts_of(repo.path, "stable-1")
    (branch,) = facts.branches
    assert [branch.has_ancestor(Oid(oid)) for oid in (base, topic, main, merge)] == [True, True, False, False]
    assert branch.base == topic == repo.git("merge-base", "master", "stable-1")
    assert branch.own == (repo.id("stable-1"),)
    assert dict(facts.order) == {main: 0, merge: 1}


def test_gather_agrees_with_git_on_a_tangled_history(repo: TestRepo) -> None:
    """Sixty commits with merges in all directions: order, membership, own commits and bases as git says."""
    choice = random.Random(7)
    tips = {"master": repo.commit("root")}
    tree = repo.git("write-tree")
    for number in range(60):
        name = choice.choice(["master", "master", "stable-1", "stable-2", "topic"])
        first = tips.get(name) or tips["master"]
        parents = dict.fromkeys([first, choice.choice(list(tips.values()))] if choice.random() < 0.3 else [first])
        repo.tick += 1
        args = [argument for parent in parents for argument in ("-p", parent)]
        tips[name] = repo.git("commit-tree", tree, *args, "-m", f"number {number}")
    for name, oid in tips.items():
        repo.git("update-ref", f"refs/heads/{name}", oid)
    facts = facts_of(repo.path, "stable-1", "stable-2")

    def listed(*args: str) -> set[str]:
        return set(repo.git("rev-list", *args).split())

    shared = repo.git("merge-base", "--octopus", "master", "stable-1", "stable-2").split()
    assert set(facts.order) == listed("master", "--not", shared[0])
    for oid, place in facts.order.items():
        for parent in facts.commits[oid].parents:
            assert facts.order.get(parent, -1) < place
    for branch in facts.branches:
        name = branch.branch.name
        own = repo.git("rev-list", "--topo-order", "--reverse", name, "^master").split()
        assert set(branch.own) == set(own)
        for place, own_oid in enumerate(branch.own):
            assert not set(facts.commits[own_oid].parents) & set(branch.own[place:])
        assert branch.base in repo.git("merge-base", "--all", "master", name).split()
        assert {oid for oid in listed("--all") if branch.has_ancestor(Oid(oid))} == listed(name)


def test_gather_of_unrelated_histories_has_no_base(forked: TestRepo) -> None:
    forked.git("checkout", "-q", "--orphan", "stable-0")
    root = forked.commit("another root")
    facts = facts_of(forked.path, "stable-0", "stable-1")
    assert [branch.base for branch in facts.branches] == [None, forked.id("master~1")]
    assert facts.branches[0].own == (root,)
    assert len(facts.order) == 3
    assert not facts.branches[0].has_ancestor(Oid(forked.id("master~2")))
    assert facts.branches[1].has_ancestor(Oid(forked.id("master~2")))


def test_gather_without_branches_has_nothing_to_compare(forked: TestRepo) -> None:
    facts = facts_of(forked.path)
    assert (facts.branches, dict(facts.order)) == ((), {})
    assert facts.is_upstream(Oid(forked.id("master~2")))


def test_gather_of_a_branch_equal_to_upstream_has_nothing_missing(forked: TestRepo) -> None:
    forked.git("branch", "-f", "stable-1", "master")
    facts = facts_of(forked.path, "stable-1")
    assert (dict(facts.order), facts.branches[0].base, facts.branches[0].own) == ({}, forked.id("master"), ())


def test_gather_with_staging_says_what_is_only_staged(forked: TestRepo) -> None:
    forked.checkout("staging-1", "stable-1")
    pick = forked.pick("master", "-x")
    facts = facts_of(forked.path, "stable-1", staging=True)
    (branch,) = facts.branches
    assert (branch.tip, branch.staging_tip, branch.onto) == (forked.id("stable-1"), pick, pick)
    assert [(found.upstream, found.commit, found.staged) for found in branch.picks] == [
        (forked.id("master"), pick, True)
    ]
    forked.git("branch", "-f", "stable-1", "staging-1")
    assert [found.staged for found in facts_of(forked.path, "stable-1", staging=True).branches[0].picks] == [False]


def test_gather_with_a_staging_branch_left_behind_picks_onto_the_branch(forked: TestRepo) -> None:
    for old in ("stable-1", "stable-1~1"):  # at the last pick, and where upstream parted
        forked.git("branch", "-f", "staging-1", old)
        forked.checkout("stable-1")
        release = forked.commit(f"release after {old}", {"version": f"{old}\n"})
        (branch,) = facts_of(forked.path, "stable-1", staging=True).branches
        assert (branch.tip, branch.onto, branch.staging_tip) == (release, release, forked.id("staging-1"))
        assert not any(found.staged for found in branch.picks)


def test_gather_takes_the_remote_tracking_branch_and_not_a_forgotten_local_one(
    forked: TestRepo, tmp_path: Path
) -> None:
    forked.git("clone", "-q", str(forked.path), str(tmp_path / "clone"))
    clone = TestRepo(tmp_path / "clone")
    clone.git("branch", "stable-1", "origin/stable-1")
    forked.checkout("stable-1")
    pick = forked.pick("master", "-x")
    clone.git("fetch", "-q")
    (branch,) = facts_of(clone.path, "stable-1").branches
    assert (branch.tip, [found.commit for found in branch.picks]) == (pick, [pick])


@pytest.mark.parametrize("kind", ["bare", "worktree", "packed"])
def test_gather_in_other_kinds_of_repository_says_the_same(forked: TestRepo, tmp_path: Path, kind: str) -> None:
    forked.checkout("stable-1")
    forked.pick("master", "-x")
    wanted = facts_of(forked.path, "stable-1")
    path = tmp_path / "other"
    if kind == "bare":
        forked.git("clone", "-q", "--bare", str(forked.path), str(path))
    elif kind == "worktree":
        forked.git("worktree", "add", "-q", str(path), "master")
    else:
        forked.git("gc", "-q")
        path = forked.path
    assert facts_of(path, "stable-1") == wanted


def test_gather_writes_nothing_but_its_cache(forked: TestRepo) -> None:
    def everything() -> tuple[str, ...]:
        return tuple(forked.git(*args) for args in (("status", "--porcelain"), ("for-each-ref",), ("count-objects",)))

    before = everything()
    facts_of(forked.path, "stable-1")
    assert everything() == before


def test_gather_where_nothing_can_be_written_works(forked: TestRepo) -> None:
    forked.checkout("stable-1")
    forked.pick("master", "-x")
    wanted = facts_of(forked.path, "stable-1")
    shutil.rmtree(forked.path / ".git" / "backportq", ignore_errors=True)
    (forked.path / ".git" / "backportq").write_text("in the way")
    assert facts_of(forked.path, "stable-1") == wanted


def test_gather_with_a_branch_that_is_gone_names_near_ones(forked: TestRepo) -> None:
    with pytest.raises(RefError) as caught:
        facts_of(forked.path, "stable-11")
    assert (caught.value.message, caught.value.hints) == (
        "branch 'stable-11' does not exist",
        (
            "did you mean 'stable-1'?",
            "backportq edit config, if the name is wrong",
        ),
    )


def test_gather_in_an_empty_repository_says_so(repo: TestRepo) -> None:
    with pytest.raises(RefError, match="the repository has no branches at all"):
        facts_of(repo.path, "stable-1")


def test_gather_in_a_shallow_clone_works_above_the_cut_and_refuses_below(forked: TestRepo, tmp_path: Path) -> None:
    forked.checkout("stable-1")
    pick = forked.pick("master", "-x")
    forked.git("clone", "-q", "--no-single-branch", "--depth=2", f"file://{forked.path}", str(tmp_path / "enough"))
    (branch,) = facts_of(tmp_path / "enough", "stable-1").branches
    assert [found.commit for found in branch.picks] == [pick]
    forked.git("clone", "-q", "--no-single-branch", "--depth=1", f"file://{forked.path}", str(tmp_path / "short"))
    with pytest.raises(RepositoryError) as caught:
        facts_of(tmp_path / "short", "stable-1")
    assert caught.value.message == "this clone is shallow: it does not reach back to where its branches part"
    assert caught.value.hints == ("git fetch --unshallow",)


def test_gather_in_a_clone_without_contents_still_reads_messages(forked: TestRepo, tmp_path: Path) -> None:
    forked.checkout("stable-1")
    forked.commit("own", {"file": "own\n"})
    pick = forked.commit(f"new\n\n(cherry picked from commit {forked.id('master')})", {"other": "x\n"})
    forked.git("config", "uploadpack.allowFilter", "true")
    forked.git("clone", "-q", "--bare", "--filter=blob:none", f"file://{forked.path}", str(tmp_path / "partial"))
    facts = facts_of(tmp_path / "partial", "stable-1")
    assert [(found.upstream, found.commit) for found in facts.branches[0].picks] == [(forked.id("master"), pick)]
    assert TestRepo(tmp_path / "partial").git("rev-list", "--objects", "--all", "--missing=print").count("?") > 0


def test_reverted_upstream_until_applied_again(forked: TestRepo) -> None:
    new = forked.id("master")
    revert = forked.commit(f'Revert "new"\n\nThis reverts commit {new}.\n')
    assert dict(facts_of(forked.path, "stable-1").reverted_by) == {new: revert}
    again = forked.commit(f'Reapply "new"\n\nThis reverts commit {revert}.\n')
    assert dict(facts_of(forked.path, "stable-1").reverted_by) == {revert: again}


def test_reverted_upstream_names_commits_older_than_the_branches_too(forked: TestRepo) -> None:
    old = forked.id("master~2")
    revert = forked.commit(f'Revert "old"\n\nThis reverts commit {old[:12]}.\n')
    assert dict(facts_of(forked.path, "stable-1").reverted_by) == {old: revert}


def test_tags_are_those_of_upstream_after_the_branches_parted(forked: TestRepo) -> None:
    oid = forked.commit('fix\n\nFixes: 0123456789ab ("nothing")\nSigned-off-by: Ada Author <ada@example.org>\n')
    forked.checkout("stable-1")
    forked.commit('own\n\nFixes: 0123456789ab ("nothing")\n')
    facts = facts_of(forked.path, "stable-1")
    assert {found: [tag.hex for tag in tags.fixes] for found, tags in facts.tags.items()} == {oid: ["0123456789ab"]}
