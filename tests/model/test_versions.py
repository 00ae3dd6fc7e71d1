"""Versions and ranges: facts, and properties over generated ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.model.versions import ALL_VERSIONS, Span, Version, VersionRange, find_range, parse_range, parse_version

_PARTS = st.lists(st.integers(0, 120), min_size=2, max_size=3).map(tuple)


def _dotted(parts: tuple[int, ...]) -> str:
    return ".".join(map(str, parts))


def _sort_key(text: str) -> Version:
    version = parse_version(text)
    assert version is not None
    return version


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("4.18", (4, 18)),
        ("v6.1", (6, 1)),
        ("6.6.y", (6, 6)),
        ("1.11.x", (1, 11)),
        ("1-46", (1, 46)),
        ("9_6", (9, 6)),
        ("13", (13,)),
        ("2024.1", (2024, 1)),
        (" 4.18 ", (4, 18)),
    ],
)
def test_parse_version_project_spelling_gives_components(text: str, parts: tuple[int, ...]) -> None:
    version = parse_version(text)
    assert version is not None
    assert version.parts == parts
    assert str(version) == text.strip()


@pytest.mark.parametrize("text", ["", "x", "4.", ".4", "4.18-shim", "4..1", "4.18 4.19", "9" * 10, "9" * 5000, "１.２"])  # noqa: RUF001 - full-width digits
def test_parse_version_other_text_gives_none(text: str) -> None:
    assert parse_version(text) is None


def test_versions_order_mixed_spellings_by_number() -> None:
    texts = ["25.10", "4.10", "16.04", "4.9", "v2.2.0", "25.1", "6.1", "6.1-rc3", "6.1-rc10", "13"]
    ordered = ["v2.2.0", "4.9", "4.10", "6.1-rc3", "6.1-rc10", "6.1", "13", "16.04", "25.1", "25.10"]
    assert sorted(texts, key=_sort_key) == ordered


@given(_PARTS, _PARTS)
def test_versions_order_is_that_of_their_numbers(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    assert (_sort_key(_dotted(one)) < _sort_key(_dotted(other))) == (one < other)


@pytest.mark.parametrize(
    ("text", "included", "excluded"),
    [
        ("4.6+", ["4.6", "4.10", "5.0"], ["4.5", "3.18"]),
        ("4.14", ["4.14"], ["4.13", "4.15", "4.1", "14"]),
        ("25.10", ["25.10"], ["25.1", "25.100"]),
        ("25.1", ["25.1"], ["25.10"]),
        ("4.14, 4.16", ["4.14", "4.16"], ["4.15"]),
        ("4.14 4.16", ["4.14", "4.16"], ["4.15"]),
        ("4.14 and 4.16", ["4.14", "4.16"], ["4.15"]),
        ("4.14; 4.16 & 4.18+", ["4.14", "4.16", "4.20"], ["4.15", "4.17"]),
        ("4.13-4.15", ["4.13", "4.14", "4.15"], ["4.12", "4.16"]),
        ("4.13..4.15", ["4.13", "4.15"], ["4.16"]),
        ("4.13 to 4.15", ["4.13", "4.15"], ["4.16"]),
        (">= 3.8", ["3.8", "3.10", "4.0"], ["3.7"]),
        ("> 3.8", ["3.9"], ["3.8"]),
        ("<= 6.3", ["6.3", "5.10"], ["6.4"]),
        ("< 6.3", ["6.2"], ["6.3"]),
        ("4.9 and later", ["4.9", "4.10"], ["4.8"]),
        ("4.9 or newer", ["4.9", "4.10"], ["4.8"]),
        ("4.9 onwards", ["4.9", "4.10"], ["4.8"]),
        ("since 4.9", ["4.9", "4.10"], ["4.8"]),
        ("from 4.9", ["4.9", "4.10"], ["4.8"]),
        ("up to 4.9", ["4.9", "4.8"], ["4.10"]),
        ("before 4.9", ["4.8"], ["4.9"]),
        ("older than 4.9", ["4.8"], ["4.9"]),
        ("newer than 4.9", ["4.10"], ["4.9"]),
        ("v5.12-rc1+", ["5.12", "5.15"], ["5.10"]),
        ("4.19.x", ["4.19"], ["4.20"]),
        ("v6.1", ["6.1"], ["6.6"]),
        ("stable/13", ["13"], ["14"]),
        ("stable-4.18", ["4.18"], ["4.19"]),
        ("5.10.123+", ["5.10", "5.15"], ["5.4"]),
        ("13", ["13", "13.2"], ["14"]),
        ("4.14 only", ["4.14"], ["4.15"]),
        ("4.14 (not earlier, see XSA-1)", ["4.14"], ["4.13"]),
    ],
)
def test_parse_range_text_includes_versions(text: str, included: list[str], excluded: list[str]) -> None:
    found = parse_range(text)
    assert not found.is_all
    candidates = included + excluded
    assert [version for version in candidates if found.includes(version)] == included


@pytest.mark.parametrize("text", ["*", "all", "any", "ALL"])
def test_parse_range_wildcard_is_all(text: str) -> None:
    found = parse_range(text)
    assert found == VersionRange(text)
    assert found.is_all
    assert found.includes("4.18")
    assert found.includes("no version at all")


def test_range_not_all_excludes_what_is_no_version() -> None:
    assert not parse_range("4.6+").includes("feature")
    assert ALL_VERSIONS.includes("feature")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("soon", "wanted versions such as '4.9+' or '4.14, 4.15', found 'soon'"),
        ("", "wanted versions such as '4.9+' or '4.14, 4.15', found ''"),
        ("4.14 please", "wanted only versions before a '#' comment, found 'please' after them"),
        ("4.15-4.13", "'4.15-4.13' runs from a newer to an older version"),
        ("4.14foo", "wanted versions such as '4.9+' or '4.14, 4.15', found '4.14foo'"),
    ],
)
def test_parse_range_unreadable_text_says_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"wanted|runs") as raised:
        parse_range(text)
    assert str(raised.value) == why


def test_parse_range_single_is_minimum_opens_one_bare_version() -> None:
    assert parse_range("3.3.x", single_is_minimum=True).spans == (Span((3, 3), None),)
    assert parse_range("4.19.x, 5.4.x", single_is_minimum=True).spans == (
        Span((4, 19), (4, 19)),
        Span((5, 4), (5, 4)),
    )
    assert parse_range("4.9-4.13", single_is_minimum=True).spans == (Span((4, 9), (4, 13)),)


def test_find_range_leaves_the_rest() -> None:
    assert find_range("3.3.x: a1f84a3: sched") == (VersionRange("3.3.x", (Span((3, 3), (3, 3)),)), ": a1f84a3: sched")
    assert find_range("needs adjustments for <= 6.3") == (None, "needs adjustments for <= 6.3")


@given(_PARTS, _PARTS)
def test_range_open_includes_exactly_what_is_not_older(low: tuple[int, ...], version: tuple[int, ...]) -> None:
    common = min(len(low), len(version))
    assert parse_range(f"{_dotted(low)}+").includes(_dotted(version)) == (version[:common] >= low[:common])


@given(_PARTS, _PARTS, _PARTS)
def test_range_list_includes_what_any_of_its_parts_includes(
    one: tuple[int, ...], other: tuple[int, ...], version: tuple[int, ...]
) -> None:
    text = _dotted(version)
    both = parse_range(f"{_dotted(one)}, {_dotted(other)}+")
    assert both.includes(text) == (
        parse_range(_dotted(one)).includes(text) or parse_range(f"{_dotted(other)}+").includes(text)
    )


@given(st.text(max_size=40))
def test_parse_range_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse_range(text)
    except ValueError:
        return
    assert found.is_all == found.includes("no version")
