"""Tables: whole and plain in a pipe, fitted on a terminal, and quick for a thousand rows."""

from __future__ import annotations

import re
import time

from hypothesis import given
from hypothesis import strategies as st

from backportq.cli.terminal.table import Cell, Column, Style, fold, render, shorten, width_of

COLUMNS = (
    Column("commit", style=Style.ID),
    Column("subject", flexible=True),
    Column("count", right=True),
    Column("who"),
)
ROWS = (
    ("0f5a0f5a0f5a", "x86/hvm: fix the thing that was broken since the beginning of time", "3", "ada"),
    ("1111aaaa2222", "漢字を直す: 広い文字", "12", Cell("ben", Style.BAD)),
    ("2222aaaa2222", "short", "", ""),
)


def test_render_in_a_pipe_is_whole_and_plain() -> None:
    assert render(COLUMNS, ROWS, width=None) == (
        "commit        subject                                                             count  who\n"
        "0f5a0f5a0f5a  x86/hvm: fix the thing that was broken since the beginning of time      3  ada\n"
        "1111aaaa2222  漢字を直す: 広い文字                                                   12  ben\n"
        "2222aaaa2222  short\n"
    )


def test_render_on_80_columns_cuts_the_flexible_column() -> None:
    assert render(COLUMNS, ROWS, width=80) == (
        "commit        subject                                                 count  who\n"
        "0f5a0f5a0f5a  x86/hvm: fix the thing that was broken since the begi…      3  ada\n"
        "1111aaaa2222  漢字を直す: 広い文字                                       12  ben\n"
        "2222aaaa2222  short\n"
    )


def test_render_on_40_columns_puts_the_flexible_column_below() -> None:
    assert render(COLUMNS, ROWS, width=40) == (
        "commit        count  who\n"
        "  subject\n"
        "0f5a0f5a0f5a      3  ada\n"
        "  x86/hvm: fix the thing that was broke…\n"
        "1111aaaa2222     12  ben\n"
        "  漢字を直す: 広い文字\n"
        "2222aaaa2222\n"
        "  short\n"
    )


def test_render_short_columns_that_do_not_fit_are_broken_where_the_header_is() -> None:
    columns = (
        Column("upstream"),
        Column("pick"),
        Column("evidence"),
        Column("lag", right=True),
        Column("now"),
        Column("subject", flexible=True),
    )
    rows = (
        ("0f5a0f5a0f5a", "1111aaaa2222", "trailer, patch-id, subject", "7 d", "landed", "x86/hvm: fix the thing"),
        ("2222aaaa2222", "3333aaaa2222", "subject", "12 d", "staged", "short"),
        ("4444aaaa2222", "5555aaaa2222", "", "", "", ""),
    )
    assert render(columns, rows, width=58) == (
        "upstream      pick          evidence\n"
        "   lag  now     subject\n"
        "0f5a0f5a0f5a  1111aaaa2222  trailer, patch-id, subject\n"
        "   7 d  landed  x86/hvm: fix the thing\n"
        "2222aaaa2222  3333aaaa2222  subject\n"
        "  12 d  staged  short\n"
        "4444aaaa2222  5555aaaa2222\n"
    )
    assert "\n\n" not in render(columns, rows, width=60, color=True)


def test_render_flexible_column_that_would_get_less_than_its_least_goes_below() -> None:
    columns = (Column("commit"), Column("why"), Column("subject", flexible=True, least=40))
    rows = [("0f5a0f5a0f5a", "newer-branch", "x86/hvm: fix the thing that was broken since the beginning of time")]
    assert render(columns, rows, width=70) == (
        "commit        why           subject\n0f5a0f5a0f5a  newer-branch  x86/hvm: fix the thing that was broken si…\n"
    )
    assert render(columns, rows, width=67) == (
        "commit        why\n"
        "  subject\n"
        "0f5a0f5a0f5a  newer-branch\n"
        "  x86/hvm: fix the thing that was broken since the beginning of ti…\n"
    )
    assert render(columns, [(*rows[0][:2], "x86/hvm: fix it")], width=45).count("\n") == 2


