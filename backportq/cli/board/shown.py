"""The board as it stands on the screen: one list, one pane below it, and what arrives in the background.

Keys are those of `looking` and `deciding`. This module must not read git or the queue itself: `work` does, in threads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from backportq.cli.board.detail_pane import DetailPane
from backportq.cli.board.detail_text import Line, detail_lines
from backportq.cli.board.item_list import ItemList
from backportq.cli.board.keys import KEYS
from backportq.cli.board.row_text import Piece, row_pieces, short_versions
from backportq.cli.board.work import BoardWork, Lane, try_elsewhere
from backportq.cli.terminal.clean import clean
from backportq.cli.terminal.table import Style
from backportq.errors import BackportqError
from backportq.model.ids import BranchName, Oid
from backportq.model.items.queue import ItemKey
from backportq.services.board.contents import (
    BoardContents,
    BoardRow,
    BoardView,
    iter_verdicts,
    read_contents,
)
from backportq.services.board.evidence import ChangeEvidence, EvidenceReader
from backportq.services.items.tried_items import TriedItem
from backportq.services.project import Project

_LOOKS = 2.0  # seconds between two looks at whether somebody else changed the queue
_SETTLES = 0.08  # seconds that the cursor rests before a row is read
_RESTS = 0.5  # seconds without a decision before verdicts are made anew
HINT = "t take, a assign, d decline, w defer, p priority, n note, u undo, ? help, q quit"


@dataclass(frozen=True, slots=True)
class BoardSettings:
    """How a board is opened: on which `branches`, whether nothing may be decided, and with which colours (`terminal`,
    `dark`, `light`)."""

    branches: tuple[str, ...] = ()
    read_only: bool = False
    theme: str = "terminal"


_THEMES = {"terminal": "ansi-dark", "dark": "textual-dark", "light": "textual-light"}


class ShownBoard(App[None]):
    """The queue full-screen."""

    CSS = """
    Screen { background: $background; overflow: hidden; }
    #branches, #place, #message { height: 1; width: 100%; text-wrap: nowrap; text-overflow: clip; }
    #place { text-style: reverse; }
    ItemList { height: 1fr; scrollbar-size: 0 0; }
    #pane { height: 45%; scrollbar-size: 0 0; }
    #pane.large { height: 10fr; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key.keys, key.action, key.text) for key in KEYS),
        *(Binding(str(number), f"nth_branch({number})") for number in range(1, 10)),
    ]

    def __init__(self, contents: BoardContents, opened: Callable[[], Project], settings: BoardSettings) -> None:
        super().__init__()
        self.theme = _THEMES[settings.theme]
        self._settings = settings
        self._contents = contents
        self._view = BoardView()
        self._query = ""
        self._sought = ""
        self._rows: list[BoardRow] = []
        self._folded = 0
        self._marked: set[Oid] = set()
        self._deciding: set[ItemKey] = set()
        self._verdicts: dict[ItemKey, TriedItem] = {}
        self._tried = 0
        self._evidence: ChangeEvidence | str | None = None
        self._reader: EvidenceReader | None = None
        self._round = 0
        self._changes = 0
        self._work = BoardWork(opened, self._hand_back)
        # Kept, since a query would look on the question that stands before them.
        self._tabs = Static(id="branches", markup=False)
        self._list = ItemList(self._draw_row)
        self._place = Static(id="place", markup=False)
        self._pane = DetailPane()
        self._message = Static(HINT, id="message", markup=False)

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield self._tabs
        yield self._list
        yield self._place
        yield self._pane
        yield self._message

    def on_mount(self) -> None:
        """Show the rows, then try them."""
        self._list.focus()
        self._show()
        self._try_all()
        self.set_interval(_LOOKS, self._look)

    def on_unmount(self) -> None:
        """End the threads."""
        self._work.close()

    # --- what is shown

    def _hand_back(self, step: Callable[[], None]) -> None:
        self.call_from_thread(step)

    @property
    def _row(self) -> BoardRow | None:
        at = self._list.cursor
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def _show(self, commit: Oid | None = None) -> None:
        """Show the rows of today's contents and view; the cursor stays where it is, or goes to `commit`."""
        shown = self._contents.without(self._deciding) if self._deciding else self._contents
        self._rows, self._folded = shown.rows(self._view)
        self._marked &= {row.commit for row in self._rows}
        at = self._list.cursor
        if commit is not None:
            at = next((index for index, row in enumerate(self._rows) if row.commit == commit), at)
        self._list.show_rows(len(self._rows), at)
        self._show_branches(shown)

    def _show_branches(self, shown: BoardContents) -> None:
        counts = shown.counts()
        names = short_versions(shown.found.branches)
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(f"all {len({each.entry.item.commit for each in shown.items})}", self._tab_style(None))
        for name in shown.branches:
            text.append("  ")
            text.append(f"{clean(names[name])} {counts.get(name, 0)}", self._tab_style(name))
        self._tabs.update(text, layout=False)

    def _tab_style(self, name: BranchName | None) -> str:
        return "bold reverse" if self._view.branch == name else ""

    def _show_place(self) -> None:
        words = [f"{self._list.cursor + 1 if self._rows else 0}/{len(self._rows)}", f"by {self._view.order}"]
        if self._view.branch is not None:
            words.insert(0, self._view.branch)
        if self._folded:
            words.append(f"{self._folded} passed over (z)")
        if self._query:
            words.append(f"query {self._query}")
        if self._marked:
            words.append(f"{len(self._marked)} marked")
        if self._tried < len(self._contents.found.items):
            words.append(f"tried {self._tried} of {len(self._contents.found.items)}")
        if self._deciding:
            words.append("writing")
        if self._settings.read_only:
            words.append("read-only")
        self._place.update(clean(" | ".join(words)), layout=False)

    def _draw_row(self, index: int, width: int) -> Sequence[Piece]:
        row = self._rows[index]
        names = short_versions(self._contents.found.branches)
        if self._view.branch is not None:
            names = {self._view.branch: names[self._view.branch]}
        return row_pieces(row, names, self._verdicts, width=width, is_marked=row.commit in self._marked)

    def on_item_list_moved(self) -> None:
        """Show what is known of the row under the cursor; read the rest when the cursor rests."""
        self._evidence = None
        self._show_place()
        self._show_detail(from_start=True)
        row = self._row
        if row is not None:
            self.set_timer(_SETTLES, lambda: self._read_evidence(row))

    def _show_detail(self, *, from_start: bool = False) -> None:
        row = self._row
        lines: Sequence[Line]
        if row is None:
            words = "The query admits nothing; Escape drops it." if self._query else "Nothing is open here."
            lines = [[(words, Style.PLAIN)]]
        else:
            policy = self._contents.state.config.policy
            lines = detail_lines(row, self._verdicts, self._evidence, today=self._contents.today, policy=policy)
        self._pane.show_lines(lines, from_start=from_start)

    def tell(self, text: str, *, is_bad: bool = False) -> None:
        """Show one line at the bottom."""
        self._message.update(Text(clean(text), style="red" if is_bad else "", no_wrap=True), layout=False)

    def _fail(self, failure: BackportqError) -> None:
        self.tell(f"{failure.message}" + (f"; {failure.hints[0]}" if failure.hints else ""), is_bad=True)
        self.bell()

    # --- what is read in the background

    def _look(self) -> None:
        """Read the queue again if it has moved; what another person changed appears."""
        known = self._contents
        if self._deciding:
            return

        def task(project: Project) -> BoardContents | None:
            if project.store.tip() == known.tip:
                return None
            return read_contents(project, self._settings.branches, known=known)

        self._work.submit(Lane.QUEUE, task, self._take_in, self._fail)

    def _take_in(self, contents: BoardContents | None) -> None:
        """Show what was read anew, and try what has changed."""
        if contents is None:
            return
        row = self._row
        is_same = {entry.onto for entry in contents.found.items} <= {entry.onto for entry in self._contents.found.items}
        self._contents = contents
        if not is_same:
            self._verdicts.clear()
        is_staying = row is not None and all(each.key not in self._deciding for each in row.items)
        self._show(row.commit if row is not None and is_staying else None)
        self._changes += 1
        changes = self._changes
        self.set_timer(_RESTS if is_same else 0.01, lambda: self._try_all() if changes == self._changes else None)

    def _try_all(self) -> None:
        """Try every item, branch by branch; a verdict is shown as soon as its branch is done."""
        self._round += 1
        self._tried = 0
        this, contents = self._round, self._contents

        def is_wanted() -> bool:
            return this == self._round and not self._work.is_closed

        def task(project: Project) -> None:
            for tried in iter_verdicts(project, contents, lambda branch: try_elsewhere(branch, is_wanted)):
                if not is_wanted():
                    return  # the queue has moved meanwhile, and another round waits
                self._work.tell(lambda tried=tried: self._take_verdicts(this, tried))  # type: ignore[misc]

        self._work.submit(Lane.VERDICTS, task, lambda _: None, self._fail)

    def _take_verdicts(self, this: int, tried: Sequence[TriedItem]) -> None:
        if this != self._round:
            return
        self._tried += len(tried)
        self._verdicts.update({(each.entry.branch, each.entry.item.commit): each for each in tried})
        self._list.refresh()
        self._show_place()
        row = self._row
        if row is not None and any((name, row.commit) in self._verdicts for name in row.branches):
            self._show_detail()

    def _read_evidence(self, row: BoardRow) -> None:
        """Read what the pane shows of `row`, unless the cursor has left it."""
        if self._row is not row:
            return

        def task(project: Project) -> ChangeEvidence | None:
            if self._row is not row:
                return None
            if self._reader is None or self._reader.project is not project:
                self._reader = EvidenceReader(project)
            return self._reader.read(row)

        self._work.submit(Lane.EVIDENCE, task, lambda read: self._take_evidence(row, read), self._miss_evidence)

    def _take_evidence(self, row: BoardRow, read: ChangeEvidence | str | None) -> None:
        if read is not None and self._row is row:
            self._evidence = read
            self._show_detail()

    def _miss_evidence(self, failure: BackportqError) -> None:
        row = self._row
        if row is not None:
            self._take_evidence(row, failure.message)
