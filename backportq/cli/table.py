"""Laying out tables in columns, and the few styles there are.

Own code of a hundred lines, because rich takes 70 ms to import and most of a second for a thousand rows, and a
maintainer lists a thousand rows. Text is cleaned here, cell by cell; only styles chosen by the program become escapes.
This module must not print.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backportq.cli.clean import clean

_GAP = 2
_LEAST_FLEXIBLE = 16


class Style(StrEnum):
    """How text is coloured, named after what it means; the value is the terminal's SGR parameter."""

    PLAIN = ""
    HEADING = "1"
    DIM = "2"
    GOOD = "32"
    BAD = "31"
    WAITING = "33"
    ID = "36"


@dataclass(frozen=True, slots=True)
class Cell:
    """Text of a cell with a style; a bare string is a cell in the style of its column."""

    text: str
    style: Style | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. A `flexible` one gets the width that the others leave and is cut with an ellipsis on a terminal;
    `right` aligns numbers."""

    title: str
    flexible: bool = False
    right: bool = False
    style: Style = Style.PLAIN


def paint(text: str, style: Style, *, color: bool) -> str:
    """Return `text` (already clean) in `style`, or as it is without colour."""
    return f"\x1b[{style.value}m{text}\x1b[0m" if color and style.value else text


def width_of(text: str) -> int:
    """Return the columns that `text` (already clean) takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # a table of wide characters: only for text that may have some

    return cell_len(text)


def shorten(text: str, width: int) -> str:
    """Return `text` (already clean) cut to `width` columns, with an ellipsis where something is missing."""
    if width_of(text) <= width:
        return text
    kept = text[: max(width - 1, 0)]
    while kept and width_of(kept) > width - 1:
        kept = kept[:-1]
    return f"{kept}…"[:width] if width > 0 else ""


def fold(text: str, width: int) -> list[str]:
    """Return `text` (already clean) in lines of at most `width` columns, broken between words where that can be.

    The further lines are indented by two columns more than the first. Text that fits comes back as it is.
    """
    if width_of(text) <= width:
        return [text]
    start = text[: len(text) - len(text.lstrip(" "))]
    lines, line = [], start
    for word in text.split():
        joined = f"{line} {word}" if line.strip() else f"{line}{word}"
        if width_of(joined) > width and line.strip():
            lines.append(line)
            line = f"{start}  {word}"
        else:
            line = joined
    return [*lines, line]


def render(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell | str]],
    *,
    width: int | None,
    color: bool = False,
    indent: int = 0,
    remarks: Sequence[Sequence[str]] = (),
) -> str:
    """Return the table as text, each line ended.

    With `width` (columns of a terminal) every line fits: flexible columns are cut first, then, below about 60 columns,
    each row takes two lines, the flexible text on the second. Without, nothing is cut. `remarks` are further lines of
    each row, indented below it; there is no room for them where a row takes two lines.
    """
    cells = [[_cell(value, column) for value, column in zip(row, columns, strict=True)] for row in rows]
    titles = [clean(column.title) for column in columns]
    natural = [max([width_of(title), *(width_of(row[at].text) for row in cells)]) for at, title in enumerate(titles)]
    header = [Cell(title, Style.HEADING) for title in titles]
    table = [header, *cells] if any(titles) else cells
    below = [(), *remarks] if any(titles) else list(remarks)
    if width is None:
        return _lines(table, columns, natural, color=color, indent=indent, remarks=below)
    room = width - indent
    flexible = [at for at, column in enumerate(columns) if column.flexible]
    fixed = sum(natural[at] for at in range(len(columns)) if at not in flexible) + _GAP * (len(columns) - 1)
    if not flexible or room - fixed < _LEAST_FLEXIBLE * len(flexible):
        if fixed + sum(natural[at] for at in flexible) <= room:
            return _lines(table, columns, natural, color=color, indent=indent, remarks=below, room=room)
        return _stacked(cells, columns, natural, room, color=color, indent=indent)
    widths = _share(natural, flexible, room - fixed)
    return _lines(table, columns, widths, color=color, indent=indent, remarks=below, room=room)


def _cell(value: Cell | str, column: Column) -> Cell:
    if isinstance(value, str):
        return Cell(clean(value), column.style)
    return Cell(clean(value.text), column.style if value.style is None else value.style)


def _share(natural: Sequence[int], flexible: Sequence[int], room: int) -> list[int]:
    """Give the flexible columns their natural widths where these fit into `room`, and an even share otherwise."""
    widths = list(natural)
    left = sorted(flexible, key=lambda at: natural[at])
    for position, at in enumerate(left):
        widths[at] = min(natural[at], room // (len(left) - position))
        room -= widths[at]
    return widths


def _lines(
    table: Iterable[Sequence[Cell]],
    columns: Sequence[Column],
    widths: Sequence[int],
    *,
    color: bool,
    indent: int,
    remarks: Sequence[Sequence[str]] = (),
    room: int | None = None,
) -> str:
    start = " " * indent
    lines = []
    for at, row in enumerate(table):
        parts = []
        for cell, column, width in zip(row, columns, widths, strict=True):
            text = shorten(cell.text, width)
            padding = " " * (width - width_of(text))
            painted = paint(text, cell.style or Style.PLAIN, color=color)
            parts.append(padding + painted if column.right else painted + padding)
        lines.append((start + (" " * _GAP).join(parts)).rstrip() + "\n")
        for text in remarks[at] if at < len(remarks) else ():
            line = clean(text)
            line = line if room is None else shorten(line, max(room - _GAP, 1))
            lines.append(start + " " * _GAP + paint(line, Style.DIM, color=color) + "\n")
    return "".join(lines)


def _stacked(
    cells: Iterable[Sequence[Cell]],
    columns: Sequence[Column],
    natural: Sequence[int],
    room: int,
    *,
    color: bool,
    indent: int,
) -> str:
    """For narrow terminals: the short cells of a row on as many lines as they need (numbers with the title, since
    there is no header), the flexible ones below."""
    start = " " * indent
    lines: list[str] = []
    for row in cells:
        used = 0
        parts: list[str] = []
        for cell, column, width in zip(row, columns, natural, strict=True):
            if column.flexible or not cell.text:
                continue
            text = shorten(f"{clean(column.title)} {cell.text}" if column.right else cell.text, room)
            padding = " " * max(0, min(width, room // 2) - width_of(text))
            taken = width_of(text) + len(padding)
            if parts and used + _GAP + taken > room:
                lines.append((start + (" " * _GAP).join(parts)).rstrip())
                parts, used = [], 0
            used += (_GAP if parts else 0) + taken
            parts.append(paint(text, cell.style or Style.PLAIN, color=color) + padding)
        lines.append((start + (" " * _GAP).join(parts)).rstrip())
        for cell, column in zip(row, columns, strict=True):
            if column.flexible and cell.text:
                text = shorten(cell.text, max(room - _GAP, 1))
                lines.append(start + " " * _GAP + paint(text, cell.style or Style.PLAIN, color=color))
    return "".join(f"{line}\n" for line in lines)
