"""Mails that want different versions of several commits: each gets its own, and what can be read in two ways none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.model.ids import BranchName, Oid
from backportq.model.mail.request import read_request
from backportq.model.mail.versions_asked import VersionRequest, match_versions

VERSIONS = ("4.17", "4.18", "4.19", "4.20", "4.21", "4.22")
A, B, C = "1a1a1a1a1a1a", "1b1b1b1b1b1b", "1c1c1c1c1c1c"
COMMITS = {A: Oid("A"), B: Oid("B"), C: Oid("C"), "x86: fix what 4.17 broke": Oid("A"), "arm: other things": Oid("B")}


def meaning(wish: VersionRequest) -> frozenset[BranchName]:
    return frozenset(
        BranchName(one)
        for one in VERSIONS
        if f"stable-{one}" in wish.branches or (wish.versions is not None and wish.versions.includes(one))
    )


def told(body: str, subject: str = "request") -> dict[str, str] | None:
    """Return the oldest and the newest version wanted of each commit; None where all wishes are the same."""
    found = read_request(subject, body, branch_names=[f"stable-{one}" for one in VERSIONS], versions=VERSIONS)
    result = match_versions(found.named, found.version_requests, COMMITS, meaning)
    if result is None:
        return None
    wanted = {oid: sorted(frozenset().union(*map(meaning, wishes))) for oid, wishes in result.of.items()}
    return {oid: "-".join(dict.fromkeys((names[0], names[-1]))) for oid, names in sorted(wanted.items())}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (f"{A} to 4.18 and newer\n{B} to 4.21 only\n", {"A": "4.18-4.22", "B": "4.21"}),
        (f"Please backport {A} to 4.18 and newer, and {B} to 4.21 only.\n", {"A": "4.18-4.22", "B": "4.21"}),
        (f"Please take {A} to\n4.18 and newer, and {B} to 4.21.\n", {"A": "4.18-4.22", "B": "4.21"}),
        (f"4.18+: {A}, {B}\n4.21: {C}\n", {"A": "4.18-4.22", "B": "4.18-4.22", "C": "4.21"}),
        (f"For 4.18+:\n- {A}\n- {B}\n\nFor 4.21:\n\n- {C}\n", {"A": "4.18-4.22", "B": "4.18-4.22", "C": "4.21"}),
        (f"{A}\n{B}\nto 4.18.\n\n{C}\nto 4.21.\n", {"A": "4.18", "B": "4.18", "C": "4.21"}),
        (f"commit {A}\n\nThis to 4.18+.\n\ncommit {B}\n\nThat one to 4.21.\n", {"A": "4.18-4.22", "B": "4.21"}),
        (f"{A} to 4.18+ (x86: fix what 4.17 broke)\n{B} to 4.21\n", {"A": "4.18-4.22", "B": "4.21"}),
        ("- x86: fix what 4.17 broke\n  to 4.18\n- arm: other things\n  to 4.21\n", {"A": "4.18", "B": "4.21"}),
        (f"Please take {A} and {B}.\n{A} is for 4.18+, {B} for 4.21.\n", {"A": "4.18-4.22", "B": "4.21"}),
        (f"{A} to stable-4.18, {B} to stable-4.19\n", {"A": "4.18", "B": "4.19"}),
        (f"{A} to all stable branches\n{B} to 4.21\n", {"A": "4.17-4.22", "B": "4.21"}),
        (f"> commit {A}\nto 4.18 please\n> commit {B}\nto 4.21\n", {"A": "4.18", "B": "4.21"}),
        (f"My 4.19 host crashes.\nPlease backport {A} and {B} to 4.17.\n", {"A": "4.17", "B": "4.17"}),
    ],
)
def test_match_versions_versions_belong_to_the_commit_they_are_said_of(body: str, wanted: dict[str, str]) -> None:
    assert told(body) == wanted


@pytest.mark.parametrize(
    "body",
    [
        f"For stable, 4.18+ unless noted:\n- {A}\n- {B} (4.21 only)\n- {C}\n",
        f"{A}\n{B} to 4.18\n{C} to 4.21\n",
        f"Please backport {A}\nto 4.18 and newer, and {B} to\n4.21 only.\n",
        f"{A} to 4.18+\n{B}, but not to 4.21\n",
        f"{A} to 4.18+\n{B} to everything except 4.21\n",
        f"{A}\n\n{B}\n\nto 4.18\n\n{C}\n\nto 4.21\n",
        f"{A} and {B} please: {A} to 4.18+,\n{B} to 4.21.\n",
        f"To 4.18 and newer: {A} and {B}, to 4.21 only.\n",
    ],
)
def test_match_versions_what_can_be_read_in_two_ways_is_not_told(body: str) -> None:
    assert told(body) == {}


def test_match_versions_only_what_is_unclear_is_left_out() -> None:
    assert told(f"{A} to 4.18 only.\n\n{B} to 4.21.\n\nAnd {C}.\n") == {"A": "4.18", "B": "4.21"}


@pytest.mark.parametrize("body", [f"{A}\n{B} to 4.18 and newer\n", f"{A} to 4.18+\n{B} to >= 4.18\n", f"{A}, {B}\n"])
def test_match_versions_that_are_all_the_same_need_no_telling(body: str) -> None:
    assert told(body) is None


WORDS = st.sampled_from(
    [A, B, C, "4.18", "4.21+", "4.19 and newer", "\n", "\n\n", " to ", " and ", ": ", "- ", "not ", "> "]
)


@given(st.lists(WORDS, max_size=30))
def test_match_versions_takes_any_text_and_gives_only_what_it_says(words: list[str]) -> None:
    body = "".join(words)
    found = told(body)
    assert found is None or set(found) <= {"A", "B", "C"}
