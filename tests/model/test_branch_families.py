"""Families of branch names: which of a project's branches are its stable ones, for many habits of naming them."""

from __future__ import annotations

import pytest

from backportq.model.branch_families import choose_families, likeliest_names, propose_branches
from backportq.model.ids import BranchName

_OTHERS = """
main feature/foo dependabot/npm/lodash-4.17.21 user/fix-1.2 renovate/node-18.x KAFKA-17584 KAFKA-16411 issue-45 issue-46
20251021-peers-refactoring-2 20251021-peers-refactoring-3 concurrent-ruby-1-3-6 bg/dns-1.40 37-snapshot 3.9b
7-2-stable_use_uri_rfc2396_parser 4.8.3pre-shim-comet ada/clippy-1.64
"""

_HABITS = """
release-1.9=1.9 release-1.10=1.10 release-1.11=1.11
release/1.0.x=1.0 release/1.1.x=1.1 release/1.2.x=1.2
v18.x=18 v20.x=20 v22.x=22
3.9=3.9 3.10=3.10 3.11=3.11
release-branch.go1.9=1.9 release-branch.go1.10=1.10 release-branch.go1.21=1.21
REL9_6_STABLE=9.6 REL_10_STABLE=10 REL_16_STABLE=16
OpenSSL_1_1_1-stable=1.1.1 openssl-3.0=3.0 openssl-3.1=3.1
dspace-6_x=6 dspace-7_x=7 dspace-8_x=8
6-1-stable=6.1 7-0-stable=7.0 7-1-stable=7.1
stable/4.2.x=4.2 stable/5.0.x=5.0 stable/5.1.x=5.1
14.0=14.0 15.0=15.0 16.0=16.0
branch-24.08=24.08 branch-24.10=24.10 branch-24.12=24.12
v3.8.x=3.8 v3.9.x=3.9 v3.10.x=3.10
r269=269 r279=279 r280=280
maintenance/1.25.x=1.25 maintenance/1.26.x=1.26 maintenance/2.0.x=2.0
gnome-44=44 gnome-45=45 gnome-46=46
stable28=28 stable29=29 stable30=30
15-11-stable-ee=15.11 16-0-stable-ee=16.0 16-1-stable-ee=16.1
stable-3.4.x=3.4 stable-3.5.x=3.5
release/1.2.3=1.2.3 release/1.2.4=1.2.4 release/1.3.0=1.3.0
release/v1.2=1.2 release/v1.10=1.10 release/v2.0=2.0
release/17.x=17 release/18.x=18 release/19.x=19
beta=beta stable=stable
quincy=quincy reef=reef squid=squid
branch-heads/5938=5938 branch-heads/6045=6045
9.5.x=9.5 10.0.x=10.0 10.1.x=10.1 11.x=11
R4_29_maintenance=4.29 R4_30_maintenance=4.30
releases/gcc-12=12 releases/gcc-13=13
release/2.38/master=2.38 release/2.39/master=2.39
SLE-15-SP4=15.4 SLE-15-SP5=15.5
ghc-9.6=9.6 ghc-9.8=9.8
emacs-28=28 emacs-29=29 emacs-30=30
PHP-8.1=8.1 PHP-8.2=8.2 PHP-8.3=8.3
ruby_3_1=3.1 ruby_3_2=3.2 ruby_3_3=3.3
gnome-3-36=3.36 gnome-3-38=3.38 gnome-40=40 gnome-41=41
Plasma/5.26=5.26 Plasma/5.27=5.27
dunfell=dunfell kirkstone=kirkstone scarthgap=scarthgap
MOODLE_400_STABLE=400 MOODLE_401_STABLE=401
REL1_39=1.39 REL1_40=1.40
gdb-13-branch=13 gdb-14-branch=14
branch_9_8=9.8 branch_9x=9
389-ds-base-2.3=2.3 389-ds-base-2.4=2.4
FIREFOX_ESR_102_X_RELBRANCH=102 FIREFOX_ESR_115_X_RELBRANCH=115
blender-v3.3-release=3.3 blender-v3.6-release=3.6
4.4-dev=4.4 5.0-dev=5.0
18=18 20=20 21=21
maint=maint
stable/yoga=yoga stable/zed=zed stable/2023.1=2023.1
rel/auth-4.8.x=4.8 rel/auth-4.9.x=4.9 rel/rec-5.0.x=5.0 rel/rec-5.1.x=5.1
""".strip().splitlines()


@pytest.mark.parametrize("habit", _HABITS)
def test_propose_branches_finds_the_branches_of_a_habit_in_order_and_nothing_else(habit: str) -> None:
    wanted = [tuple(pair.split("=")) for pair in habit.split()]
    proposal = propose_branches([*(name for name, _ in reversed(wanted)), *_OTHERS.split()])
    assert [(branch.name, branch.version) for branch in proposal.stable] == wanted


@pytest.mark.parametrize(
    ("names", "staging"),
    [
        ("v2-10-stable v2-10-test", "v2-10-test"),
        ("22.11 22.11-staging", "22.11-staging"),
        ("stable-4.18 staging-4.18", "staging-4.18"),
    ],
)
def test_propose_branches_pairs_a_branch_with_its_staging_branch(names: str, staging: str) -> None:
    (branch,) = propose_branches(names.split()).stable
    assert branch.staging == staging


def test_propose_branches_sets_point_releases_apart() -> None:
    proposal = propose_branches(["release/1.2.x", "release/1.2.3", "release/1.3.x"])
    assert [branch.name for branch in proposal.stable] == ["release/1.2.x", "release/1.3.x"]
    assert [branch.name for branch in proposal.point_releases] == ["release/1.2.3"]


def test_propose_branches_keeps_one_branch_of_a_version_and_offers_the_others() -> None:
    families = propose_branches(["15-11-stable", "15-11-stable-ee", "16-0-stable-ee"]).families
    assert [[branch.name for branch in family.branches] for family in families] == [
        ["15-11-stable-ee", "16-0-stable-ee"],
        ["15-11-stable"],
    ]


def test_choose_families_takes_the_living_and_names_the_others() -> None:
    families = propose_branches(["v0.1.x", "v0.2.x", "tokio-1.43.x", "tokio-1.47.x", "tiny-lib-8_1", "tiny-lib-8_2"])
    alive = {BranchName("tokio-1.47.x"), BranchName("tiny-lib-8_2")}
    choice = choose_families(families.families, alive=alive)
    assert [family.label for family in choice.chosen] == ["tokio-*.*.x"]
    assert [family.label for family in choice.also_possible] == ["tiny-lib-*_*"]


def test_choose_families_of_components_takes_each() -> None:
    names = ["component-a/release-1.x", "component-a/release-2.x", "component-b/release-1.x", "component-b/release-2.x"]
    choice = choose_families(
        propose_branches([*names, "ada/1.x", "ada/2.x"]).families, folders=["component-a", "component-b"]
    )
    assert sorted(branch.name for family in choice.chosen for branch in family.branches) == names


def test_likeliest_names_are_no_topics_and_numbers_come_first() -> None:
    names = ["main", "fix-1.2", "alpha-line", "tiny-lib-8_2", "lts-x"]
    assert likeliest_names(names, at_most=2) == ("tiny-lib-8_2", "lts-x")
