"""Identity keys, titles and reverts without ids: what messages say of a change without naming a commit."""

from __future__ import annotations

import pytest

from backportq.errors import ConfigError
from backportq.model.config import Config, CustomTrailer, KeyPattern, PickLinePattern
from backportq.model.history.subjects import normal_subject
from backportq.model.ids import BranchName
from backportq.model.titles import bare_subject, has_marks, title_of
from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.identity_keys import KeyReader
from backportq.model.trailers.own_patterns import key_reader_of, own_pick_lines_of
from backportq.model.trailers.pick_lines import read_picks

_ORIGINALS: tuple[tuple[str, list[str]], ...] = (
    ("fix it (#12)", ["#12"]),
    ("fix it (#12) (#14)", ["#12", "#14"]),
    ("[release-1.2] fix it (#12) (#14)", ["#12", "#14"]),
    ("[3.12] gh-5: fix it (GH-12) (#14)", ["#12", "#14"]),
    ("fix it (!12)", ["!12"]),
    ("Merge pull request #12 from x/y\n\nfix it", ["#12"]),
    ("Merge branch 'x' into 'main'\n\nfix it\n\nCloses #3\n\nSee merge request a/b!12", ["!12"]),
    ("Backport PR #12: fix it", ["#12"]),
    ("Backport PR 12 onto v7.2.x (fix it) (#14)", ["#12"]),
    ("Backport PR 12 to v7.2.x (fix it)", ["#12"]),
    ("Manual backport of PR 12 onto v7.2.x", ["#12"]),
    ("Manual backport of #12", ["#12"]),
    ("fix it (backport #12) (#14)", ["#12"]),
    ("Backport #12 and #14", ["#12", "#14"]),
    ("Backport PRs #12, #14, and PR #15: fixes (#16)", ["#12", "#14", "#15"]),
    ("fix it (#16)\n\nBackport of #12 & #14.", ["#12", "#14"]),
    ("Backport #12: fix it and #14", ["#12"]),
    ("[PR #12/0123abcd backport][3.14] fix it (#14)", ["#12"]),
    ("[1.2] fix it (#14)\n\nBackport of #12 to `1.2`.", ["#12"]),
    ("fix it (#14)\n\nBackport of https://forge.example/x/y/pull/12", ["#12"]),
    ("Automated cherry pick of #12: fix it", ["#12"]),
    ("Merge pull request #14 from u/automated-cherry-pick-of-#12-upstream-release-1.32\n\nfix it", ["#12"]),
    ("Merge pull request #14 from robot/auto-backport-of-pr-12-on-v8.0.x\n\nwords", ["#12"]),
    (
        "fix it\n\nPR-URL: https://forge.example/pull/12\nReviewed-By: A <a@example.org>",
        ["pr-url https://forge.example/pull/12"],
    ),
    (
        "fix it\n\nLink: https://lore.kernel.org/r/1@example.org\nSigned-off-by: A <a@example.org>",
        ["link https://lore.kernel.org/r/1@example.org"],
    ),
    ("fix it\n\nLink: https://bugs.example/1\nSigned-off-by: A <a@example.org>", []),
    ("fix it\n\nGithub-Pull: #12\nRebased-From: 0123456789", ["#12"]),
    ("Merge proj/repo#12: fix it\n\nmore", ["#12"]),
    ("Merge #12: fix it", ["#12"]),
    ("Auto merge of #12 - ada:topic, r=bob\n\nfix it", ["#12"]),
    ("Rollup merge of #12 - ada:topic, r=bob\n\nfix it", ["#12"]),
    ("Merge #12 and others", []),
    ("fix issue #12 at last", []),
    ('Revert "fix it (#12)"', []),
    ('Revert "fix it (#12)" (#14)', ["#14"]),
    ("gh-12: fix it", []),
)


@pytest.mark.parametrize(("message", "keys"), _ORIGINALS)
def test_keys_of_a_message_name_the_change_that_it_is_or_is_a_backport_of(message: str, keys: list[str]) -> None:
    reader = KeyReader()
    found = [f"{key.kind}{'' if len(key.kind) == 1 else ' '}{key.value}" for key in reader.read(message)]
    assert found == keys
    assert not found or reader.may_hold_keys(f"tree 0\n\n{message}".encode())


