"""Messages of picks: git's own line and sign-off exactly as git writes them, the other styles as their projects do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backportq.errors import ConfigError
from backportq.model.commit import Identity
from backportq.model.config import Config
from backportq.model.ids import BranchName, Oid
from backportq.model.picks.provenance import Original, ProvenanceStyle, Wording, choose_style, compose
from backportq.model.trailers.dialects import DIALECTS, grammar_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.reader import read_trailers
from tests.driver import TestRepo

PARITY_REPO = os.environ.get("BACKPORTQ_PARITY_REPO")  # read now: the environment of a running test is sealed
CORA = Identity("Cora Committer", "cora@example.org")
UPSTREAM = Oid("0f5a" * 10)
OTHER = Oid("beef" * 10)
COMMITTED = datetime(2026, 5, 19, 9, 12, 33, tzinfo=timezone(timedelta(hours=2)))
MESSAGE = """\
x86/hvm: fix the thing

It was broken.

Fixes: 3f2a12ab34cd ("x86/hvm: add")
Signed-off-by: Ada Author <ada@example.org>
"""
PLAIN = "x86/hvm: fix the thing\n\nIt was broken.\n"

LINES = st.sampled_from(
    (
        "",
        "",
        "subject of the change",
        "Prose that says something.",
        "Signed-off-by: Ada Author <ada@example.org>",
        "Signed-off-by: Cora Committer <cora@example.org>",
        "signed-off-by: Cora Committer <cora@example.org>",
        'Fixes: 3f2a12ab34cd ("x86/hvm: add")',
        "Reviewed-by : Rae <rae@example.org>",
        "(cherry picked from commit 0123456789012345678901234567890123456789)",
        "(cherry picked from commit 0123)",
        "master commit: 0123456789012345678901234567890123456789",
        "[ada: adapted]",
        " folded",
        "\tfolded with a tab",
        "   ",
        "# a comment",
        "---",
        "Conflicts:",
        "\tpath/of/a/file.c",
        "trailing spaces  ",
        "carriage return\r",
        "key: value",
        "not a key : value",
        ": no key",
        "über: Schlüssel",
        "diff --git a/x b/x",
        "no-break\u00a0space\u00a0",
        "form feed\f",
    )
)
MESSAGES = st.builds(
    lambda lines, end: "\n".join(lines) + end, st.lists(LINES, max_size=9), st.sampled_from(("", "\n", "\n\n", " \n"))
)


def _git_messages(repo: TestRepo, messages: Sequence[str], *options: str) -> list[tuple[str, str]]:
    """Return, for each message, the commit that had it and the message that `git cherry-pick OPTIONS` gave its pick."""
    parts = []
    for number, message in enumerate(["root", *messages]):
        raw = message.encode()
        parts.append(
            f"commit refs/heads/series\ncommitter Ada Author <ada@example.org> {1_700_000_000 + number} +0000\n"
            f"data {len(raw)}\n{message}\nM 100644 inline file-{number}\ndata 0\n\n"
        )
    repo.git("fast-import", "--quiet", "--force", stdin="".join(parts))
    originals = repo.git("rev-list", "--reverse", "series").split("\n")
    repo.git("checkout", "-q", "--detach", originals[0])
    repo.git("commit", "-q", "--allow-empty", "-m", "makes every pick a new commit")
    start = repo.id("HEAD")
    repo.git("cherry-pick", "--allow-empty-message", *options, f"{originals[0]}..series")
    picks = repo.git("rev-list", "--reverse", f"{start}..HEAD").split("\n")
    given = (
        subprocess.run(["git", "cat-file", "commit", pick], cwd=repo.path, capture_output=True, check=True).stdout
        for pick in picks
    )
    return list(zip(originals[1:], (raw.partition(b"\n\n")[2].decode() for raw in given), strict=True))


def _ours(message: str, oid: str, *, style: ProvenanceStyle, sign_off: bool) -> str:
    original = Original(Oid(oid), COMMITTED, Oid(oid))
    return compose(message, original, Wording(style, "master", "stable-4.18", CORA, sign_off=sign_off))


@pytest.mark.parametrize(
    ("options", "style", "sign_off"),
    [
        (("-x",), ProvenanceStyle.CHERRY_PICK, False),
        (("-s",), ProvenanceStyle.NONE, True),
        (("-x", "-s"), ProvenanceStyle.CHERRY_PICK, True),
    ],
)
@given(messages=st.lists(MESSAGES.filter(str.strip), min_size=20, max_size=60))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_compose_any_message_equals_git_cherry_pick(
    tmp_path_factory: pytest.TempPathFactory,
    options: tuple[str, ...],
    style: ProvenanceStyle,
    sign_off: bool,  # noqa: FBT001 - pytest names it
    messages: list[str],
) -> None:
    repo = TestRepo.create(tmp_path_factory.mktemp("picks"))
    for message, (oid, expected) in zip(messages, _git_messages(repo, messages, *options), strict=True):
        assert _ours(message, oid, style=style, sign_off=sign_off) == expected, repr(message)


@pytest.mark.skipif(PARITY_REPO is None, reason="needs a real repository in BACKPORTQ_PARITY_REPO")
def test_compose_real_messages_equals_git_cherry_pick(tmp_path: Path) -> None:
    out = subprocess.run(
        ["git", "-C", str(PARITY_REPO), "log", "--all", "--no-merges", "-n", "4000", "--format=%B%x00"],
        capture_output=True,
        check=True,
    ).stdout.decode("utf-8", "replace")
    messages = [message.removeprefix("\n") for message in out.split("\0") if message.strip()]
    repo = TestRepo.create(tmp_path / "picks")
    wrong = [
        message
        for message, (oid, expected) in zip(messages, _git_messages(repo, messages, "-x", "-s"), strict=True)
        if _ours(message, oid, style=ProvenanceStyle.CHERRY_PICK, sign_off=True) != expected
    ]
    assert wrong == []


def test_compose_xen_puts_commit_and_date_below_the_tags() -> None:
    assert _say(MESSAGE, ProvenanceStyle.XEN) == (
        MESSAGE + f"master commit: {UPSTREAM}\nmaster date: 2026-05-19 09:12:33 +0200\n"
    )


def test_compose_xen_adapted_says_so_in_a_paragraph_before() -> None:
    assert _say(MESSAGE, ProvenanceStyle.XEN, adaptation="Dropped the test.\nBackport: 4.16+") == (
        f"{MESSAGE}\n[Cora Committer: Dropped the test. Backport: 4.16+]\n"
        f"master commit: {UPSTREAM}\nmaster date: 2026-05-19 09:12:33 +0200\n"
    )


@pytest.mark.parametrize("style", ProvenanceStyle)
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "words",
    [
        "Dropped the test, 4.17 has none",
        "4.17+",
        "x\nBackport: 4.17",
        "x\nFixes: 0123456789ab",
        "cc: stable@vger.kernel.org # 6.1",
        "stable@dpdk.org",
        "MFC after: 1 week",
        f"Backport of {OTHER} from main.",
        f"(cherry picked from commit {OTHER})",
        f"commit {OTHER} upstream.",
    ],
)
def test_compose_adapted_is_no_tag_in_any_dialect(style: ProvenanceStyle, dialect: str, words: str) -> None:
    grammar = grammar_of((dialect,))
    plain, adapted = _say(MESSAGE, style), _say(MESSAGE, style, adaptation=words)
    assert adapted != plain
    assert read_trailers(adapted, grammar) == read_trailers(plain, grammar)
    assert read_picks(adapted, grammar) == read_picks(plain, grammar)


def test_compose_xen_taken_from_another_branch_names_the_original_once() -> None:
    first = _say(MESSAGE, ProvenanceStyle.XEN)
    assert _say(first, ProvenanceStyle.XEN, picked=OTHER) == first
    assert _say(first, ProvenanceStyle.XEN, picked=OTHER, adaptation="other context") == first.replace(
        "master commit", "\n[Cora Committer: other context]\nmaster commit"
    )


@pytest.mark.parametrize(
    ("style", "line"),
    [
        (ProvenanceStyle.LINUX, f"commit {UPSTREAM} upstream."),
        (ProvenanceStyle.UPSTREAM_COMMIT, f"[ Upstream commit {UPSTREAM} ]"),
        (ProvenanceStyle.DPDK, f"[ upstream commit {UPSTREAM} ]"),
    ],
)
def test_compose_line_below_subject_stands_alone_and_once(style: ProvenanceStyle, line: str) -> None:
    subject, _, body = MESSAGE.partition("\n\n")
    once = f"{subject}\n\n{line}\n\n{body}"
    assert _say(MESSAGE, style) == once
    assert _say(once, style, picked=OTHER) == once
    assert _say("one line", style) == f"one line\n\n{line}\n"
    assert _say(MESSAGE, style, adaptation="no such file here", sign_off=True) == (
        once + "[Cora Committer: no such file here]\nSigned-off-by: Cora Committer <cora@example.org>\n"
    )


def test_compose_django_prefixes_the_branch_and_ends_with_the_original() -> None:
    wording = Wording(ProvenanceStyle.DJANGO, "main", "stable/4.2.x", CORA)
    picked = compose("Fixed #1 -- Did it.\n\nThanks.\n", Original(UPSTREAM, COMMITTED, UPSTREAM), wording)
    assert picked == f"[4.2.x] Fixed #1 -- Did it.\n\nThanks.\n\nBackport of {UPSTREAM} from main.\n"
    older = Wording(ProvenanceStyle.DJANGO, "main", "stable/3.2.x", CORA, adaptation="other imports")
    assert compose(picked, Original(UPSTREAM, COMMITTED, OTHER), older) == (
        f"[3.2.x] Fixed #1 -- Did it.\n\nThanks.\n\nBackport of {UPSTREAM} from main.\n\n"
        "[Cora Committer: other imports]\n"
    )


@pytest.mark.parametrize("style", [style for style in ProvenanceStyle if style is not ProvenanceStyle.NONE])
@pytest.mark.parametrize("message", [MESSAGE, PLAIN, "one line"])
def test_compose_every_style_is_read_back_as_a_pick(style: ProvenanceStyle, message: str) -> None:
    dialect = {"xen": "xen", "linux": "linux", "upstream-commit": "linux", "dpdk": "dpdk", "django": "django"}
    grammar = grammar_of((dialect.get(str(style), "generic"),))
    found = read_picks(_say(message, style, adaptation="other context", sign_off=True), grammar)
    assert [mark.hex for mark in found] == [UPSTREAM]


def test_choose_style_asked_then_policy_then_dialect() -> None:
    config = Config(BranchName("master"), dialects=("generic", "xen"))
    assert choose_style(config) is ProvenanceStyle.XEN
    assert choose_style(Config(BranchName("master"), dialects=("mesa",))) is ProvenanceStyle.CHERRY_PICK
    assert choose_style(None) is ProvenanceStyle.CHERRY_PICK
    policy = Config(BranchName("master"), dialects=("xen",), policy={"provenance": "linux"})
    assert choose_style(policy) is ProvenanceStyle.LINUX
    assert choose_style(policy, "none") is ProvenanceStyle.NONE


def test_choose_style_unknown_word_is_refused_with_a_near_one() -> None:
    with pytest.raises(ConfigError) as refused:
        choose_style(None, "linus")
    assert refused.value.message == (
        "unknown style of provenance 'linus', wanted one of "
        "cherry-pick, xen, linux, upstream-commit, dpdk, django, none"
    )
    assert refused.value.hints == ("did you mean 'linux'?",)


def _say(
    message: str,
    style: ProvenanceStyle,
    *,
    picked: Oid = UPSTREAM,
    adaptation: str | None = None,
    sign_off: bool = False,
) -> str:
    wording = Wording(style, "master", "stable-4.18", CORA, sign_off=sign_off, adaptation=adaptation)
    return compose(message, Original(UPSTREAM, COMMITTED, picked), wording)
