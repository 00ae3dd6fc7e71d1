"""The kernel's stable rules, fact by fact."""

from __future__ import annotations

import pytest

from backportq.model.trailers.values import BackportRequest, Malformed, OptOut, Prerequisite, Wait
from backportq.model.versions import ALL_VERSIONS
from tests.model.trailers.reading import ID, OTHER, branches_of, picks_of, tags_of

_TREES = ["0.2", "3.2", "3.3", "3.8", "4.4", "4.19", "5.4", "5.10", "6.1", "6.6", "10.2"]


@pytest.mark.parametrize(
    ("line", "trees"),
    [
        ("Cc: stable@vger.kernel.org", _TREES),
        ("Cc: <stable@vger.kernel.org>", _TREES),
        ('Cc: "stable@vger.kernel.org" <stable@vger.kernel.org>', _TREES),
        ("CC: Stable <Stable@Vger.Kernel.Org>", _TREES),
        ("Cc: stable@kernel.org # 5.10+", ["5.10", "6.1", "6.6", "10.2"]),
        ("Cc: stable@vger.kernel.org # 5.10+", ["5.10", "6.1", "6.6", "10.2"]),
        ("Cc: stable@vger.kernel.org #5.10+", ["5.10", "6.1", "6.6", "10.2"]),
        ("Cc: <stable@vger.kernel.org> # v6.1", ["6.1", "6.6", "10.2"]),
        ("Cc: <stable@vger.kernel.org> # 3.3.x", _TREES[2:]),
        ("Cc: <stable@vger.kernel.org> # 4.19.x, 5.4.x", ["4.19", "5.4"]),
        ("Cc: <stable@vger.kernel.org> # 4.19, 5.4+", ["4.19", "5.4", "5.10", "6.1", "6.6", "10.2"]),
        ("Cc: <stable@vger.kernel.org> [3.8+]", _TREES[3:]),
        ("Cc: stable@vger.kernel.org [v3.8+]", _TREES[3:]),
        ("Cc: stable@vger.kernel.org # >= 3.8", _TREES[3:]),
        ("Cc: stable@vger.kernel.org # for 5.10+", ["5.10", "6.1", "6.6", "10.2"]),
        ("Cc: stable@vger.kernel.org # since 6.1", ["6.1", "6.6", "10.2"]),
        ("Cc: stable@vger.kernel.org # up to 3.3", ["0.2", "3.2", "3.3"]),
        ("Cc: stable@vger.kernel.org # v6.1-rc3+", ["6.1", "6.6", "10.2"]),
        ("Cc: stable@vger.kernel.org # 6.x", ["6.1", "6.6", "10.2"]),
        ("Cc: stable@vger.kernel.org # 10.2+", ["10.2"]),
        ("Cc: stable@vger.kernel.org # v3.2 - v4.4", ["3.2", "3.3", "3.8", "4.4"]),
        ("Cc: stable@vger.kernel.org # 5.10+: fixes a crash", ["5.10", "6.1", "6.6", "10.2"]),
        ("Cc: stable@vger.kernel.org # 6.1.x-stable", ["6.1", "6.6", "10.2"]),
        ("Cc: <stable@vger.kernel.org> # needs adjustments for <= 6.3", _TREES),
        ("Cc: <stable@vger.kernel.org> # see patch description, needs adjustments for <= 6.3", _TREES),
        ("Cc: <stable@vger.kernel.org> # CVE-2017-1000251", _TREES),
        ("Cc: <stable@vger.kernel.org> # 2 patches", _TREES),
        ("Cc: Ada Author <ada@example.org>, stable@vger.kernel.org # 6.6+", ["6.6", "10.2"]),
        ("Cc: stable@vger.kernel.org, ada@example.org # 6.6+", ["6.6", "10.2"]),
    ],
)
def test_cc_stable_comment_gives_versions(line: str, trees: list[str]) -> None:
    assert branches_of("linux", line, _TREES) == trees


@pytest.mark.parametrize(
    "line",
    [
        "Cc: linux-stable@example.org",
        "Cc: unstable@vger.kernel.org",
        "Cc: stable@vger.kernel.org.example.org",
        "Cc: stable-commits@vger.kernel.org",
        "Cc: Ada Author <ada@example.org> # not for stable@vger.kernel.org",
        "Cc: linux-kernel@vger.kernel.org",
    ],
)
def test_cc_other_address_asks_nothing(line: str) -> None:
    tags = tags_of("linux", line)
    assert (tags.requests, tags.opt_outs, tags.malformed) == ((), (), ())


def test_cc_noautosel_is_an_opt_out() -> None:
    line = "Cc: <stable+noautosel@kernel.org> # reason goes here, and must be present"
    tags = tags_of("linux", line)
    assert tags.requests == ()
    assert tags.opt_outs == (OptOut(line, ALL_VERSIONS),)


