"""QEMU, DPDK, FreeBSD, NetworkManager and Django, fact by fact."""

from __future__ import annotations

import pytest

from backportq.model.trailers.values import BackportRequest, FixesTag, Malformed, OptOut, Prerequisite, Wait
from backportq.model.versions import ALL_VERSIONS
from tests.model.trailers.reading import ID, OTHER, branches_of, picks_of, tags_of

_ALL = ["8.1", "9.0", "23.11"]


@pytest.mark.parametrize(
    ("dialect", "line"),
    [
        ("qemu", "Cc: qemu-stable@nongnu.org"),
        ("qemu", "CC: QEMU Stable <qemu-stable@nongnu.org>"),
        ("dpdk", "Cc: stable@dpdk.org"),
        ("dpdk", "CC: stable@dpdk.org"),
    ],
)
def test_cc_stable_team_asks_for_every_branch(dialect: str, line: str) -> None:
    assert branches_of(dialect, line, _ALL) == _ALL


@pytest.mark.parametrize(
    "comment", ["# 9.0+", "# v9.0.0+", "# qemu-9.0+", "# QEMU 9.0", "# v9.0", "#v9.0.1", "(9.0.1)", "(v9.0+)"]
)
def test_qemu_comment_gives_the_first_version(comment: str) -> None:
    assert branches_of("qemu", f"Cc: qemu-stable@nongnu.org {comment}", _ALL) == ["9.0", "23.11"]


def test_qemu_comment_without_versions_asks_for_every_branch() -> None:
    assert branches_of("qemu", "Cc: qemu-stable@nongnu.org # dependency for the next patch", _ALL) == _ALL


@pytest.mark.parametrize("line", ["Cc: qemu-devel@nongnu.org", "Cc: dev@dpdk.org", "Cc: stable@vger.kernel.org"])
@pytest.mark.parametrize("dialect", ["qemu", "dpdk"])
def test_cc_other_list_asks_nothing(dialect: str, line: str) -> None:
    assert tags_of(dialect, line).requests == ()


@pytest.mark.parametrize(
    "line",
    [
        f"[ upstream commit {ID} ]",
        f"[upstream commit {ID}]",
        f" [ upstream commit {ID} ]",
        f"[ upstream commit: {ID} ]",
        f'[ upstream commit "{ID}" ]',
        f'[ upstream commit {ID} ("net: fix it") ]',
        f"[ upstream {ID} ]",
        f"[ upstream fix {ID} ]",
        f"[ Upstream commit {ID}",
        f"[ from upstream commit {ID} ]",
        f"[ backported from upstream commit {ID} ]",
        f"[ backported from stable commit {ID} ]",
        f"[ backported from commit {ID} ]",
        f"[backport from commit id: {ID}]",
        f"upstream commit {ID}",
    ],
)
def test_dpdk_pick_line_is_found(line: str) -> None:
    assert picks_of("dpdk", f"{line}\n\nText.") == [(line.strip(), ID)]


@pytest.mark.parametrize(
    "body",
    [
        f"The backported commit {ID} was wrong.",
        f"Text,\nhave been backported (upstream commit {ID},",
        f" - upstream commit {ID}",
        f"[commit {ID} broke this]",
    ],
)
def test_dpdk_prose_is_no_pick(body: str) -> None:
    assert picks_of("dpdk", body) == []


@pytest.mark.parametrize(
    ("value", "days"),
    [
        ("2 weeks", 14),
        ("1 week", 7),
        ("3 days", 3),
        ("1 month", 30),
        ("a week", 7),
        ("two weeks", 14),
        ("now", 0),
        ("10 minutes", 0),
        ("1 week (to 14 only)", 7),
    ],
)
def test_freebsd_mfc_after_is_a_request_that_waits(value: str, days: int) -> None:
    line = f"MFC after: {value}"
    tags = tags_of("freebsd", "Sponsored by: Example", line, "Differential Revision: D1")
    assert tags.requests == (BackportRequest(line, ALL_VERSIONS, Wait(days=days)),)


def test_freebsd_mfc_after_tab_and_case_are_the_same() -> None:
    assert tags_of("freebsd", "mfc after:\t3 days").requests[0].wait == Wait(days=3)


def test_freebsd_mfc_after_never_refuses() -> None:
    tags = tags_of("freebsd", "MFC after: never")
    assert (tags.requests, tags.opt_outs) == ((), (OptOut("MFC after: never", ALL_VERSIONS),))


def test_freebsd_mfc_after_unreadable_is_malformed() -> None:
    assert tags_of("freebsd", "MFC after: tested").malformed == (
        Malformed("MFC after: tested", "wanted a delay such as '2 weeks', found 'tested'"),
    )


def test_freebsd_mfc_to_limits_and_takes_the_delay() -> None:
    (request,) = tags_of("freebsd", "MFC after: 2 weeks", "MFC to: stable/13").requests
    assert (request.text, request.wait) == ("MFC to: stable/13", Wait(days=14))
    assert [v for v in ("12", "13", "14") if request.versions.includes(v)] == ["13"]


