"""The forms in which people name a commit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.model.trailers.references import Reference, is_open, parse_references

_ID = "0123456789ab"
_SUBJECT = "x86/hvm: add the thing"


@pytest.mark.parametrize(
    "value",
    [
        f'{_ID} ("{_SUBJECT}")',
        f"{_ID} ('{_SUBJECT}')",
        f"{_ID} ({_SUBJECT})",
        f'{_ID}("{_SUBJECT}")',
        f'{_ID} "{_SUBJECT}"',
        f"{_ID} '{_SUBJECT}'",
        f"{_ID} [{_SUBJECT}]",
        f'{_ID} ["{_SUBJECT}"]',
        f"{_ID} - {_SUBJECT}",
        f"{_ID}: {_SUBJECT}",
        f"{_ID}, {_SUBJECT}",
        f"{_ID} {_SUBJECT}",
        f"{_ID} (“{_SUBJECT}”)",
        f"{_ID} (‘{_SUBJECT}’)",  # noqa: RUF001 - as people type them
        f"{_ID} “{_SUBJECT}”",
        f'commit {_ID} ("{_SUBJECT}")',
        f'Commit: {_ID} ("{_SUBJECT}")',
        f'c/s {_ID} "{_SUBJECT}"',
        f'<{_ID}> ("{_SUBJECT}")',
        f"`{_ID}` ({_SUBJECT})",
        f'{_ID.upper()} ("{_SUBJECT}")',
        f'{_ID} ("{_SUBJECT})',
        f'{_ID} ("{_SUBJECT}") # in 4.14',
        f'{_ID} ("{_SUBJECT}") (partly)',
        f'{_ID} ("89abcdef0123 {_SUBJECT}")',
        f'  {_ID}   ("{_SUBJECT}")  ',
        f'{_ID} ("{_SUBJECT}").',
    ],
)
def test_parse_references_form_gives_id_and_subject(value: str) -> None:
    assert parse_references(value) == (Reference(_ID, _SUBJECT),)


@pytest.mark.parametrize("digits", [6, 7, 12, 13, 40, 64])
def test_parse_references_length_of_id_is_free(digits: int) -> None:
    written = ("0123456789abcdef" * 4)[:digits]
    assert parse_references(written) == (Reference(written, None),)


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        (f'{_ID} ("[HVM] Support multiple devices")', "[HVM] Support multiple devices"),
        (f'{_ID} ("(lib)xl: soft reset support")', "(lib)xl: soft reset support"),
        (f"{_ID} ('x86: don't trust (it)')", "x86: don't trust (it)"),
        (f'{_ID} ("docs: the "Backport" tag")', 'docs: the "Backport" tag'),
        (f'{_ID} (Revert "x86: y")', 'Revert "x86: y"'),
        (f'{_ID} ("a\tb   c")', "a b c"),
    ],
)
def test_parse_references_subject_keeps_its_own_marks(value: str, subject: str) -> None:
    assert parse_references(value) == (Reference(_ID, subject),)


@pytest.mark.parametrize("value", [f"{_ID}.", f"{_ID},", f"{_ID} -", f"{_ID} ()"])
def test_parse_references_punctuation_is_no_subject(value: str) -> None:
    assert parse_references(value) == (Reference(_ID, None),)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f'{_ID} ("x', True),
        (f"{_ID} (x (y)", True),
        (f'{_ID} "x', True),
        (f"{_ID} (“x", True),
        (f'{_ID} ("x")', False),
        (f'{_ID} ("x").', False),
        (f"{_ID} (x (y))", False),
        (f'{_ID} "x" y', False),
        (_ID, False),
        ('no id ("x', False),
    ],
)
def test_is_open_tells_whether_the_subject_goes_on(value: str, *, expected: bool) -> None:
    assert is_open(value) is expected


@pytest.mark.parametrize("between", [", ", " and ", " & ", "; "])
def test_parse_references_several_in_one_value(between: str) -> None:
    assert parse_references(f"{_ID}{between}89abcdef0123 (x)") == (
        Reference(_ID, None),
        Reference("89abcdef0123", "x"),
    )


@pytest.mark.parametrize("value", [f'("{_SUBJECT}")', f'"{_SUBJECT}"', f"“{_SUBJECT}”"])
def test_parse_references_subject_alone_has_no_id(value: str) -> None:
    assert parse_references(value) == (Reference(None, _SUBJECT),)


@pytest.mark.parametrize(
    "value",
    [
        "#123",
        "!123",
        "owner/project#123",
        "https://example.org/issues/123",
        "http://example.org/deadbeef",
        "GH-123",
        "XSA-273",
        "CVE-2024-1234",
        "PROJ-12",
        "bug 12",
        "BZ #29030",
        "BZ 29031",
        "[BZ #29030]",
        "Coverity ID 123",
        "CID#1534667",
        "CID1432652",
        "Covertiy CID 1432652",  # a typing error
        "Coverity (CID 1432652)",
        "Launchpad bug 1720969",
        "LP:1872113",
        "LP: #1872113",
        "r123456",
        "dEQP-GLES31.functional.stencil_texturing.*",
        "* layout-location-struct.shader_test",
        "tests/spec/stencil/depth.vert on some cards",
        "fs-interpolate-block",
        "../src/dri.c:255:39: error: incomplete type",
    ],
)
def test_parse_references_issue_is_no_commit_and_no_error(value: str) -> None:
    assert parse_references(value) == ()


@pytest.mark.parametrize("issue", ["Coverity CID 1419392", "CID 1419388 and 1419389", "#12"])
def test_parse_references_commit_beside_an_issue_is_named(issue: str) -> None:
    assert parse_references(f"{issue} (commit {_ID})") == (Reference(_ID, None),)


def test_parse_references_url_of_a_commit_is_its_id() -> None:
    assert parse_references(f"https://example.org/p/-/commit/{_ID}") == (Reference(_ID, None),)


@pytest.mark.parametrize(
    "value",
    [
        "defaced state handling",
        "facade",
        "12345",
        "x0123456789ab",
        "Yet another hardware trainwreck",
        "0123456789abx",
        '0123456789abw ("count the boats")',
        'not_an_id ("count the boats")',
        "$id_of_the_commit",
        "v5.10",
    ],
)
def test_parse_references_other_words_are_refused(value: str) -> None:
    if value == "facade":
        # Alone it may be an id: only more words make it a word.
        assert parse_references(value) == (Reference("facade", None),)
        return
    with pytest.raises(ValueError, match="wanted a commit id of 6 or more digits, found"):
        parse_references(value)


def test_parse_references_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="wanted a commit id, found nothing"):
        parse_references("  ")


@given(st.text(alphabet=st.sampled_from("0123456789abcdef \"'()[]“”,:-#zZ\n"), max_size=60))
def test_parse_references_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse_references(text)
    except ValueError:
        return
    assert all(one.hex or one.subject for one in found)
    assert all(one.hex is None or one.hex in text.lower() for one in found)
