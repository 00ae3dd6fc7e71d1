"""Tags that name a branch as it is called, in the place of a version."""

from __future__ import annotations

import pytest

from backportq.model.branch_names import branch_named
from backportq.model.config import Config
from backportq.model.ids import BranchName
from backportq.model.trailers.project_grammar import project_grammar
from backportq.model.trailers.reader import read_trailers


@pytest.mark.parametrize(
    ("branches", "value", "meant"),
    [
        ("SLE-12-SP5 SLE-15-SP4 SLE-15-SP5", "SLE-15-SP4", "SLE-15-SP4"),
        ("SLE-12-SP5 SLE-15-SP4 SLE-15-SP5", "sle-15-sp4+", "SLE-15-SP4 SLE-15-SP5"),
        ("quincy reef squid", "reef", "reef"),
        ("quincy reef squid", "reef+ # as far back as it applies", "reef squid"),
        ("quincy reef squid", "quincy, squid", "quincy squid"),
        ("stable28 stable29 stable30", "stable29", "stable29"),
        ("stable28 stable29 stable30", "29", "stable29"),
        ("v1-stable v1-lts v2-stable", "v1-lts", "v1-lts"),
        ("v1-stable v1-lts v2-stable", "v1-stable", "v1-stable"),
        ("component-a/1.x component-b/1.x component-b/2.x", "component-b/1.x", "component-b/1.x"),
        ("component-a/1.x component-b/1.x component-b/2.x", "component-b/1.x+", "component-b/1.x component-b/2.x"),
        ("stable/yoga stable/2023.1 stable/2023.2", "stable/yoga and 2023.2", "stable/yoga stable/2023.2"),
    ],
)
def test_a_tag_may_name_branches_as_they_are_called(branches: str, value: str, meant: str) -> None:
    config = Config(BranchName("main"), tuple(map(branch_named, branches.split())))
    tags = read_trailers(f"fix\n\nBackport: {value}\n", project_grammar(config))
    assert tags.malformed == ()
    (request,) = tags.requests
    assert [branch.name for branch in config.branches if request.versions.covers(branch)] == meant.split()
    refused = read_trailers(f"fix\n\nIgnore-Backport: {value.partition('#')[0].strip()}\n", project_grammar(config))
    assert [branch.name for branch in config.branches if refused.refuses(branch)] in (meant.split(), [])


def test_a_tag_that_names_no_branch_stays_unreadable() -> None:
    config = Config(BranchName("main"), (branch_named("reef"),))
    tags = read_trailers("fix\n\nBackport: kraken\n", project_grammar(config))
    assert [bad.text for bad in tags.malformed] == ["Backport: kraken"]