def test_cc_folded_is_read_as_one_line() -> None:
    tags = tags_of("linux", "Cc: Ada Author <ada@example.org>,", "\tstable@vger.kernel.org # 5.4+")
    (request,) = tags.requests
    assert request.text == "Cc: Ada Author <ada@example.org>, stable@vger.kernel.org # 5.4+"
    assert [v for v in _TREES if request.versions.includes(v)] == ["5.4", "5.10", "6.1", "6.6", "10.2"]


def test_cc_prerequisites_stand_in_pick_order() -> None:
    lines = [
        "Cc: <stable@vger.kernel.org> # 3.3.x: a1f84a3: sched: Check for idle",
        "Cc: <stable@vger.kernel.org> # 3.3.x: 1b9508f: sched: Rate-limit newidle",
        "Cc: <stable@vger.kernel.org> # 3.3.x: fd21073: sched: Fix affinity logic",
        "Cc: <stable@vger.kernel.org> # 3.3.x",
    ]
    tags = tags_of("linux", *lines)
    (request,) = tags.requests
    assert request.text == lines[3]
    assert tags.prerequisites == (
        Prerequisite(lines[0], "a1f84a3", "sched: Check for idle", request.versions),
        Prerequisite(lines[1], "1b9508f", "sched: Rate-limit newidle", request.versions),
        Prerequisite(lines[2], "fd21073", "sched: Fix affinity logic", request.versions),
    )


def test_cc_prerequisite_alone_asks_for_the_commit_too() -> None:
    line = f"Cc: <stable@vger.kernel.org> # 6.1.x: {ID}: sched: Check for idle"
    tags = tags_of("linux", line)
    (prerequisite,) = tags.prerequisites
    assert (prerequisite.hex, prerequisite.subject) == (ID, "sched: Check for idle")
    assert tags.requests == (BackportRequest(line, prerequisite.versions),)
    assert [v for v in _TREES if prerequisite.versions.includes(v)] == ["6.1", "6.6", "10.2"]


@pytest.mark.parametrize("hex_id", ["ff30bd6a6618", "1234567"])
def test_cc_prerequisite_without_version_is_for_every_tree(hex_id: str) -> None:
    line = f"Cc: stable@vger.kernel.org # {hex_id}: sh: clk: Fix clk_enable()"
    tags = tags_of("linux", line)
    assert tags.prerequisites == (Prerequisite(line, hex_id, "sh: clk: Fix clk_enable()", ALL_VERSIONS),)
    assert tags.requests == (BackportRequest(line, ALL_VERSIONS),)


@pytest.mark.parametrize(
    ("comment", "wait"),
    [
        ("after -rc3", Wait(candidate=3)),
        ("after 6.7-rc3", Wait(candidate=3)),
        ("after 4 weeks in mainline", Wait(days=28)),
        ("after a month", Wait(days=30)),
        ("6.1+, after 2 weeks in mainline", Wait(days=14)),
        ("6.1+", None),
    ],
)
def test_cc_comment_asks_to_wait(comment: str, wait: Wait | None) -> None:
    (request,) = tags_of("linux", f"Cc: <stable@vger.kernel.org> # {comment}").requests
    assert request.wait == wait


def test_cc_unreadable_versions_are_malformed() -> None:
    line = "Cc: stable@vger.kernel.org # 5.10++"
    assert tags_of("linux", line).malformed == (
        Malformed(line, "wanted versions such as '5.10+' or '4.19.x, 5.4.x', found '5.10++'"),
    )


@pytest.mark.parametrize(
    "line",
    [
        f"commit {ID} upstream.",
        f"commit {ID} upstream",
        f"Commit {ID} upstream.",
        f"commit {ID} from upstream.",
        f"[ Upstream commit {ID} ]",
        f"[ Upstream commit {ID}, adapted ]",
        f"[Upstream commit {ID}]",
        f"[ commit {ID} upstream ]",
        f"[ Backport of upstream commit {ID} ]",
        f"Upstream commit {ID}",
        f"Upstream commit: {ID}.",
        f"(cherry picked from commit {ID})",
    ],
)
def test_picks_of_stable_trees_are_found(line: str) -> None:
    assert picks_of("linux", f"{line}\n\nText.") == [(line, ID)]


@pytest.mark.parametrize(
    "body",
    [
        f"commit {ID} upstream changed the lock, so this is needed.",
        f"Upstream commit {ID} did the same.",
        f"See upstream commit {ID}",
        f"This is what\ncommit {ID} did in 5.4.",
        f'commit {ID} ("x") upstream',
        f"  commit {ID} upstream.",
        f"This was fixed by\ncommit {ID} upstream.\n\nText.",
        f"Compare it to\nupstream commit {ID}.",
    ],
)
def test_picks_prose_is_no_evidence(body: str) -> None:
    assert picks_of("linux", body) == []


def test_picks_several_upstream_commits_in_brackets() -> None:
    line = f"[ Upstream commits {ID} and {OTHER} ]"
    assert picks_of("linux", line) == [(line, ID), (line, OTHER)]