def test_freebsd_mfc_with_is_a_prerequisite_and_a_request() -> None:
    line = "X-MFC-With: 0123456789ab"
    tags = tags_of("freebsd", line)
    assert tags.prerequisites == (Prerequisite(line, "0123456789ab", None, ALL_VERSIONS),)
    assert tags.requests == (BackportRequest(line, ALL_VERSIONS),)


def test_freebsd_mfc_with_several_and_delay() -> None:
    tags = tags_of("freebsd", "MFC after: 1 week", f"MFC with: {ID}, {OTHER}")
    assert [one.hex for one in tags.prerequisites] == [ID, OTHER]
    assert tags.requests == (BackportRequest("MFC after: 1 week", ALL_VERSIONS, Wait(days=7)),)


def test_freebsd_subversion_revision_is_no_pick() -> None:
    assert picks_of("freebsd", "MFC r123456: fix it\nMFC: r123456") == []
    assert picks_of("freebsd", "MFC 0123456789ab: fix it") == [("MFC 0123456789ab: fix it", "0123456789ab")]


def test_networkmanager_fixes_with_apostrophes() -> None:
    line = "Fixes: 0123456789ab ('core: don't crash')"
    assert tags_of("networkmanager", line).fixes == (FixesTag(line, "0123456789ab", "core: don't crash"),)


def test_networkmanager_ignore_backport_names_another_commit() -> None:
    line = f"Ignore-Backport: {ID}"
    tags = tags_of("networkmanager", line)
    assert tags.opt_outs == (OptOut(line, ALL_VERSIONS, ID),)
    assert tags.requests == ()


def test_networkmanager_ignore_fixes_takes_the_fixes_back() -> None:
    tags = tags_of("networkmanager", "Fixes: 0123456789ab", "Fixes: 89abcdef0123", f"Ignore-Fixes: {ID}")
    assert [tag.hex for tag in tags.fixes] == ["89abcdef0123"]


def test_networkmanager_picks_of_several_branches_in_one_message() -> None:
    first, second = f"(cherry picked from commit {ID})", f"(cherry picked from commit {OTHER})"
    assert picks_of("networkmanager", f"{first}\n{second}") == [(first, ID), (second, OTHER)]


@pytest.mark.parametrize("source", ["main", "master", "stable/5.0.x"])
def test_django_backport_line_is_found(source: str) -> None:
    line = f"Backport of {ID} from {source}."
    assert picks_of("django", f"Text.\n\n{line}") == [(line, ID)]


@pytest.mark.parametrize("dialect", ["django", "generic"])
@pytest.mark.parametrize(
    "line",
    [
        f"Backpatch of {ID}",
        f"Backport of [{ID}] from master.",
        f"Backport of {ID} from master. Refs #19148.",
        f"Backport of {ID} from master, as requested.",
        f"Backpatch of {ID} from master (with",
        f"Backport from master ({ID}).",
    ],
)
def test_django_backport_line_is_found_as_people_write_it(line: str, dialect: str) -> None:
    assert picks_of(dialect, f"Text.\n\n{line}\n") == [(line, ID)]


@pytest.mark.parametrize(
    "line",
    [f"Backport of {ID} is what this needs.", f"Partial backport of {ID} from main.", f"This is no backport of {ID}."],
)
def test_django_prose_about_a_backport_is_no_pick(line: str) -> None:
    assert picks_of("django", f"Text.\n\n{line}\n") == []


@pytest.mark.parametrize(
    "line",
    [
        f"Regression in {ID}.",
        f"Performance regression in {ID}",
        f"Test regression in {ID}.",
        f"Bug in {ID}.",
        f"Follow up to {ID}.",
        f"Follow-up to {ID}",
    ],
)
def test_django_regression_names_what_is_fixed(line: str) -> None:
    (fixes,) = tags_of("django", line).fixes
    assert (fixes.text, fixes.hex) == (line, ID)


def test_django_regression_in_several_commits() -> None:
    fixes = tags_of("django", f"Regression in {ID} and", f"{OTHER}.").fixes
    assert [one.hex for one in fixes] == [ID, OTHER]


@pytest.mark.parametrize("line", ["Regression in Django 3.2.", "Bug in deadbeef handling", f"Unused since {ID}."])
def test_django_regression_without_a_commit_is_no_tag(line: str) -> None:
    tags = tags_of("django", line)
    assert (tags.fixes, tags.malformed) == ((), ())


@pytest.mark.parametrize("key", ["Backport-of", "Cherry-picked-from", "Backported-from", "upstream-commit"])
def test_pick_trailers_of_bots_are_found(key: str) -> None:
    assert picks_of("generic", f"Text.\n\n{key}: {ID}") == [(f"{key}: {ID}", ID)]


def test_networkmanager_partial_pick_is_no_pick() -> None:
    assert picks_of("networkmanager", f"(partially cherry picked from commit {ID})") == []


def test_django_several_commits_in_one_line() -> None:
    line = f"Backport of {ID} and {OTHER} from main"
    assert picks_of("django", line) == [(line, ID), (line, OTHER)]


@pytest.mark.parametrize("line", ["Fixes #123", "Fixed #123 -- Text.", "Backport of the fix from main.", "Fixes: #123"])
def test_django_ticket_is_neither_tag_nor_pick(line: str) -> None:
    tags = tags_of("django", line)
    assert (tags.fixes, tags.malformed, picks_of("django", line)) == ((), (), [])
