"""Cleaning: nothing that a terminal could obey gets through, and what is harmless is left alone."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backportq.cli.terminal.clean import clean, clean_lines

# Biased towards what does harm, so that the interesting branches are hit.
HARMFUL = st.sampled_from(
    [
        "\x1b",
        "\x9b",
        "\x07",
        "\r",
        "\n",
        "\t",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\udcff",
        "\u2028",
        "\U000e0041",
        "]",
        "[",
        "31m",
    ]
)
TEXT = st.lists(st.one_of(st.characters(), HARMFUL), max_size=30).map("".join)


@given(TEXT)
def test_clean_any_text_holds_no_control_format_or_surrogate(text: str) -> None:
    for character in clean(text):
        # Cf are the invisible ones; the soft hyphen and a few visible Arabic signs are the exceptions of Unicode.
        assert unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
        assert unicodedata.bidirectional(character) not in {
            "RLO",
            "LRO",
            "RLE",
            "LRE",
            "PDF",
            "RLI",
            "LRI",
            "FSI",
            "PDI",
            "BN",
        }


@given(TEXT)
def test_clean_twice_equals_clean_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S"]) | st.just(" ")))
def test_clean_visible_text_is_left_alone(text: str) -> None:
    hidden = {"\u115f", "\u1160", "\u3164", "\uffa0"}  # letters in name, but they show nothing
    if not hidden & set(text):
        assert clean(text) == text


@given(TEXT)
def test_clean_lines_any_text_has_one_line_for_each(text: str) -> None:
    assert len(clean_lines(text)) == text.replace("\r\n", "\n").count("\n") + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b31m", "\\x9b31m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("rtl \u202egnitirw\u202c", "rtl \\u202egnitirw\\u202c"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("two\r\nlines\rand\ttab", "two lines and tab"),
        ("path with \udcff", "path with \\xff"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("[bold]markup[/bold] <b>&amp;", "[bold]markup[/bold] <b>&amp;"),
        ("漢字 Größe 👍", "漢字 Größe 👍"),
        ("", ""),
    ],
)
def test_clean_trick_is_made_visible(text: str, expected: str) -> None:
    assert clean(text) == expected
