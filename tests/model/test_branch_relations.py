"""Which branch is newer than which: within a component, and never a point release; and the order of releases."""

from __future__ import annotations

import pytest

from backportq.model.branch_names import branch_named
from backportq.model.branch_relations import BranchRelations, in_release_order
from backportq.model.config import StableBranch
from backportq.model.ids import BranchName


def _newer(name: str, *names: str) -> list[str]:
    return list(BranchRelations([branch_named(each) for each in names]).newer(BranchName(name)))


def test_newer_of_a_line_leaves_point_releases_out_and_a_point_release_has_its_line() -> None:
    for names in (["1.2.x", "1.2.3", "1.3.x"], ["stable/14", "releng/14.1", "stable/15"]):
        line, point, following = names
        assert _newer(line, *names) == [following]
        assert _newer(point, *names) == [line, following]
    relations = BranchRelations([branch_named(name) for name in ("stable/14", "releng/14.1")])
    assert relations.next_newer(BranchName("releng/14.1")) is None


def test_newer_of_components_is_asked_within_each() -> None:
    names = ["rel/auth-4.8.x", "rel/auth-4.9.x", "rel/rec-5.0.x", "rel/rec-5.1.x"]
    assert _newer("rel/auth-4.8.x", *names) == ["rel/auth-4.9.x"]
    branches = [
        StableBranch(BranchName(name), name[0], paths=(f"{name[-1]}/",)) for name in ("1-a", "1-b", "2-a", "2-b")
    ]
    assert BranchRelations(branches).newer(BranchName("1-a")) == ("2-a",)


def test_newer_of_one_project_with_several_habits_is_asked_among_all() -> None:
    assert _newer("OpenSSL_1_1_1-stable", "OpenSSL_1_1_1-stable", "openssl-3.0") == ["openssl-3.0"]
    assert _newer("stable/4.2.x", "stable/4.2.x", "extended/5.0.x") == ["extended/5.0.x"]


@pytest.mark.parametrize(
    ("versions", "ordered"),
    [
        (["4.10", "4.9", "4.9-rc1"], ["4.9-rc1", "4.9", "4.10"]),
        (["2024.1", "2023.2", "yoga"], ["2024.1", "2023.2", "yoga"]),
        (["yoga", "zed", "2023.1"], ["yoga", "zed", "2023.1"]),
    ],
)
def test_in_release_order_is_that_of_versions_or_of_the_file(versions: list[str], ordered: list[str]) -> None:
    branches = [StableBranch(BranchName(version), version) for version in versions]
    assert [branch.version for branch in in_release_order(branches)] == ordered
