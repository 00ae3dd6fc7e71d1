"""Walking real histories, compared with what git itself says."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from backportq.errors import GitFailedError, RepositoryError
from backportq.git.read.history import Reading, merge_base, order_of, walk
from backportq.git.read.lookup import read_commits
from backportq.git.repository import discover
from backportq.model.ids import Oid
from tests.driver import TestRepo


def test_walk_gives_children_before_parents_and_stops_at_what_is_excluded(repo: TestRepo) -> None:
    base = repo.commit("base")
    repo.checkout("side", "master")
    side = repo.commit("side")
    repo.checkout("master")
    main = repo.commit("main")
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "side")
    merged = repo.id("HEAD")
    walked = [commit.oid for commit in walk(discover(repo.path), [Oid(merged)], [Oid(base)])]
    assert walked[0] == merged
    assert set(walked) == {merged, main, side}
    assert [commit.parents for commit in walk(discover(repo.path), [Oid(merged)], [Oid(main)])] == [
        (main, side),
        (base,),
    ]


def test_reading_let_go_of_in_the_middle_of_a_read_ends_quietly(repo: TestRepo) -> None:
    repo.commit("one")
    reading = Reading(discover(repo.path), "rev-list", "HEAD")

    class Collecting(io.RawIOBase):
        """A pipe in whose read the garbage collector happens to take down who owns the reading."""

        def readable(self) -> bool:
            return True

        def readinto(self, _buffer: object) -> int:
            reading.abandon()
            return 0

    assert reading._process.stdout is not None
    with reading._process.stdout, io.BufferedReader(Collecting()) as pipe:
        reading._process.stdout = pipe
        with contextlib.suppress(GitFailedError, ValueError):  # the reader is not asked any more
            assert list(reading.chunks()) == []


def test_walk_of_nothing_yields_nothing(repo: TestRepo) -> None:
    repo.commit("one")
    assert list(walk(discover(repo.path), [])) == []


def test_walk_gives_messages_as_written_indentation_included(repo: TestRepo) -> None:
    message = "subject\n\n    indented by four\n  by two\n\ttab\n\n        by eight\n\nTrailer: value"
    oid = Oid(repo.commit(message))
    repository = discover(repo.path)
    assert [commit.message for commit in walk(repository, [oid])] == [message + "\n"]
    assert read_commits(repository, [oid])[oid].message == message


def test_walk_decodes_messages_of_any_encoding(repo: TestRepo) -> None:
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
    repo.tick += 1
    repo.git("commit", "-q", "--allow-empty", "-F", "-", stdin="Gr\xfc\xdfe\n".encode("latin-1"))
    repo.git("config", "--unset", "i18n.commitEncoding")
    repo.tick += 1
    raw = repo.git("cat-file", "commit", "HEAD").encode("utf-8", "surrogateescape").replace(b"\xc3\xbc", b"\xff")
    undecodable = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw.replace(b"encoding", b"unknown"))
    repository = discover(repo.path)
    assert [commit.subject for commit in walk(repository, [Oid(repo.id("HEAD"))])] == ["Grüße"]
    assert [commit.subject for commit in walk(repository, [Oid(undecodable)])] == ["Gr\ufffd\ufffde"]


def test_walk_reads_signed_commits_and_merged_tags(repo: TestRepo) -> None:
    tree = repo.git("write-tree")
    first = repo.commit("first")
    raw = (
        f"tree {tree}\nparent {first}\nauthor A <a@example.org> 1 +0000\ncommitter A <a@example.org> 2 +0000\n"
        f"mergetag object {first}\n type commit\n tag v1\n \n"
        f" parent {'0' * 40}\n     author B <b@example.org> 3 +0000\n"
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQEzBAAB\n -----END PGP SIGNATURE-----\n\nsigned\n"
    )
    oid = Oid(repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw))
    (commit,) = walk(discover(repo.path), [oid], [Oid(first)])
    assert (commit.subject, commit.parents, commit.author.name) == ("signed", (first,), "A")


def test_merge_base_agrees_with_git_and_is_none_for_unrelated_histories(repo: TestRepo) -> None:
    base = repo.commit("base")
    repo.checkout("stable-1", "master")
    stable = repo.commit("stable")
    repo.checkout("master")
    main = repo.commit("main")
    repo.git("checkout", "-q", "--orphan", "other")
    other = repo.commit("other root")
    repository = discover(repo.path)
    assert merge_base(repository, Oid(main), Oid(stable)) == base == repo.git("merge-base", main, stable)
    assert merge_base(repository, Oid(main), Oid(other)) is None


def test_order_of_puts_parents_first_and_leaves_out_what_is_not_reached(repo: TestRepo) -> None:
    oids = [Oid(repo.commit(f"number {number}")) for number in range(4)]
    repo.checkout("side", oids[0])
    side = Oid(repo.commit("side"))
    places = order_of(discover(repo.path), oids[3], [oids[2], side, oids[0]])
    assert sorted(places, key=places.__getitem__) == [oids[0], oids[2]]


def test_walk_over_a_missing_object_says_what_to_do(repo: TestRepo) -> None:
    first = repo.commit("first")
    second = Oid(repo.commit("second"))
    Path(repo.path, ".git", "objects", first[:2], first[2:]).unlink()
    with pytest.raises(RepositoryError) as caught:
        list(walk(discover(repo.path), [second]))
    assert caught.value.message.startswith("the repository lacks objects of its own history: ")
    assert caught.value.hints == ("git fetch --refetch", "git fsck")
