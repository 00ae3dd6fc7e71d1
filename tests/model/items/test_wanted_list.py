"""Lists of wanted backports in the formats that people keep them in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.errors import UsageError
from backportq.model.items.wanted_list import ListFormat, WantedEntry, branch_of_label, read_wanted

WORDS = ["stable-4.18", "4.18", "stable-4.19", "4.19"]
A, B = "a" * 40, "b" * 12


def _read(text: str, label: str | None = None) -> tuple[WantedEntry, ...]:
    return read_wanted(text.encode(), WORDS, label).entries


def test_table_with_a_header() -> None:
    first, second, third = _read(
        f"Commit,Version,Why,Priority\n{A},4.18; 4.19,crashes,high\n\n{B.upper()},,,\n,,lost,\n"
    )
    assert first == WantedEntry("line 2", (A,), branches=("4.18", "4.19"), note="crashes", priority="high")
    assert (second.place, second.ids) == ("line 4", (B,))
    assert third.skipped == "it names no commit"


def test_table_with_a_column_for_each_branch() -> None:
    text = f"subject;stable-4.18;4.19;id\nfix a;x;;{A}\nfix b;yes;Y;\nfix c;no;;\n"
    marked = [(entry.title, entry.branches, entry.skipped) for entry in _read(text)]
    assert marked == [
        ("fix a", ("stable-4.18",), None),
        ("fix b", ("stable-4.18", "4.19"), None),
        ("fix c", (), "no branch is marked"),
    ]


def test_table_without_a_header_begins_with_commits() -> None:
    assert [(entry.ids, entry.number, entry.title) for entry in _read(f"{A}\n#123\nfix the thing\n")] == [
        ((A,), None, None),
        ((), "#123", None),
        ((), None, "fix the thing"),
    ]


def test_json_of_ids_objects_and_of_pending() -> None:
    assert [entry.ids for entry in _read(json.dumps([A, {"sha": B, "branch": ["4.18"]}]))] == [(A,), (B,)]
    (entry,) = _read(json.dumps({"schema": 1, "items": [{"commit": A, "branch": "stable-4.18", "priority": "low"}]}))
    assert (entry.ids, entry.branches, entry.priority) == ((A,), ("stable-4.18",), "low")


def test_pick_status_of_mesa_asks_for_what_is_open_there() -> None:
    rows = [
        {"description": "a: open", "nominated": True, "resolution": 0, "sha": A, "main_sha": None},
        {"description": "b: picked", "nominated": True, "resolution": 1, "sha": A},
        {"description": "c: denominated", "nominated": True, "resolution": 2, "sha": A},
        {"description": "d: never", "nominated": False, "resolution": 4, "sha": A},
    ]
    found = read_wanted(json.dumps(rows).encode(), WORDS)
    assert found.format is ListFormat.PICK_STATUS
    assert [entry.skipped for entry in found.entries] == [
        None,
        "picked already",
        "denominated there",
        "not nominated there",
    ]


def test_status_of_subversion() -> None:
    found = read_wanted(
        b"""Status of 1.14:
================

Candidate changes:
==================

 * r1890013, r1890014
   Fix a crash in 'svn log'.
   Justification:
     Users see it
     every day.
   Votes:
     +1: ada

 * the-branch
   Something without a revision.

Veto-blocked changes:
=====================

 * r1890001
   Rename everything.
""",
        WORDS,
    )
    assert found.format is ListFormat.STATUS
    first, second, third = found.entries
    assert first.revisions == ("1890013", "1890014")
    assert first.title == "Fix a crash in 'svn log'."
    assert first.note == "Users see it every day."
    assert second.skipped == "no revision is named"
    assert third.skipped == "vetoed there"


def test_status_of_a_project_that_moved_to_git() -> None:
    one, other = "a1" * 20, "2bcdef0"
    text = f"Candidate changes:\n * {one[:12]}\n   Fix a crash.\n * {one} and {other}\n   Both.\nVeto:\n * {one}\n"
    found = read_wanted(text.encode(), WORDS)
    assert found.format is ListFormat.STATUS
    first, *two, last = found.entries
    assert (first.ids, first.title) == ((one[:12],), "Fix a crash.")
    assert [(entry.ids, entry.title, entry.skipped) for entry in two] == [((one,), None, None), ((other,), None, None)]
    assert last.skipped == "vetoed there"


def test_requests_of_both_forges() -> None:
    github = [
        {
            "number": 12,
            "title": "fix a",
            "labels": [{"name": "bug"}, {"name": "backport-4.18"}],
            "mergeCommit": {"oid": A},
            "url": "https://example.org/12",
        },
        {"number": 13, "title": "fix b", "labels": [{"name": "bug"}], "mergeCommit": None},
    ]
    first, second = _read(json.dumps(github))
    assert first == WantedEntry("entry 1 (#12)", (A,), "#12", (), "fix a", ("4.18",), "https://example.org/12")
    assert second.skipped == "no label names a branch"
    gitlab = [
        {
            "iid": 7,
            "title": "fix c",
            "labels": ["Pick into stable-4.19"],
            "merge_commit_sha": None,
            "squash_commit_sha": A,
        }
    ]
    (entry,) = _read(json.dumps(gitlab))
    assert (entry.ids, entry.number, entry.branches) == ((A,), "!7", ("stable-4.19",))


@pytest.mark.parametrize(
    ("label", "pattern", "branch"),
    [
        ("backport-4.18", None, "4.18"),
        ("needs backport to stable-4.18", None, "stable-4.18"),
        ("Backport: v4.18", None, "4.18"),
        ("4.18-backport", None, "4.18"),
        ("backport/stable-4.19", None, "stable-4.19"),
        ("4.19", None, "4.19"),
        ("backport-4.17", None, None),
        ("backport", None, None),
        ("regression in 4.18", None, None),
        ("not-in-4.18", None, None),
        ("zz[4.18]", "zz[{branch}]", "4.18"),
        ("backport-4.18", "zz[{branch}]", None),
    ],
)
def test_label_names_a_branch(label: str, pattern: str | None, branch: str | None) -> None:
    assert branch_of_label(label, WORDS, pattern) == branch


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "nothing is listed"),
        (b"\n\n", "nothing is listed"),
        (b"[]", "nothing is listed"),
        (b"[1", "begins like JSON"),
        (b"[" * 100_000, "begins like JSON"),
        (b'{"a": 1}', "no list of commits"),
        (b"[[1]]", "neither a commit nor an object"),
        (b"commit\n\xff\n", "line 2 is not UTF-8"),
        (b"a\n" * 5_001, "more than 5,000"),
    ],
)
def test_what_is_no_list_is_told(content: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_wanted(content, WORDS)


def _is_answered(content: bytes) -> bool:
    try:
        found = read_wanted(content, WORDS)
    except UsageError as error:
        return bool(error.message)
    return bool(found.entries)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | st.from_regex(r"\s*\* r\d+.*").map(str.encode))
def test_any_file_is_read_or_refused(content: bytes) -> None:
    assert _is_answered(content)


_KEYS = st.sampled_from(["commit", "labels", "nominated", "resolution", "number", "mergeCommit", "items"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner),
    max_leaves=8,
)


@given(_JSON)
def test_any_json_is_read_or_refused(document: object) -> None:
    assert _is_answered(json.dumps(document).encode())
