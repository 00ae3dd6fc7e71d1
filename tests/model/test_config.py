"""The order of releases, which decides what the next newer branch is."""

from __future__ import annotations

import pytest

from backportq.model.config import StableBranch, in_release_order
from backportq.model.ids import BranchName


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
