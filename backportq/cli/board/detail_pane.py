"""The pane below the list: styled lines, broken between words to the width of the screen.

Only the lines on the screen are drawn, so that a diff of two thousand lines delays no key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from backportq.cli.board.detail_text import Line
from backportq.cli.board.item_list import RICH_STYLES
from backportq.cli.board.row_text import Piece
from backportq.cli.terminal.table import width_of

_WORD = re.compile(r"\s*\S+|\s+")


class DetailPane(ScrollView, can_focus=False):
    """Shows lines, from the first one; `scroll_lines` moves them."""

    def __init__(self) -> None:
        super().__init__(id="pane")
        self._lines: Sequence[Line] = ()
        self._broken: list[list[Piece]] = []

    def show_lines(self, lines: Sequence[Line], *, from_start: bool) -> None:
        """Show other lines, from the first one or as far down as before."""
        self._lines = lines
        self._break()
        if from_start:
            self.scroll_to(y=0, animate=False, immediate=True)

    def scroll_lines(self, count: int) -> None:
        """Move the lines up by `count`."""
        self.scroll_relative(y=count, animate=False, immediate=True)

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._break()

    def render_line(self, y: int) -> Strip:
        """Return one line of the screen."""
        at = y + round(self.scroll_offset.y)
        pieces = self._broken[at] if at < len(self._broken) else ()
        segments = [Segment(text, RICH_STYLES[style]) for text, style in pieces]
        return Strip(segments).adjust_cell_length(self.size.width).apply_style(self.rich_style)

    def _break(self) -> None:
        width = max(self.size.width, 1)
        self._broken = [part for line in self._lines for part in broken(line, width)]
        self.virtual_size = Size(0, len(self._broken))
        self.refresh()


def broken(line: Line, width: int) -> Iterator[list[Piece]]:
    """Yield `line` in parts of at most `width` columns, broken between words where that can be."""
    if sum(width_of(text) for text, _ in line) <= width:
        yield list(line)
        return
    part: list[Piece] = []
    left = width
    for text, style in line:
        for match in _WORD.finditer(text):
            word = match[0]
            if width_of(word) > left and part:
                yield part
                part, left, word = [], width, word.lstrip()
            while width_of(word) > width:
                cut = next(at for at in range(len(word), 0, -1) if at == 1 or width_of(word[:at]) <= width)
                yield [(word[:cut], style)]
                word = word[cut:]
            part.append((word, style))
            left -= width_of(word)
    if part:
        yield part
