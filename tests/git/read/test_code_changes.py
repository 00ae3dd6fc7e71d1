"""What commits change line by line: the same files and counts as git says, and bounded for an enormous import."""

from __future__ import annotations

import zlib

import pytest

from backportq.errors import GitFailedError
from backportq.git.read import code_changes
from backportq.git.read.code_changes import read_code_changes, read_diff
from backportq.git.repository import discover
from backportq.model.ids import Oid
from backportq.model.likelihood.traits import CodeChange, FileChange
from tests.driver import TestRepo


def read(repo: TestRepo, *commits: str) -> list[CodeChange]:
    found = dict(read_code_changes(discover(repo.path), map(Oid, commits)))
    return [found[Oid(commit)] for commit in commits]


def key(path: str, text: str) -> int:
    return zlib.crc32(text.encode(), zlib.crc32(path.encode()))


def test_files_with_their_counts_and_lines(repo: TestRepo) -> None:
    first = repo.commit("first", {"a.c": "int one;\n}\nint two;\n", "gone": "1234\n"})
    second = repo.commit("second", {"a.c": "int one;\n}\nint 2;\n-- signed\n", "gone": None, "new": "+++ text\n"})
    empty = repo.commit("nothing")

    made, changed, nothing = read(repo, first, second, empty)

    assert made.files == (FileChange("a.c", "A", 3, 0), FileChange("gone", "A", 1, 0))
    assert made.written == (key("a.c", "int one;"), key("a.c", "int two;"), key("gone", "1234"))
    assert made.touched == ()
    assert changed.files == (
        FileChange("a.c", "M", 2, 1),
        FileChange("gone", "D", 0, 1),
        FileChange("new", "A", 1, 0),
    )
    assert changed.written == (key("a.c", "int 2;"), key("a.c", "-- signed"), key("new", "+++ text"))
    assert changed.touched == (key("a.c", "int two;"), key("gone", "1234"))
    assert nothing == CodeChange()


def test_lines_around_stand_for_what_only_adds(repo: TestRepo) -> None:
    repo.commit("first", {"a.c": "before\nafter\n"})
    second = repo.commit("second", {"a.c": "before\nbetween\nafter\n"})

    (changed,) = read(repo, second)

    assert changed.touched == (key("a.c", "before"), key("a.c", "after"))


def test_enormous_import_and_binary_files_are_bounded(repo: TestRepo) -> None:
    files: dict[str, str | bytes | None] = {f"f{number:03}": "line of text\n" * 50 for number in range(70)}
    files["a.bin"] = bytes(range(256)) * 40
    files["a long.c"] = "".join(f"line {number}\n" for number in range(5_000))
    commit = repo.commit("import", files)

    (changed,) = read(repo, commit)

    assert len(changed.files) == 60
    assert changed.files[:2] == (FileChange("a long.c", "A", 5_000, 0), FileChange("a.bin", "A", 0, 0))
    assert len(changed.written) <= 400
    assert len(read_diff(discover(repo.path), Oid(commit), most=1_000)) == 1_000


def lose(repo: TestRepo, name: str) -> None:
    """Take the contents of a file out of the repository, as a clone without large files lacks them."""
    oid = repo.id(name)
    (repo.path / ".git" / "objects" / oid[:2] / oid[2:]).unlink()


def test_commit_whose_contents_are_missing_is_known_by_its_files(
    repo: TestRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = [repo.commit(f"step {number}", {f"f{number}.c": f"number {number}\n"}) for number in range(4)]
    repo.commit("end", {f"f{number}.c": None for number in range(4)})  # or git reads what is checked out
    for number in (1, 3):
        lose(repo, f"{commits[3]}:f{number}.c")

    found = read(repo, *commits)

    assert [change.files for change in found] == [
        (FileChange("f0.c", "A", 1, 0),),
        (FileChange("f1.c", "M", 0, 0),),
        (FileChange("f2.c", "A", 1, 0),),
        (FileChange("f3.c", "M", 0, 0),),
    ]
    assert [bool(change.written) for change in found] == [True, False, True, False]

    monkeypatch.setattr(code_changes, "_MOST_UNREADABLE", 1)
    with pytest.raises(GitFailedError, match="lacks what more than 1") as raised:
        read(repo, *commits)
    assert "git fetch --refetch" in raised.value.hints[0]
