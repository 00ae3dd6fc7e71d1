"""Branch names of real projects, and what is proposed from them."""

from __future__ import annotations

import pytest

from backportq.model.branch_families import propose_branches
from backportq.model.branch_names import branch_named
from backportq.model.config import StableBranch
from backportq.model.ids import BranchName


def _stable(*names: str) -> list[tuple[str, str, str | None]]:
    return [(b.name, b.version, b.staging) for b in propose_branches(names).stable]


def test_propose_branches_xen_pairs_staging_and_orders_by_version() -> None:
    names = [f"{kind}-4.{minor}" for kind in ("staging", "stable") for minor in (10, 9, 18, 2)]
    proposal = propose_branches(
        ["staging", "master", "smoke", "4.10.0-shim-comet", "4.8.3pre-shim-comet", "coverity-tested/master", *names]
    )
    assert proposal.upstream_candidates == ("master",)
    assert [(b.name, b.version, b.staging) for b in proposal.stable] == [
        (f"stable-4.{minor}", f"4.{minor}", f"staging-4.{minor}") for minor in (2, 9, 10, 18)
    ]


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("stable-4.18", "4.18"),
        ("linux-6.6.y", "6.6"),
        ("nm-1-46", "1.46"),
        ("stable/13", "13"),
        ("stable/1.11.x", "1.11"),
        ("stable/2024.1", "2024.1"),
        ("REL_16_STABLE", "16"),
        ("REL9_6_STABLE", "9.6"),
        ("23.11", "23.11"),
        ("3.12", "3.12"),
        ("release/1.2", "1.2"),
        ("releases/gcc-13", "13"),
        ("release/2.38/master", "2.38"),
        ("release-v1.30", "1.30"),
        ("releng/13.2", "13.2"),
        ("maint-2.9", "2.9"),
        ("v6.1-stable", "6.1"),
        ("openssl-3.0", "3.0"),
        ("6.x", "6"),
        ("v1.2.x", "1.2"),
    ],
)
def test_propose_branches_stable_name_gives_version(name: str, version: str) -> None:
    assert _stable(name) == [(name, version, None)]


@pytest.mark.parametrize(
    "name",
    [
        "4.10.0-shim-comet",
        "4.8.3pre-shim-comet",
        "coverity-tested/master",
        "feature/x-1.2",
        "fix-1.2",
        "backport-1.2",
        "issue-45",
        "for-6.0",
        "2024-01-15",
        "2024.01.15",
        "release/2024-01-15",
        "20240115",
        "13",
        "staging",
        "staging-4.18",
        "user/ada/stable-4.18",
        "stable-4.18-wip",
        "stable-4.18\nx",
        "",
    ],
)
def test_propose_branches_other_name_is_not_stable(name: str) -> None:
    assert _stable(name) == []


def test_propose_branches_mesa_and_node_pair_their_staging() -> None:
    assert _stable("24.1", "staging/24.1", "25.10", "25.1", "v18.x", "v18.x-staging") == [
        ("v18.x", "18", "v18.x-staging"),
        ("24.1", "24.1", "staging/24.1"),
        ("25.1", "25.1", None),
        ("25.10", "25.10", None),
    ]


def test_propose_branches_freebsd_leaves_errata_branches_out() -> None:
    assert _stable("stable/13", "stable/14", "releng/13.2", "releng/14.0") == [
        ("stable/13", "13", None),
        ("stable/14", "14", None),
    ]


def test_propose_branches_upstream_likeliest_first() -> None:
    names = ["develop", "trunk", "main", "devel", "topic", "master", "main"]
    assert propose_branches(names).upstream_candidates == ("master", "main", "trunk", "devel", "develop")


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("unmaintained/2024.1", "2024.1"),
        ("acme-5.10-rt", "5.10"),
        ("extended/10.0.x", "10.0"),
        ("vendor/v9", "9"),
        ("rhel-8/nm-1-46", "1.46"),
        ("unmaintained/zed", "unmaintained/zed"),
        ("snapshot/2024-01-15", "snapshot/2024-01-15"),
        ("topic", "topic"),
    ],
)
def test_branch_named_of_any_name_has_the_last_version_in_it(name: str, version: str) -> None:
    assert branch_named(name) == StableBranch(BranchName(name), version)


def test_propose_branches_openstack_keeps_what_calls_itself_unmaintained_apart() -> None:
    names = ["master", "stable/2025.1", "unmaintained/zed", "unmaintained/2024.1", "unmaintained/x/y", "feature/eol"]
    proposal = propose_branches(names)
    assert [branch.name for branch in proposal.stable] == ["stable/2025.1"]
    assert [(b.name, b.version) for b in proposal.unmaintained] == [
        ("unmaintained/zed", "unmaintained/zed"),
        ("unmaintained/2024.1", "2024.1"),
    ]
