"""Requests in sentences: HAProxy and PostgreSQL."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from backportq.model.branch_names import branch_named
from backportq.model.priority import Priority
from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.reader import read_trailers
from backportq.model.trailers.values import NO_TAGS, CommitTrailers

ALL = ("2.4", "2.6", "2.8", "3.0", "3.2")
_PG = ("12", "13", "14", "15", "16")
_TRUTH = os.environ.get("BACKPORTQ_TRUTH")
_HAPROXY = os.environ.get("BACKPORTQ_HAPROXY")


def _read(body: str, *, subject: str = "BUG/MINOR: h3: fix it", dialect: str = "haproxy") -> CommitTrailers:
    message = f"{subject}\n\n{body}\n"
    grammar = grammar_of([dialect])
    tags = read_trailers(message, grammar)
    assert tags == NO_TAGS or grammar.tag_hint.search(message.encode())
    return tags


def _asked(body: str, versions: tuple[str, ...] = ALL, dialect: str = "haproxy") -> list[str]:
    (request,) = _read(body, dialect=dialect).requests
    return [version for version in versions if request.versions.includes(version)]


@pytest.mark.parametrize(
    ("body", "branches"),
    [
        ("This must be backported to all stable versions.", list(ALL)),
        ("Must be backported as far as 2.8.", ["2.8", "3.0", "3.2"]),
        ("This should be backported up to 2.8.", ["2.8", "3.0", "3.2"]),
        ("This patch should be backported until v2.8", ["2.8", "3.0", "3.2"]),
        ("It must be backported to 3.0.", ["3.0", "3.2"]),
        ("This fix must be backported to 2.8+.", ["2.8", "3.0", "3.2"]),
        ("This should be backported to versions 3.0 and above. For older ones a goto works.", ["3.0", "3.2"]),
        ("Must be backported to 2.6 and 2.8.", ["2.6", "2.8"]),
        ("This fix should be backported only in 2.8.", ["2.8"]),
        ("This should be backported to all versions having it, so 3.0 and above.", ["3.0", "3.2"]),
        ("Must be backported in all stable versions until v2.8.0, including v2.8.0.", ["2.8", "3.0", "3.2"]),
        ("Text that is wrapped, and the patch must be\nbackported as far\nas 3.0.", ["3.0", "3.2"]),
        (
            "Given the patch above was backported as far as 3.0, this one should be\nbackported there as well.",
            ["3.0", "3.2"],
        ),
        ("Since the commit above was backported to 3.0, this one must go there as well.", ["3.0", "3.2"]),
        ("This can be backported.", list(ALL)),
    ],
)
def test_request_of_haproxy_reaches_down_to_the_branch_that_it_names(body: str, branches: list[str]) -> None:
    assert _asked(body) == branches


@pytest.mark.parametrize(
    "body",
    [
        "No backport needed.",
        "No need to backport, unless the above patch is.",
        "This does not need to be backported.",
        "This is a 2.8 specific bug, no backport needed unless the above commit\ngets backported.",
        "This should not be backported as related to the latest refactoring.",
        "It is explicitely not scheduled for backport for now.",
        "It's not worth taking the risk to backport this in case it would break.",
        "It's probably better to avoid backporting it.",
    ],
)
def test_refusal_of_haproxy_is_an_opt_out(body: str) -> None:
    tags = _read(body)
    assert (tags.requests, len(tags.opt_outs)) == ((), 1)
    assert tags.refuses(branch_named("2.8"))


@pytest.mark.parametrize(
    "body",
    [
        "The fix was backported to 2.6 last week.",
        "This is made simple to ease future backports.",
        "It counts which patches have already been backported, so that one can see it.",
        "Nothing of the kind.",
        "    This must be backported to 2.8.",
    ],
)
def test_prose_that_asks_for_nothing_is_silent(body: str) -> None:
    assert _read(body) == NO_TAGS


def test_firmness_severity_wait_and_company_are_kept_apart() -> None:
    assert _read("This may be backported to 2.8.").requests[0].priority is Priority.LOW
    assert _read("This must be backported.").requests[0].priority is None
    urgent = _read("This may be backported to 2.8.", subject="BUG/MAJOR: h3: crash")
    assert urgent.requests[0].priority is Priority.HIGH
    observed = _read("This should be backported to 2.8, after a period of observation.").requests[0]
    assert observed.wait is not None
    assert observed.wait.days == 14
    weeks = _read("This should be backported to 2.8 after three weeks.").requests[0]
    assert weeks.wait is not None
    assert weeks.wait.days == 21
    together = _read('It should be backported in 3.0 with c9c6b683f ("MINOR: x: y").')
    assert [need.hex for need in together.prerequisites] == ["c9c6b683f"]
    reason = _read("This must be backported to 2.4 as it was brought with commit b2285de04.")
    assert reason.prerequisites == ()
    wherever = _read("This must be backported wherever the commit 08ac28237 was backported.")
    assert [fix.hex for fix in wherever.fixes] == ["08ac28237"]


def test_reach_without_a_number_is_reported() -> None:
    tags = _read("This could be backported to latest LTS release.")
    assert len(tags.requests) == 1
    assert [bad.why for bad in tags.malformed] == [
        "wanted versions or 'all stable branches' as what it is to be backported to"
    ]


@pytest.mark.parametrize(
    ("body", "branches"),
    [
        ("Back-patch to all supported branches.", list(_PG)),
        ("Backpatch-through: 14", ["14", "15", "16"]),
        ("Backpatch through v15, where this was introduced.", ["15", "16"]),
        ("Back-patch to v14.", ["14", "15", "16"]),
        ("Oversight in commit 123456789, so back-patch to 15.", ["15", "16"]),
        ("Back-patch to 14 and 15.", ["14", "15"]),
        ("This should be back-patched as far as v13.", ["13", "14", "15", "16"]),
    ],
)
def test_request_of_postgresql_reaches_down_to_the_branch_that_it_names(body: str, branches: list[str]) -> None:
    assert _asked(body, _PG, "postgresql") == branches


@pytest.mark.parametrize(
    "body", ["No back-patch, as nobody complained.", "No need for back-patching.", "Not backpatched."]
)
def test_refusal_of_postgresql_is_an_opt_out(body: str) -> None:
    assert len(_read(body, dialect="postgresql").opt_outs) == 1


@pytest.mark.skipif(not (_TRUTH and _HAPROXY), reason="needs BACKPORTQ_TRUTH and BACKPORTQ_HAPROXY")
def test_labels_of_a_reader_agree_with_what_is_read() -> None:
    rows = [line.split("\t") for line in (Path(str(_TRUTH)) / "haproxy-requests.tsv").read_text().splitlines()[1:]]
    wrong = []
    for commit, wanted, _, lowest, listed, wait, *_ in rows:
        message = _message(commit)
        found = _label(read_trailers(message, grammar_of(["haproxy"])))
        label = (wanted, lowest, frozenset(listed.split(",")) if lowest == "listed" else None, wait == "yes")
        if wanted == "none":
            assert found[0] == "none", commit
        if found != label and not (found[0] == "any" and label[1:] == found[1:]):
            wrong.append((commit, label, found))
    assert len(wrong) <= len(rows) * 0.03, wrong


def _message(commit: str) -> str:
    command = ["git", "-C", str(_HAPROXY), "log", "-1", "--format=%B", commit]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace")


def _label(tags: CommitTrailers) -> tuple[str, str, frozenset[str] | None, bool]:
    if not tags.requests:
        return "no" if tags.opt_outs else "none", "-", None, False
    (request,) = tags.requests
    asked = {Priority.LOW: "maybe", Priority.HIGH: "any"}.get(request.priority or Priority.NORMAL, "yes")
    spans = request.versions.spans
    versions = [".".join(map(str, (span.low or ())[:2])) for span in spans]
    if not spans:
        return asked, "all" if request.versions.text else "-", None, request.wait is not None
    if spans[0].high is not None:
        return asked, "listed", frozenset(versions), request.wait is not None
    return asked, versions[0], None, request.wait is not None
