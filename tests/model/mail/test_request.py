"""Requests as people write them in mails: ids, subjects, version words; and what is not meant as one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.model.mail.request import MailRequest, read_request

BRANCHES = ("stable-4.17", "stable-4.18", "stable-4.19")
VERSIONS = ("4.17", "4.18", "4.19")


def request(subject: str, body: str) -> MailRequest:
    return read_request(subject, body, branch_names=BRANCHES, versions=VERSIONS)


def included(found: MailRequest) -> list[str] | None:
    return None if found.versions is None else [one for one in VERSIONS if found.versions.includes(one)]


@pytest.mark.parametrize(
    ("words", "versions"),
    [
        ("Please backport to 4.18 and newer.", ["4.18", "4.19"]),
        ("4.18+ please", ["4.18", "4.19"]),
        (">= 4.18: please", ["4.18", "4.19"]),
        ("since 4.18", ["4.18", "4.19"]),
        ("from 4.17 onwards", ["4.17", "4.18", "4.19"]),
        ("for 4.17, 4.18 and 4.19?", ["4.17", "4.18", "4.19"]),
        ("for 4.17 and 4.18!", ["4.17", "4.18"]),
        ("for 4.17 through 4.18", ["4.17", "4.18"]),
        ("backport to all stable trees", ["4.17", "4.18", "4.19"]),
        ("all maintained stable branches", ["4.17", "4.18", "4.19"]),
        ("needed in 4.12 and newer", ["4.17", "4.18", "4.19"]),
        ("I saw it on 2026-04-18 at 4:18 in section 4.2, with 5551234", None),
        ("crashed Xen 4.18.3 here", None),
        ("please backport", None),
    ],
)
def test_read_request_understands_version_words(words: str, versions: list[str] | None) -> None:
    assert included(request("request", words)) == versions


def test_read_request_prefers_lines_that_ask_for_something() -> None:
    found = request("crash", "My 4.19 host crashes since the update.\nCould it be backported to 4.17?\n")

    assert included(found) == ["4.17"]


def test_read_request_names_of_branches_are_whole_words() -> None:
    assert request("x", "for stable-4.18, please").branches == ("stable-4.18",)
    assert request("x", "for my-stable-4.18 and stable-4.18-next").branches == ()


@pytest.mark.parametrize(
    ("line", "ids"),
    [
        ('commit 12ab34cd56ef ("x86: fix")', ("12ab34cd56ef",)),
        ("https://example.org/gitweb/?p=x.git;h=12ab34cd56ef", ("12ab34cd56ef",)),
        ("https://example.org/p/x/commit/12ab34cd56ef", ("12ab34cd56ef",)),
        ("12AB34CD56EF, 0f0f0f0f0f", ("12ab34cd56ef", "0f0f0f0f0f")),
        ("phone 55512345678 or 2026", ()),
        ("deface and defaced, cafe", ()),
        ("mail 12ab34cd56@example.org, <12ab34cd56ef.7@x>, path/12ab34cd56ef, 0x12ab34cd56ef", ()),
    ],
)
def test_read_request_finds_ids_and_not_what_looks_like_them(line: str, ids: tuple[str, ...]) -> None:
    assert request("x", line).ids == ids


def test_read_request_quoted_text_counts_only_where_the_writer_names_no_commit() -> None:
    quoted = "Ada wrote:\n> commit 12ab34cd56ef\n> to 4.19 please\n\nCould we have that in 4.17, too?\n"

    assert request("Re: x", quoted).ids == ("12ab34cd56ef",)
    assert included(request("Re: x", quoted)) == ["4.17"]
    assert request("Re: x", f"{quoted}I mean 0f0f0f0f0f.\n").ids == ("0f0f0f0f0f",)


def test_read_request_gives_subjects_without_what_stands_around_them() -> None:
    found = request(
        "Re: Fwd: [PATCH v3 2/5] [for-4.19] x86/hvm: fix the thing",
        '- tools: fix that\n  3. 12ab34cd56ef ("xen/arm: fix it (again)")\n12ab34cd56ef docs: fix words\n',
    )

    assert found.subjects[0] == "x86/hvm: fix the thing"
    assert {"tools: fix that", "xen/arm: fix it (again)", "docs: fix words"} <= set(found.subjects)


@pytest.mark.parametrize(
    ("subject", "body", "asks"),
    [
        ("Backport request", "x", True),
        ("x", "please put it into stable", True),
        ("x", "> please backport\nno", False),
        ("x", "the house is unstable", False),
    ],
)
def test_read_request_tells_whether_backports_are_talked_of(subject: str, body: str, *, asks: bool) -> None:
    assert request(subject, body).asks is asks


@given(st.text(max_size=200), st.text(st.sampled_from("ab4.1789 +>=<-:/@\n\"'([,&xvand newer"), max_size=400))
def test_read_request_takes_any_text(subject: str, body: str) -> None:
    found = request(subject, body)

    assert all(7 <= len(one) <= 64 for one in found.ids)


@pytest.mark.parametrize(
    "text", ["4.18 and " * 20_000, "a1" * 100_000, "> " * 100_000, '"(' * 100_000, "[" * 100_000, "Re: " * 50_000]
)
def test_read_request_of_hostile_text_is_quick(text: str) -> None:
    started = time.perf_counter()
    request(text, text)
    assert time.perf_counter() - started < 2