def test_own_keys_trailers_and_pick_lines_come_from_the_configuration() -> None:
    config = Config(
        BranchName("main"),
        trailers=(CustomTrailer("Task", "same"),),
        keys=(KeyPattern(r"\bTASK-(?P<key>[0-9]+)\b"),),
        pick_lines=(PickLinePattern(r"port of (?P<id>[0-9a-f]{7,40})", "subject"),),
    )
    keys = key_reader_of(config).read("TASK-7 fix it\n\nTask: Seven\nSigned-off-by: A <a@example.org>\n")
    assert [key.value for key in keys] == ["seven", "7"]
    grammar = grammar_of(["generic"], (), own_pick_lines_of(config.pick_lines))
    subject = "port of 0123456789ab: fix it"
    assert [mark.hex for mark in read_picks(subject, grammar)] == ["0123456789ab"]
    assert grammar.pick_hint.search(b"anything")
    with pytest.raises(ConfigError, match="has no group 'key'"):
        key_reader_of(Config(BranchName("main"), keys=(KeyPattern("x"),)))


def test_trailer_that_names_no_commit_is_refused_as_a_pick_line() -> None:
    with pytest.raises(ConfigError) as refused:
        grammar_of(["generic"], (CustomTrailer("PR-URL", "pick", "commit"),))
    assert refused.value.message == "the trailer 'PR-URL' names no commit, so it cannot have the meaning 'pick'"
    assert 'meaning = "same"' in refused.value.hints[0]


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("x86: fix it", "x86: fix it"),
        ("[release-1.2] fix it (#902)", "fix it"),
        ("🍒[5.9] fix it", "fix it"),
        ("[beta] fix it", "fix it"),
        ("Bug 12 - fix it r=ada a=cora", "Bug 12 - fix it"),
        ("chore(backport release-1.2): fix it (#903)", "fix it"),
        ("Backport PR #12: fix it", "fix it"),
        ("Backport of fix it into release/1.2.x (#907)", "fix it"),
        ("fix it (backport #12) (#14)", "fix it"),
        ("fix it [1.2]", "fix it"),
        ("1.2: fix it", "fix it"),
        ("[1.2]", "[1.2]"),
        ("core: fix it (1.2)", "core: fix it"),
        ("core: fix it (v1.2.x)", "core: fix it"),
        ("stable/1.2: core: fix it", "core: fix it"),
        ("UPSTREAM: core: fix it", "core: fix it"),
        ("BACKPORT: FROMGIT: core: fix it", "core: fix it"),
        ("UPSTREAM: 1234: core: fix it", "core: fix it"),
        ("Merged: [parser] fix it", "fix it"),
        ("merged: fix it", "merged: fix it"),
        ("Bug 12 - fix it r=ada, a=cora DONTBUILD", "Bug 12 - fix it"),
        ("fix it CLOSED TREE", "fix it"),
        ("upstream: fix it", "upstream: fix it"),
        ("core: take (a few)", "core: take (a few)"),
    ],
)
def test_bare_subject_has_no_marks_of_a_backport(subject: str, bare: str) -> None:
    assert bare_subject(subject) == bare
    assert bare == subject or (has_marks(subject) and has_marks(normal_subject(subject)))


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("Merge pull request #12 from x/y\n\nFix it\n\nMore.", "Fix it"),
        ("Merge branch 'x' into 'main'\n\nFixes the thing\n\nSee merge request a/b!12", "Fixes the thing"),
        ("Merge branch 'x'\n\nCloses #3", "Merge branch 'x'"),
        ("Merge branch 'x'\n\n* x:\n  fix it", "Merge branch 'x'"),
        ("Merge branch 'x'", "Merge branch 'x'"),
        ("Merge proj/repo#12: Fix it\n\nMore.", "Fix it"),
        ("Auto merge of #12 - ada:topic, r=bob\n\nFix it", "Fix it"),
        ("fix it\n\nBody.", "fix it"),
    ],
)
def test_title_of_a_merge_is_that_of_what_was_merged(message: str, title: str) -> None:
    assert title_of(message) == title
