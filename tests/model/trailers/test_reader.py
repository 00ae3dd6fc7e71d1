"""The engine: where tags are read, and what is common to all dialects."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backportq.errors import ConfigError
from backportq.model.trailers.dialects import DIALECTS, grammar_of
from backportq.model.trailers.pick_lines import read_picks
from backportq.model.trailers.reader import (
    CommitTrailers,
    FixesTag,
    Malformed,
    OptOut,
    RevertMark,
    read_trailers,
)
from backportq.model.versions import ALL_VERSIONS
from tests.model.trailers.reading import ID, OTHER, tags_of

_SOB = "Signed-off-by: Ada Author <ada@example.org>\n"
_FIXES = f'Fixes: {ID} ("x: y")'


def _fixes(message: str) -> list[str | None]:
    return [tag.hex for tag in read_trailers(message, grammar_of(["generic"])).fixes]


@pytest.mark.parametrize(
    "message",
    [
        f"s\n\n{_FIXES}\n",
        f"s\n\n{_FIXES}",
        f"s\n\nText.\n\n{_FIXES}\n{_SOB}",
        f"s\n\nText.\n\n{_FIXES}\n\n{_SOB}",
        f"s\n\nText.\n\n{_SOB}\n{_FIXES}\n",
        f"s\n\nText.\n{_FIXES}\n\n{_SOB}",
        f"s\n\n{_FIXES}\nText.\n\n{_SOB}",
        f"s\n\nText.\n\n{_FIXES}\n\n---\nv2: more text\n",
        f"s\n\nText.\n\nfixes: {ID}\n{_SOB}",
        f"s\n\nText.\n\nFIXES : {ID}\n{_SOB}",
        f"s\r\n\r\nText.\r\n\r\n{_FIXES}\r\nSigned-off-by: A <a@example.org>\r\n",
        f's\n\nText.\n\nFixes: {ID}\n  ("x: y")\n{_SOB}',
        f's\n\nText.\n\nFixes: {ID} ("x: y is a long\nsubject that wraps")\n{_SOB}',
        f's\n\nText.\n\nFixes:\n{ID} ("x: y")\n{_SOB}',
        f's\n\nText.\n\nFixes:\n{ID} ("x: y is a long\nsubject that wraps")\n{_SOB}',
        f"s\n\nprose\n{_FIXES}\nprose\n{_SOB}",
    ],
)
def test_read_tags_finds_the_tag_where_people_write_it(message: str) -> None:
    assert _fixes(message) == [ID]


@pytest.mark.parametrize(
    "message",
    [
        f"s\n\nA line such as\n{_FIXES}\nin a message is read.\n\n{_SOB}",
        f"s\n\nText.\n\n  {_FIXES}\n\n{_SOB}",
        f"s\n\nText.\n\n> {_FIXES}\n\n{_SOB}",
        f"s\n\nText.\n\nThis has Fixes: {ID}\n\n{_SOB}",
        f"s\n\nText.\n\nPre-fixes: {ID}\n\n{_SOB}",
        f"Fixes: {ID}\n\nText.\n",
    ],
)
def test_read_tags_quoted_in_prose_is_no_tag(message: str) -> None:
    assert read_trailers(message, grammar_of(["generic"])) == CommitTrailers()


def test_read_tags_wrapped_subject_is_joined() -> None:
    message = f's\n\nText.\n\nFixes: {ID} ("x: y is a long\nsubject that wraps")\nFixes: {OTHER}\n{_SOB}'
    assert read_trailers(message, grammar_of(["generic"])).fixes == (
        FixesTag(f'Fixes: {ID} ("x: y is a long subject that wraps")', ID, "x: y is a long subject that wraps"),
        FixesTag(f"Fixes: {OTHER}", OTHER, None),
    )


def test_read_tags_between_wrapped_subjects_are_read() -> None:
    wrapped = f'Fixes: {ID} ("x: y is a long\nsubject")\nFixes: {OTHER} ("z: also\nwraps")'
    message = f"s\n\nText.\n{wrapped}\nAcked-by: A <a@example.org>\n"
    assert [tag.hex for tag in read_trailers(message, grammar_of(["generic"])).fixes] == [ID, OTHER]


def test_read_tags_issue_reference_is_neither_fix_nor_malformed() -> None:
    said = tags_of("generic", "Fixes: #123", "Fixes: https://example.org/issues/1", "Fixes: XSA-1")
    assert said == CommitTrailers(numbered=(FixesTag("Fixes: #123", None, None, "#123"),))


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Fixes: #90", "#90"),
        ("Fixes: PR #90", "#90"),
        ("Fixes: gh-90", "#90"),
        ("Fixes: !12", "!12"),
        ("Fixes: group/thing!12", "!12"),
        ("Fixes: https://forge.example.org/proj/repo/pull/90", "#90"),
        ("Fixes: https://forge.example.org/proj/repo/-/merge_requests/12/diffs", "!12"),
        ("Follow-up to #90", "#90"),
        ("Follow up to PR #90.", "#90"),
        ("Regression from #90.", "#90"),
        ("Regression introduced in https://forge.example.org/proj/repo/pull/90", "#90"),
    ],
)
def test_read_tags_number_of_a_request_is_kept_apart(line: str, number: str) -> None:
    said = tags_of("generic", line)
    assert (said.fixes, [tag.number for tag in said.numbered]) == ((), [number])


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        (f"Fixes {ID}", None),
        (f"Fixes {ID}.", None),
        (f"fixes commit {ID}", None),
        ("Fixes 0123abc", None),
        (f'Fixes {ID} ("x: y")', "x: y"),
        (f'Fixes commit {ID}("x: y")', "x: y"),
        (f"Fixes {ID[:11]} 'x: y'", "x: y"),
        (f'Fixes {ID[:12]}: ("x: y")', "x: y"),
        (f'Fixes {ID[:12]} ("x: y', "x: y"),
    ],
)
def test_read_tags_fixes_without_a_colon(line: str, subject: str | None) -> None:
    (tag,) = tags_of("generic", line).fixes
    assert (tag.text, ID.startswith(tag.hex or "-") or tag.hex == "0123abc", tag.subject) == (line, True, subject)


def test_read_tags_fixes_without_a_colon_several() -> None:
    tags = tags_of("generic", f"Fixes {ID} and", f"{OTHER}.", "", f'Fixes {ID[:12]} ("x: y is a long', 'one")')
    assert tags.fixes == (
        FixesTag(f"Fixes {ID} and", ID, None),
        FixesTag(f"Fixes {ID} and", OTHER, None),
        FixesTag(f'Fixes {ID[:12]} ("x: y is a long one")', ID[:12], "x: y is a long one"),
    )
    lines = [f"Fixes commit {oid}" for oid in (ID, OTHER, ID[:20], OTHER[:20])]
    assert [tag.text for tag in tags_of("generic", *lines, "Text.").fixes] == lines


@pytest.mark.parametrize(
    "line",
    [
        "Fixes 1234567",
        "Fixes defaced",
        "Fixes 12345a",
        "Fixes 0123abc on big-endian machines.",
        "Fixes #1234",
        "Fixes the bug in 0123abc.",
        f"prose that\nfixes {ID}\nin the middle",
        f"  Fixes {ID}",
    ],
)
def test_read_tags_fixes_without_a_colon_in_prose_is_no_tag(line: str) -> None:
    # Six digits are too few, and a number without a letter is that of a bug.
    assert tags_of("generic", *line.split("\n"), "").fixes == ()


@pytest.mark.parametrize(
    "text",
    [
        "Fixes:\n* Actually test other versions\n* Say why it died",
        "Fixes:\n\n/src/nbd/server.c: In function 'handle':\nerror: 'ret' may be used uninitialized",
        "Fixes:\n1234567 bytes leak from 1 object(s) allocated from:\n    #0 0x7f in malloc",
        "Fixes:\nhttps://example.org/show_bug.cgi?id=1485867",
        "Fixes:\n\nRecursive mounting is now used.\n\nChanges:\n- a test",
    ],
)
def test_read_tags_key_above_text_is_a_heading(text: str) -> None:
    assert tags_of("generic", *text.split("\n"), "") == CommitTrailers()


@pytest.mark.parametrize("below", ["", "\n", "Reported-by: Bert Berth <bert@example.org>\n"])
def test_read_tags_key_without_a_value_is_malformed(below: str) -> None:
    message = f"s\n\nText.\n\nFixes:\n{below}{_SOB}"
    assert read_trailers(message, grammar_of(["generic"])).malformed == (
        Malformed("Fixes:", "wanted a commit id, found nothing"),
    )


@pytest.mark.parametrize(
    ("line", "hexes"),
    [
        (f"This reverts commit {ID}.", [ID]),
        (f"This reverts commit {ID}, reversing\nchanges made to {OTHER}.", [ID]),
        (f"This reverts\ncommit {ID}.", [ID]),
        (f"This reverts commits {ID} and {OTHER}.", [ID, OTHER]),
        (f"This patch reverts {ID}", [ID]),
        (f'Reverts: {ID} ("x: y")', [ID]),
        (f"This partially reverts commit {ID}.", []),
        (f"This reverts commit {ID} partially.", []),
        (f"This reverts part of commit {ID}.", []),
        (f"  This reverts commit {ID}.", []),
    ],
)
def test_read_tags_revert_forms(line: str, hexes: list[str]) -> None:
    marks = tags_of("generic", line, "").reverts
    assert [mark.hex for mark in marks] == hexes
    assert all(mark.text == line.partition("\n")[0] for mark in marks)


def test_read_tags_reapply_forms() -> None:
    tags = tags_of("generic", f"This reapplies commit {ID}.", "", f"Reapplies: {OTHER}")
    assert tags.reapplies == (
        RevertMark(f"This reapplies commit {ID}.", ID),
        RevertMark(f"Reapplies: {OTHER}", OTHER),
    )
    assert tags.reverts == ()


@pytest.mark.parametrize(
    ("value", "opt_out"),
    [
        (ID, OptOut(f"Ignore-Backport: {ID}", ALL_VERSIONS, ID)),
        ("yes", OptOut("Ignore-Backport: yes", ALL_VERSIONS)),
        ("too risky for a stable branch", OptOut("Ignore-Backport: too risky for a stable branch", ALL_VERSIONS)),
    ],
)
def test_read_tags_ignore_backport_forms(value: str, opt_out: OptOut) -> None:
    assert tags_of("generic", f"Ignore-Backport: {value}").opt_outs == (opt_out,)


def test_read_tags_ignore_backport_with_versions_limits_the_refusal() -> None:
    (opt_out,) = tags_of("generic", "Ignore-Backport: 4.13").opt_outs
    assert [v for v in ("4.12", "4.13") if opt_out.versions.includes(v)] == ["4.13"]


def test_grammar_of_unknown_dialect_names_near_matches() -> None:
    with pytest.raises(ConfigError) as raised:
        grammar_of(["xne"])
    assert raised.value.message == (
        "unknown dialect 'xne', wanted one of xen, linux, mesa, qemu, dpdk, freebsd, networkmanager, systemd, django, "
        "haproxy, postgresql, generic"
    )
    assert raised.value.hints == ("did you mean 'xen'?",)


def test_dialects_combine_freely() -> None:
    message = f"s\n\nText.\n\nCc: stable@vger.kernel.org # 5.10+\nBackport: 4.14\nCc: 24.1 mesa-stable\n{_SOB}"
    requests = read_trailers(message, grammar_of(list(DIALECTS))).requests
    assert [request.text for request in requests] == [
        "Cc: stable@vger.kernel.org # 5.10+",
        "Backport: 4.14",
        "Cc: 24.1 mesa-stable",
    ]


def test_dialects_each_document_source_and_summary() -> None:
    for name, dialect in DIALECTS.items():
        assert (dialect.name, bool(dialect.summary), bool(dialect.source)) == (name, True, True)


_PIECES = st.sampled_from(
    [
        "Fixes:",
        "fixes :",
        "Cc:",
        "Backport:",
        "MFC after:",
        " stable@vger.kernel.org",
        " <mesa-stable>",
        " # 5.10+",
        " 4.9+",
        f" {ID}",
        ' ("x',
        '")',
        "\n",
        "\n",
        "\n\n",
        "\n ",
        "\r\n",
        "prose",
        "This reverts commit",
        "[Linux commit",
        "[ Upstream commit",
        "]",
        "(cherry picked from commit",
        ")",
        "master commit:",
        "Signed-off-by: A",
        " 2 weeks",
        "\0",
        "é",
    ]
)


@settings(max_examples=400, derandomize=True, database=None)
@given(st.lists(_PIECES, max_size=25).map("".join))
def test_hints_match_every_message_that_says_anything(body: str) -> None:
    grammar = grammar_of(list(DIALECTS))
    message = f"subject\n\n{body}"
    if read_trailers(message, grammar) != CommitTrailers():
        assert grammar.tag_hint.search(message.encode())
    if read_picks(message, grammar):
        assert grammar.pick_hint.search(message.encode())


def test_subject_that_goes_on_on_a_line_like_a_trailer_is_read_whole() -> None:
    message = f'fix\n\nFixes: {ID[:12]} ("x86: do the thing for\ncpuid: and more")\n{_SOB}'
    (tag,) = read_trailers(message, grammar_of(["linux"])).fixes
    assert (tag.hex, tag.subject) == (ID[:12], "x86: do the thing for cpuid: and more")
    unclosed = f'fix\n\nFixes: {ID[:12]} ("x86: do the thing for\nReviewed-by: A B ("x")\n{_SOB}'
    (tag,) = read_trailers(unclosed, grammar_of(["linux"])).fixes
    assert tag.subject == "x86: do the thing for"


def test_read_tags_of_very_many_reads_a_thousand_and_says_so() -> None:
    message = "fix\n\n" + "".join(f'Fixes: 0123456789ab ("start {number}")\n' for number in range(3_000))
    found = read_trailers(message, grammar_of(["xen", "linux"]))
    assert [tag.subject for tag in found.fixes] == [f"start {number}" for number in range(1_000)]
    assert found.malformed == (
        Malformed('Fixes: 0123456789ab ("start 1000")', "wanted at most 1000 lines of tags, found more"),
    )
