"""Comparable subjects: the quick way says what the thorough one says."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backportq.model.commit import Commit
from backportq.model.history.subjects import is_subject_of_pick, normal_subject, normal_subject_of, without_branch_mark
from backportq.model.ids import Oid
from tests.driver import TestRepo

_HEADERS = (
    b"tree 1\nencoding punycode",
    b"tree 1\nauthor A <a@example.org> 1 +0000\ncommitter A <a@example.org> 1 +0000",
    b"tree 1\nencoding ISO-8859-1",
    b"tree 1\nencoding UTF-16",
)
_SPACES = " \t\r\n\x0b\x0c\x1c\x1f\x85\xa0\u2028"  # of which git takes the first four for white space


def test_normal_subject_folds_ascii_only() -> None:
    assert normal_subject("  X86:\tFix  ÄB ") == "x86: fix Äb"


@given(
    st.sampled_from(_HEADERS),
    st.binary() | st.text(alphabet="aB \t\r\n\0\x0b\x0c\x1c\x1f\x85\xa0\u2028é:", max_size=30).map(str.encode),
)
@example(_HEADERS[0], b"X86:  fix\n\nbody\n")
@example(_HEADERS[0], b"x86: fix\nand more\n\nbody\n")
@example(_HEADERS[0], b"only line")
@example(_HEADERS[0], b"\n\nlate\n")
@example(_HEADERS[0], b" \nlate\n")
@example(_HEADERS[0], b"a\n \nb\n")
@example(_HEADERS[1], b"\x1c\n\n\x00")
@example(_HEADERS[1], b"a\x00b\n\n")
@example(_HEADERS[1], b"\x0b\n\nb\n")
@example(_HEADERS[1], b"\x85\n\nb\n")
def test_normal_subject_of_any_commit_is_that_of_its_subject(headers: bytes, message: bytes) -> None:
    commit = Commit(Oid("0" * 40), headers + b"\n\n" + message)
    assert normal_subject_of(commit) == normal_subject(commit.subject)


@given(st.text(alphabet=_SPACES + "aé", max_size=30))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_subject_of_any_commit_is_what_git_shows(repo: TestRepo, message: str) -> None:
    who = "A <a@example.org> 1 +0000"
    raw = f"tree {repo.git('mktree', stdin='')}\nauthor {who}\ncommitter {who}\n\n{message}".encode()
    oid = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw)
    shown = " ".join(line.strip(" \t\r") for line in repo.git("log", "-1", "--format=%s", oid).split("\n"))
    # git keeps the blanks that a line begins with; nobody wants to see those
    assert _dense(Commit(Oid(oid), raw).subject) == _dense(shown)


def _dense(text: str) -> str:
    return "".join(sign for sign in text if sign not in " \t\r\n")


def test_normal_subject_of_a_commit_without_message_is_empty() -> None:
    assert normal_subject_of(Commit(Oid("0" * 40), b"tree 1\nauthor A <a@example.org> 1 +0000\n")) == ""


@pytest.mark.parametrize(
    "mark", ["[3.2.x] ", "[1.4.x]", "[v8] ", "[release-1.20] ", "[stable/2025.1]: ", "[backport 8.1] ", "[rel_9-6] "]
)
def test_without_branch_mark_leaves_the_subject_of_the_original(mark: str) -> None:
    assert (
        without_branch_mark(f"{mark}fixed cve-2021-0001 -- quoted names.").strip()
        == "fixed cve-2021-0001 -- quoted names."
    )
    assert is_subject_of_pick(f"{mark} quoted names", "quoted names")


@pytest.mark.parametrize(
    "subject", ["[py3] fixed tests", "[ci][stable-only] drop the job", "[1/2] do half", "[3.2.x] ", "3.2"]
)
def test_without_branch_mark_keeps_what_names_no_branch(subject: str) -> None:
    assert without_branch_mark(subject) == subject
