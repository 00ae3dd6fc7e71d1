"""Notes of commits, as git itself shows them."""

from __future__ import annotations

import pytest

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.read.notes import read_notes
from backportq.git.repository import discover
from backportq.model.ids import Oid
from tests.driver import TestRepo


def _note(repo: TestRepo, ref: str, oid: str, text: str) -> None:
    repo.git("notes", f"--ref={ref}", "append", "-F", "-", oid, stdin=text)


def test_notes_are_what_git_shows_whatever_their_number(repo: TestRepo) -> None:
    commits = [Oid(repo.commit(f"commit {number}")) for number in range(3)]
    _note(repo, "bugs", commits[0], "first\n")
    _note(repo, "bugs", commits[1], "Gr\xfc\xdfe\n\nFixes: 123456\n")
    repo.git("update-ref", "refs/notes/fanned", _fanned(repo, "refs/notes/bugs"))
    for ref in ("bugs", "fanned"):
        found = read_notes(discover(repo.path), [Oid(repo.id(f"refs/notes/{ref}"))])
        assert {oid: note.decode() for oid, note in found.items()} == {
            oid: repo.git("notes", f"--ref={ref}", "show", oid) + "\n" for oid in commits[:2]
        }


def _fanned(repo: TestRepo, ref: str) -> str:
    """Return a commit with the notes of `ref` in folders, as git writes them when there are many."""
    entries = repo.git("ls-tree", ref).splitlines()
    tops: dict[str, list[str]] = {}
    for entry in entries:
        kind, path = entry.split("\t")
        tops.setdefault(path[:2], []).append(f"{kind}\t{path[2:]}")
    listing = []
    for top, inner in tops.items():
        tree = repo.git("mktree", stdin="".join(f"{line}\n" for line in inner)).strip()
        listing.append(f"040000 tree {tree}\t{top}\n")
    tree = repo.git("mktree", stdin="".join(listing)).strip()
    return repo.git("commit-tree", "-m", "fanned", tree).strip()


def test_notes_of_several_refs_are_put_together_and_other_files_are_none(repo: TestRepo) -> None:
    commit = Oid(repo.commit("commit", {"README": "no note\n", "f" * 39: "no id\n"}))
    _note(repo, "bugs", commit, "one\n")
    _note(repo, "more", commit, "two\n")
    tips = [Oid(repo.id(f"refs/notes/{ref}")) for ref in ("bugs", "more")]
    assert read_notes(discover(repo.path), [*tips, commit]) == {commit: b"one\n\ntwo\n"}
    assert read_notes(discover(repo.path), []) == {}


@pytest.mark.parametrize("what", ["refs/notes/bugs^{tree}", "note"])
def test_notes_that_are_missing_are_an_error(repo: TestRepo, what: str) -> None:
    commit = repo.commit("commit")
    _note(repo, "bugs", commit, "one\n")
    tip = Oid(repo.id("refs/notes/bugs"))
    gone = repo.git("notes", "--ref=bugs", "list", commit) if what == "note" else repo.id(what)
    (repo.path / ".git" / "objects" / gone[:2] / gone[2:]).unlink()
    with pytest.raises((RepositoryError, GitFailedError), match=r"lacks the blob|not a tree"):
        read_notes(discover(repo.path), [tip])