def test_render_with_color_paints_only_what_the_program_chose() -> None:
    rows = [("0f5a", "\x1b[31mred", "1", Cell("ben", Style.BAD))]
    assert render(COLUMNS, rows, width=80, color=True) == (
        "\x1b[1mcommit\x1b[0m  \x1b[1msubject\x1b[0m      \x1b[1mcount\x1b[0m  \x1b[1mwho\x1b[0m\n"
        "\x1b[36m0f5a\x1b[0m    \\x1b[31mred      1  \x1b[31mben\x1b[0m\n"
    )


def test_render_without_titles_has_no_header() -> None:
    assert render((Column(""), Column("")), [("a", "b")], width=None) == "a  b\n"


ANY_ROWS = st.lists(
    st.tuples(st.text(max_size=50), st.text(max_size=90), st.text(max_size=6), st.text(max_size=12)), max_size=6
)


@given(ANY_ROWS, st.integers(40, 200))
def test_render_any_rows_fit_the_terminal(rows: list[tuple[str, str, str, str]], width: int) -> None:
    lines = render(COLUMNS, rows, width=width).split("\n")
    assert max(map(width_of, lines)) <= width


@given(ANY_ROWS)
def test_render_any_rows_in_a_pipe_are_one_line_each(rows: list[tuple[str, str, str, str]]) -> None:
    assert render(COLUMNS, rows, width=None).count("\n") == len(rows) + 1


@given(st.text(st.characters(categories=["L", "N", "P"])), st.integers(0, 40))
def test_shorten_any_text_fits_and_keeps_its_beginning(text: str, width: int) -> None:
    cut = shorten(text, width)
    assert width_of(cut) <= width
    assert text.startswith(cut.removesuffix("…"))


@given(st.text(st.characters(categories=["L", "N", "P"]) | st.just(" "), max_size=200), st.integers(20, 90))
def test_fold_any_text_keeps_its_words(text: str, width: int) -> None:
    lines = fold(text, width)
    assert " ".join(lines).split() == text.split()
    longest = max([width_of(word) for word in text.split()], default=0)
    assert max(map(width_of, lines)) <= width or longest > width - 2 - (len(text) - len(text.lstrip(" ")))


def test_fold_long_line_is_broken_between_words_and_indented() -> None:
    assert fold("  0f5a: unreadable tag 'x', wanted versions such as '4.9+', found nothing", 40) == [
        "  0f5a: unreadable tag 'x', wanted",
        "    versions such as '4.9+', found",
        "    nothing",
    ]


def test_render_thousand_rows_is_quick() -> None:
    rows = [
        (f"{number:012x}", f"subsystem: change number {number} of a thousand, with some words", "1", "ada")
        for number in range(1_000)
    ]
    render(COLUMNS, rows[:1], width=80)
    spent = min(_seconds(rows, width) for width in (None, 80, 40) for _ in range(3))
    assert spent < 0.05


def _seconds(rows: list[tuple[str, str, str, str]], width: int | None) -> float:
    start = time.process_time()
    text = render(COLUMNS, rows, width=width, color=True)
    assert len(re.findall("\n", text)) >= 1_000
    return time.process_time() - start


def test_render_remarks_stand_below_their_row() -> None:
    columns = (Column("commit"), Column("subject", flexible=True))
    rows = (("0f5a0f5a0f5a", "one"), ("1111aaaa2222", "two"))
    remarks = ((), ("after 0f5a0f5a0f5a one (pending)",))
    whole = "commit        subject\n0f5a0f5a0f5a  one\n1111aaaa2222  two\n  after 0f5a0f5a0f5a one (pending)\n"
    assert render(columns, rows, width=None, remarks=remarks) == whole
    assert render(columns, rows, width=80, remarks=remarks) == whole
    assert render(columns, rows, width=30, remarks=remarks) == whole.replace("one (pending)", "one (pen…")
    assert render(
        (columns[0], Column("subject", flexible=True, least=40)), [rows[0], ("22", "x" * 50)], width=30, remarks=remarks
    ) == (f"commit\n  subject\n0f5a0f5a0f5a\n  one\n22\n  {'x' * 27}…\n    after 0f5a0f5a0f5a one (p…\n")
