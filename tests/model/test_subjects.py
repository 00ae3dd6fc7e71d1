"""Comparable subjects: the quick way says what the thorough one says."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from backportq.model.commit import Commit
from backportq.model.ids import Oid
from backportq.model.subjects import normal_subject, normal_subject_of

_HEADERS = (
    b"tree 1\nauthor A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000",
    b"tree 1\nencoding ISO-8859-1",
    b"tree 1\nencoding UTF-16",
)


def test_normal_subject_folds_ascii_only() -> None:
    assert normal_subject("  X86:\tFix  ÄB ") == "x86: fix Äb"


@given(st.sampled_from(_HEADERS), st.binary() | st.text(alphabet="aB \t\n\x0b\x1c\xa0é:", max_size=30).map(str.encode))
@example(_HEADERS[0], b"X86:  fix\n\nbody\n")
@example(_HEADERS[0], b"x86: fix\nand more\n\nbody\n")
@example(_HEADERS[0], b"only line")
@example(_HEADERS[0], b"\n\nlate\n")
@example(_HEADERS[0], b" \nlate\n")
@example(_HEADERS[0], b"a\n \nb\n")
def test_normal_subject_of_any_commit_is_that_of_its_subject(headers: bytes, message: bytes) -> None:
    commit = Commit(Oid("0" * 40), headers + b"\n\n" + message)
    assert normal_subject_of(commit) == normal_subject(commit.subject)


def test_normal_subject_of_a_commit_without_message_is_empty() -> None:
    assert normal_subject_of(Commit(Oid("0" * 40), b"tree 1\nauthor A <a@example.org> 1 +0000\n")) == ""
