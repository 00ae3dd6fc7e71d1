"""Branch names and file names: one path for each name, and the name back from the path."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.model.ids import BranchName
from backportq.queue.codec.paths import branch_of, closed_path, is_storable, open_path

parts = st.one_of(
    st.text(st.characters(exclude_categories=["Cc"]), min_size=1, max_size=8),
    st.sampled_from(["stable-4.18", "a", "a.toml", "%2E", "ü", "\udcff", "HEAD", "@", "-x", ".git", "a.lock"]),
)
names = st.lists(parts, min_size=1, max_size=4).map("/".join)


@given(st.lists(names.filter(is_storable), min_size=2, max_size=6, unique=True))
def test_paths_are_distinct_reversible_and_never_stand_in_each_others_way(given_names: list[str]) -> None:
    paths = [open_path(BranchName(name)) for name in given_names]
    assert [branch_of(path) for path in paths] == [(name, False) for name in given_names]
    assert [branch_of(closed_path(BranchName(name))) for name in given_names] == [(name, True) for name in given_names]
    assert len(set(paths)) == len(paths)
    for path in paths:
        assert not any(other.startswith(f"{path}/") for other in paths)
        assert all(part not in {"", ".", "..", ".git"} for part in path.split("/"))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("stable-4.18", "queue/stable-4.18.toml"),
        ("release/1.2", "queue/release/1.2.toml"),
        ("a.toml/b", "queue/a%2Etoml/b.toml"),
        ("50%", "queue/50%25.toml"),
        ("a\u202eb", "queue/a%E2%80%AEb.toml"),
    ],
)
def test_open_path_spelling_is_fixed(name: str, path: str) -> None:
    assert open_path(BranchName(name)) == path


@pytest.mark.parametrize(
    "path",
    ["queue/x", "other/x.toml", "queue/../x.toml", "queue/a%2eb.toml", "queue/%61.toml", "queue/.toml", "x.toml"],
)
def test_branch_of_foreign_path_is_none(path: str) -> None:
    assert branch_of(path) is None


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "a/b",
        "a..b",
        "-a",
        "a.lock",
        "a.lock/b",
        ".a",
        "a/.b",
        "a//b",
        "a/",
        "/a",
        "a b",
        "a~b",
        "a^",
        "a:b",
        "a?",
        "a*",
        "a[b",
        "a\\b",
        "a@{b",
        "a.",
        "ü",
        "a\x7f",
        "HEAD",
        "a@b",
        "a.b/c.d",
    ],
)
def test_is_storable_agrees_with_git(name: str) -> None:
    done = subprocess.run(["git", "check-ref-format", "--branch", name], capture_output=True)
    assert is_storable(name) == (done.returncode == 0)
