"""Commits parsed from raw objects, well-formed and not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.model.commit import Commit
from backportq.model.ids import Oid
from backportq.model.titles import subject_of

_HEADERS = (
    b"tree 0\nauthor A <a@example.org> 1 +0000",
    b"tree 0\nencoding ISO-8859-1",
    b"tree 0\nencoding no-such-encoding",
    b"tree 0\nencoding \xff",
)
_SPACES = [b"\n", b"\n\n", b" ", b"\t", b"\r\n", b"\x1c", "\u00a0".encode(), "\u2028".encode()]
_PIECES = st.sampled_from([*_SPACES, b"word", b"Gr\xfc\xdfe", b"\xff"])


@given(st.sampled_from(_HEADERS), st.lists(_PIECES, max_size=12).map(b"".join))
def test_subject_is_that_of_the_whole_message(headers: bytes, body: bytes) -> None:
    commit = Commit(Oid("0" * 40), headers + b"\n\n" + body)
    assert commit.subject == subject_of(commit.message)


def test_subject_of_a_commit_without_a_message_is_empty() -> None:
    assert Commit(Oid("0" * 40), b"tree 0").subject == ""
    assert Commit(Oid("0" * 40), b"tree 0\n\n").message == ""


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("1700000000 +0530", "2023-11-15T03:43:20+05:30"),
        ("1700000000 -0100", "2023-11-14T21:13:20-01:00"),
        ("1700000000 +9999", "2023-11-14T22:13:20+00:00"),
        ("1700000000 +" + "9" * 5_000, "2023-11-14T22:13:20+00:00"),
        ("9" * 5_000 + " +0000", "9999-12-30T23:59:59+00:00"),
        ("-" + "9" * 5_000 + " +0000", "1970-01-01T00:00:00+00:00"),
        ("soon", "1970-01-01T00:00:00+00:00"),
    ],
    ids=range(7),
)
def test_moment_of_a_commit_is_read_or_bounded(when: str, expected: str) -> None:
    raw = f"tree 1\nauthor A <a@example.org> {when}\n\nx\n".encode()
    assert Commit(Oid("1" * 40), raw).authored.isoformat() == expected


def test_parents_of_a_commit_that_is_cut_off_end() -> None:
    whole = f"tree 1\nparent {'2' * 40}\n".encode()
    assert Commit(Oid("1" * 40), whole + b"parent 3").parents == (Oid("2" * 40),)


@pytest.mark.parametrize("digits", [40, 64])
@pytest.mark.parametrize("count", range(4))
def test_kind_of_a_commit_is_told_by_its_parents(digits: int, count: int) -> None:
    parents = tuple(Oid(str(number) * digits) for number in range(1, count + 1))
    lines = [f"tree {'a' * digits}", *(f"parent {parent}" for parent in parents), "author A <a@example.org> 1 +0000"]
    # Further down such a line is no header: a merged tag and a message may hold one.
    lines += ["mergetag object 1", f" parent {'f' * digits}", "", f"parent {'f' * digits}", f"parent {'f' * digits}"]
    commit = Commit(Oid("0" * digits), "\n".join(lines).encode())
    assert commit.parents == parents
    assert commit.first_parent == (parents[0] if parents else None)
    assert (commit.is_root, commit.is_merge) == (count == 0, count > 1)


@pytest.mark.parametrize("parents", [1, 2])
def test_title_of_a_merged_or_squashed_request_is_that_of_the_request(parents: int) -> None:
    lines = "".join(f"parent {str(number) * 40}\n" for number in range(2, 2 + parents))
    raw = f"tree 1\n{lines}\nMerge pull request #7 from ada/fix\n\nMend the crane\n".encode()
    assert Commit(Oid("1" * 40), raw).title == "Mend the crane"
    plain = Commit(Oid("1" * 40), b"tree 1\nparent 2\n\nMerge two tables\n\nThey were one.\n")
    assert plain.title == "Merge two tables"
