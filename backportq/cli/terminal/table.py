"""Tables laid out in columns, and the few styles there are.

- rich is not used: it takes 70 ms to import and most of a second for a thousand rows, which a maintainer does list.
- Text is cleaned here, cell by cell; only styles that the program chose become escapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backportq.cli.terminal.clean import clean

_GAP = 2


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
    """One column; `right` aligns numbers.

    A `flexible` column gets the width that the others leave. On a terminal it is cut with an ellipsis, but not below
    `least`: where that is not left, a row takes several lines. A column that is `filled` to a width takes at least
    that much, so that the parts of a table that is printed in parts stand below each other.
    """

    title: str
    flexible: bool = False
    right: bool = False
    style: Style = Style.PLAIN
    least: int = 16
    filled: int = 0


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

    Further lines are indented by two columns more than the first. Text that fits comes back as it is.
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
    remarks: Sequence[Sequence[str]] = (),
    goes_on: bool = False,
) -> str:
    """Return the table as text, each line ended.

    - With `width` (columns of a terminal) every line fits. Flexible columns are cut first. Where one would get less
      than its least, each row takes several lines, the header broken in the same places, the flexible text last.
    - Without `width` nothing is cut.
    - `remarks` are further lines of each row, indented below it.
    - A table that `goes_on` follows a part of itself, and has no header.
    """
    cells = [[_cell(value, column) for value, column in zip(row, columns, strict=True)] for row in rows]
    titles = [clean(column.title) for column in columns]
    natural = [
        max([width_of(title), columns[at].filled, *(width_of(row[at].text) for row in cells)])
        for at, title in enumerate(titles)
    ]
    header = [Cell(title, Style.HEADING) for title in titles]
    has_header = any(titles) and not goes_on
    table = [header, *cells] if has_header else cells
    below = [(), *remarks] if has_header else list(remarks)
    lines, widths = _layout(columns, natural, width)
    return _lines(table, columns, lines, widths, color=color, remarks=below, room=width)


def _cell(value: Cell | str, column: Column) -> Cell:
    if isinstance(value, str):
        return Cell(clean(value), column.style)
    return Cell(clean(value.text), column.style if value.style is None else value.style)


def _layout(
    columns: Sequence[Column], natural: Sequence[int], room: int | None
) -> tuple[Sequence[Sequence[int]], Sequence[int]]:
    """Return which columns stand on which line of a row, and how wide each is."""
    every = range(len(columns))
    if room is None:
        return [every], natural
    flexible = [at for at in every if columns[at].flexible]
    fixed = sum(natural[at] for at in every if at not in flexible) + _GAP * (len(columns) - 1)
    if fixed + sum(_least(columns[at], natural[at]) for at in flexible) <= room:
        return [every], _share(natural, flexible, room - fixed)
    return _broken(columns, natural, [*(at for at in every if at not in flexible), *flexible], room)


def _broken(
    columns: Sequence[Column], natural: Sequence[int], order: Sequence[int], room: int
) -> tuple[list[list[int]], list[int]]:
    """Break a row into lines that fit, all but the first indented, with the columns in this order."""
    lines: list[list[int]] = []
    widths = list(natural)
    left = 0
    for at in order:
        if not lines or left < _GAP + _least(columns[at], natural[at]):
            left = room - (_GAP if lines else 0)
            lines.append([])
        else:
            left -= _GAP
        widths[at] = min(natural[at], max(left, 1))
        left -= widths[at]
        lines[-1].append(at)
    return lines, widths


def _least(column: Column, natural: int) -> int:
    return min(natural, column.least) if column.flexible else natural


def _share(natural: Sequence[int], flexible: Sequence[int], room: int) -> list[int]:
    """Give the flexible columns their natural widths where these fit into `room`, and an even share otherwise."""
    widths = list(natural)
    # The narrowest first: what it does not need of its share goes to the wider ones.
    left = sorted(flexible, key=lambda at: natural[at])
    for position, at in enumerate(left):
        widths[at] = min(natural[at], room // (len(left) - position))
        room -= widths[at]
    return widths


def _lines(
    table: Iterable[Sequence[Cell]],
    columns: Sequence[Column],
    lines: Sequence[Sequence[int]],
    widths: Sequence[int],
    *,
    color: bool,
    remarks: Sequence[Sequence[str]],
    room: int | None,
) -> str:
    continued = " " * _GAP
    remarked = continued if len(lines) == 1 else continued + " " * _GAP
    written = []
    for at, row in enumerate(table):
        for number, line in enumerate(lines):
            if number and not any(row[index].text for index in line):
                continue  # an empty line would look like the end of the table
            parts = []
            for index in line:
                cell, width = row[index], widths[index]
                text = shorten(cell.text, width)
                padding = " " * (width - width_of(text))
                painted = paint(text, cell.style or Style.PLAIN, color=color)
                parts.append(padding + painted if columns[index].right else painted + padding)
            written.append(((continued if number else "") + (" " * _GAP).join(parts)).rstrip() + "\n")
        for remark in remarks[at] if at < len(remarks) else ():
            text = clean(remark)
            text = text if room is None else shorten(text, max(room - len(remarked), 1))
            written.append(remarked + paint(text, Style.DIM, color=color) + "\n")
    return "".join(written)
