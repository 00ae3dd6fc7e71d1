"""Paths and patch-ids of real commits, against git's own answers."""

from __future__ import annotations

import pytest

from backportq.git.cache import DATABASE
from backportq.git.read.patch_ids import patch_ids
from backportq.git.read.touched_paths import touched_paths
from backportq.git.repository import discover
from backportq.model.ids import Oid
from tests.driver import TestRepo
from tests.git.kinds import LINES, commits_of_every_kind


def test_patch_ids_agree_with_git_and_with_themselves_when_cached(repo: TestRepo) -> None:
    made = commits_of_every_kind(repo)
    repository = discover(repo.path)

    def git_says(oid: str) -> str | None:
        patch = repo.git("diff-tree", "-p", "--root", "--full-index", "--no-renames", "-m", "--first-parent", oid)
        return (repo.git("patch-id", "--stable", stdin=patch + "\n").split(" ")[0] or None) if patch else None

    simple = {name: oid for name, oid in made.items() if name not in ("odd", "merge")}
    first = patch_ids(repository, made.values())
    assert {name: first[oid] for name, oid in simple.items()} == {name: git_says(oid) for name, oid in simple.items()}
    assert first[made["empty"]] is None
    assert None not in {first[oid] for name, oid in made.items() if name != "empty"}
    assert patch_ids(repository, made.values()) == first


def test_patch_ids_are_the_same_by_however_many_processes(repo: TestRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    made = commits_of_every_kind(repo)
    repository = discover(repo.path)
    by_one = patch_ids(repository, made.values())
    for processors in (2, 3, 100):
        (repo.path / ".git" / "backportq" / DATABASE).unlink()
        monkeypatch.setattr("backportq.git.read.patch_ids._FOR_ONE_LANE", 1)
        monkeypatch.setattr("os.cpu_count", lambda processors=processors: processors)
        assert patch_ids(repository, made.values()) == by_one


def test_patch_ids_ignore_where_a_change_stands_and_tell_changes_apart(repo: TestRepo) -> None:
    repo.commit("root", {"a": LINES})
    repo.checkout("stable-1", "master")
    repo.checkout("master")
    repo.commit("before", {"a": "new first line\n" + LINES})
    fix = Oid(repo.commit("fix", {"a": "new first line\n" + LINES.replace("line 20\n", "line twenty\n")}))
    other = Oid(repo.commit("other", {"a": "new first line\n" + LINES.replace("line 20\n", "line 2O\n")}))
    repo.checkout("stable-1")
    pick = Oid(repo.pick(fix))
    ids = patch_ids(discover(repo.path), [fix, other, pick])
    assert ids[fix] == ids[pick] != ids[other]


def test_patch_ids_run_no_driver_of_the_repository(repo: TestRepo) -> None:
    repo.commit("attributes", {".gitattributes": "* diff=evil\n", "a": LINES})
    fix = Oid(repo.commit("fix", {"a": LINES.replace("line 3\n", "line three\n")}))
    plain = patch_ids(discover(repo.path), [fix])
    (repo.path / ".git" / "backportq" / DATABASE).unlink()
    marker = repo.path / "ran"
    repo.git("config", "diff.evil.command", f"touch {marker}; true")
    repo.git("config", "diff.evil.textconv", f"touch {marker}; cat")
    assert patch_ids(discover(repo.path), [fix]) == plain
    assert not marker.exists()


def test_patch_ids_leave_out_only_what_is_not_here(repo: TestRepo) -> None:
    repo.commit("root", {"a": LINES, "large": LINES})
    large = Oid(repo.commit("large", {"large": LINES.replace("line 9\n", "line nine\n")}))
    fix = Oid(repo.commit("fix", {"a": LINES.replace("line 3\n", "line three\n")}))
    both = Oid(repo.commit("both", {"a": LINES, "large": LINES.replace("line 4\n", "line four\n")}))
    gone = Oid(repo.commit("gone", {"large": None, "a": LINES.replace("line 5\n", "line five\n")}))
    expected = patch_ids(discover(repo.path), [fix])
    (repo.path / ".git" / "backportq" / DATABASE).unlink()
    for blob in (repo.id(f"{large}:large"), repo.id(f"{both}:large")):
        (repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    for _ in range(2):
        assert patch_ids(discover(repo.path), [large, fix, both, gone]) == expected


def test_patch_ids_of_what_is_not_here_are_not_known(repo: TestRepo) -> None:
    repo.commit("root", {"a": LINES})
    fix = Oid(repo.commit("fix", {"a": LINES.replace("line 3\n", "line three\n")}))
    blob = repo.id("HEAD:a")
    (repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    (repo.path / "a").write_text("something else, so that git cannot use the file instead\n")
    assert patch_ids(discover(repo.path), [fix]) == {}
    assert touched_paths(discover(repo.path), [fix]) == {fix: ("a",)}
