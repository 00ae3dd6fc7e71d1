"""The paths that real commits touch, by either way of asking."""

from __future__ import annotations

from backportq.git.read.lookup import read_commits
from backportq.git.read.touched_paths import TouchedPaths, touched_paths
from backportq.git.repository import discover
from tests.driver import TestRepo
from tests.git.kinds import commits_of_every_kind


def test_touched_paths_of_every_kind_of_commit(repo: TestRepo) -> None:
    made = commits_of_every_kind(repo)
    wanted = {
        "root": ("a", "b"),
        "modify": ("a",),
        "binary": ("c.bin",),
        "rename": ("b", "dir/b"),
        "empty": (),
        "odd": ("a" * 40, "gr\udcfc\udcdfe", "with\nnewline"),
        "merge": ("side",),
    }
    found = touched_paths(discover(repo.path), made.values())
    assert {name: found[oid] for name, oid in made.items()} == wanted
    commits = read_commits(discover(repo.path), made.values())
    listed = {name: "".join(f"{path}\0" for path in paths) for name, paths in wanted.items()}
    for known in (commits, {}):
        beside = TouchedPaths(discover(repo.path), commits.values(), known).read()
        found_beside = {name: beside.get(oid, b"").decode("utf-8", "surrogateescape") for name, oid in made.items()}
        assert found_beside == listed


def test_touched_paths_of_nothing_asks_git_nothing(repo: TestRepo) -> None:
    assert touched_paths(discover(repo.path), ()) == {}
