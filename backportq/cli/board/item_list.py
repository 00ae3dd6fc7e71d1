"""The list of the board: only the rows on the screen are drawn, so its length costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from backportq.cli.board.row_text import Piece
from backportq.cli.terminal.table import Style

RICH_STYLES = {
    Style.PLAIN: RichStyle(),
    Style.HEADING: RichStyle(bold=True),
    Style.DIM: RichStyle(dim=True),
    Style.GOOD: RichStyle(color="green"),
    Style.BAD: RichStyle(color="red"),
    Style.WAITING: RichStyle(color="yellow"),
    Style.ID: RichStyle(color="cyan"),
}
_CURSOR = RichStyle(reverse=True)


class ItemList(ScrollView, can_focus=True):
    """Rows with a cursor. `draw(index, width)` gives the pieces of a row; the cursor stays on the screen."""

    class Moved(Message):
        """The cursor stands on another row."""

    def __init__(self, draw: Callable[[int, int], Sequence[Piece]]) -> None:
        super().__init__(id="items")
        self._draw = draw
        self.count = 0
        self.cursor = 0

    def show_rows(self, count: int, cursor: int) -> None:
        """Take note that there are `count` rows now, and put the cursor on one of them."""
        self.count = count
        self.virtual_size = Size(0, count)
        self.place(cursor)

    def place(self, cursor: int) -> None:
        """Put the cursor on the row `cursor`, or on the nearest one that there is."""
        self.cursor = max(0, min(cursor, self.count - 1))
        height = max(self.size.height, 1)
        top = round(self.scroll_offset.y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, immediate=True)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False, immediate=True)
        self.refresh()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        """Keep the cursor on the screen when its size changes."""
        self.place(self.cursor)

    def on_click(self, event: object) -> None:
        """Put the cursor where the mouse points."""
        line = getattr(event, "y", None)
        if isinstance(line, int):
            self.place(line + round(self.scroll_offset.y))

    def render_line(self, y: int) -> Strip:
        """Return one line of the screen."""
        width = self.size.width
        at = y + round(self.scroll_offset.y)
        if at >= self.count:
            return Strip.blank(width, self.rich_style)
        is_here = at == self.cursor
        segments = []
        for text, style in self._draw(at, width):
            drawn = RICH_STYLES[style]
            segments.append(Segment(text, _CURSOR if is_here else drawn))
        return Strip(segments).adjust_cell_length(width).apply_style(self.rich_style)
