"""The keys of the board that move and look."""

from __future__ import annotations

import subprocess
from dataclasses import replace

from backportq.cli import invocation
from backportq.cli.board.keys import help_lines
from backportq.cli.board.prompts import BoardQuestion, PageScreen, QuestionScreen
from backportq.cli.board.shown import HINT, ShownBoard
from backportq.cli.board.work import Lane
from backportq.model.ids import BranchName, short
from backportq.model.items.queue import ItemKey
from backportq.model.trials.verdict import Prospect
from backportq.services.board.contents import BoardRow, query_keys, read_contents
from backportq.services.items.grouping import Order
from backportq.services.items.tried_items import TriedItem
from backportq.services.project import Project

_EXPLAINS = "10"  # seconds that a search for prerequisites may take


class LookingBoard(ShownBoard):
    """A board on which nothing is decided."""

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._list.place(self._list.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a screen."""
        self._list.place(self._list.cursor + pages * max(self._list.size.height - 1, 1))

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first or the last row."""
        self._list.place(len(self._rows) if side > 0 else 0)

    def action_scroll_detail(self, lines: int) -> None:
        """Scroll the pane."""
        self._pane.scroll_lines(lines * 4)

    def action_branch(self, step: int) -> None:
        """Show the next branch, or the one before."""
        names = [None, *self._contents.branches]
        self._show_branch(names[(names.index(self._view.branch) + step) % len(names)])

    def action_all_branches(self) -> None:
        """Show all branches."""
        self._show_branch(None)

    def action_nth_branch(self, number: int) -> None:
        """Show the branch of this number, the oldest release first."""
        if number <= len(self._contents.branches):
            self._show_branch(self._contents.branches[number - 1])

    def _show_branch(self, name: BranchName | None) -> None:
        row = self._row
        self._view = replace(self._view, branch=name)
        self._show(row.commit if row is not None else None)

    def action_mark(self) -> None:
        """Mark the row, or take its mark away, and go on."""
        row = self._row
        if row is not None:
            self._marked ^= {row.commit}
            self.action_move(1)

    def action_clear(self) -> None:
        """Drop marks and query."""
        self._marked.clear()
        self._query = ""
        self._view = replace(self._view, keys=None)
        self._show()
        self.tell(HINT)

    def action_enlarge(self) -> None:
        """Give the pane more room, or less."""
        self._pane.toggle_class("large")
        self.call_after_refresh(lambda: self._list.place(self._list.cursor))

    def action_order(self) -> None:
        """Order the rows in another way."""
        orders = list(Order)
        row = self._row
        self._view = replace(self._view, order=orders[(orders.index(self._view.order) + 1) % len(orders)])
        self._show(row.commit if row is not None else None)

    def action_fold(self) -> None:
        """Show what was passed over for good, or fold it away again."""
        row = self._row
        self._view = replace(self._view, everything=not self._view.everything)
        self._show(row.commit if row is not None else None)

    def action_reload(self) -> None:
        """Read the queue again."""
        known = self._contents
        self._work.submit(
            Lane.QUEUE, lambda project: read_contents(project, self._settings.branches), self._take_in, self._fail
        )
        self.tell(f"read again; before it was {short(known.tip)}")

    def action_search(self) -> None:
        """Ask for words, and go to the next row that has them."""

        def answered(words: str | None) -> None:
            if words is not None:
                self._sought = words or self._sought
                self._find()

        self.push_screen(
            QuestionScreen(BoardQuestion(f"search (empty: '{self._sought}')", may_be_empty=True)), answered
        )

    def _find(self) -> None:
        words = self._sought.casefold().split()
        start = self._list.cursor + 1
        for at in [*range(start, len(self._rows)), *range(start)]:
            row = self._rows[at] if at < len(self._rows) else None
            if row is not None and all(word in _searched(row) for word in words):
                self._list.place(at)
                return
        self.tell(f"nothing has '{self._sought}'")

    def action_filter(self) -> None:
        """Ask for a query, and show what it admits."""

        def answered(text: str | None) -> None:
            if text is None:
                return
            if not text.strip():
                self.action_clear()
                return
            self._work.submit(
                Lane.QUEUE,
                lambda project: query_keys(project, project.store.snapshot().state, text, self._settings.branches),
                lambda keys: self._take_query(text, keys),
                self._fail,
            )

        question = BoardQuestion(
            "query, such as: unassigned   author:smith   path:xen/arch/arm   likely>0.3   verdict:clean",
            may_be_empty=True,
            text=self._query,
        )
        self.push_screen(QuestionScreen(question), answered)

    def _take_query(self, text: str, keys: frozenset[ItemKey]) -> None:
        self._query = text
        self._view = replace(self._view, keys=keys)
        self._list.cursor = 0
        self._show()

    def action_explain(self) -> None:
        """Show why the change conflicts, on the newest of its branches that it conflicts on."""
        row = self._row
        if row is not None:
            conflicting = [each.entry.branch for each in row.items if _conflicts(self._verdicts.get(each.key))]
            branch = (conflicting or list(row.branches))[-1]
            self._show_command("explain", row.commit, branch, "--seconds", _EXPLAINS)

    def action_show(self) -> None:
        """Show everything known of the change."""
        row = self._row
        if row is not None:
            self._show_command("show", row.commit)

    def _show_command(self, *words: str) -> None:
        """Show what a command of ours says."""
        self.tell(f"backportq {' '.join(words)} ...")

        def task(_: Project) -> str:
            done = subprocess.run(invocation.command(*words), capture_output=True, check=False)
            return (done.stdout + done.stderr).decode("utf-8", "replace")

        def show(said: str) -> None:
            self.tell(HINT)
            self.push_screen(PageScreen(said.rstrip("\n").split("\n")))

        self._work.submit(Lane.EVIDENCE, task, show, self._fail)

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(PageScreen(help_lines()))

    def action_leave(self) -> None:
        """End the board."""
        self.exit()


def _searched(row: BoardRow) -> str:
    return f"{row.commit} {row.item.subject} {row.item.author} {' '.join(row.people)}".casefold()


def _conflicts(tried: TriedItem | None) -> bool:
    return tried is not None and tried.prospect in (Prospect.CONFLICTS, Prospect.OTHER_PICK)
