"""The rows of `pending`: one a change, with where it applies, how likely it is, why it is here and who has it.

Apart from the command because the rows of a list, of one branch and of the first screen are made alike. This module
must not decide the order or what is folded away: `backportq.services.items.grouping` does. A new column is an entry in
`_columns`, with its width and when it gives way, and its cell in `row`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from backportq.cli.render.verdicts import item_cell
from backportq.cli.render.work import topic_lines
from backportq.cli.terminal.table import Cell, Column, Style
from backportq.model.ids import SHORT_LENGTH, BranchName, Oid, short
from backportq.model.items.nomination import Via
from backportq.model.items.queue import QueueState
from backportq.model.items.task_words import blocker_words, lacking_words, vote_words
from backportq.model.items.votes import VoteTally, tally, wanted_approvals
from backportq.model.priority import Priority
from backportq.model.words import name_run, short_day
from backportq.services.items.grouping import JudgedItem, PendingChange
from backportq.services.items.open_items import EffectiveState, OpenItem
from backportq.services.items.tried_items import TriedItem

Tried = Mapping[tuple[BranchName, Oid], TriedItem]
"""The trials that are known so far."""

_LEAST_SUBJECT = 28
_NARROW = 100
_WIDEST_WHERE = {True: 26, False: 44}
_LEAST_WHERE = 19  # "4.17…4.21 conflicts"
_WIDEST_WHO = 9
_WIDEST_WHY = 12
_SEPARATOR = " · "
_MOST_BLOCKERS = 3  # named below a row: a change that waits for fifty would be all that a screen shows


@dataclass(frozen=True, slots=True)
class PendingRow:
    """One change as it is shown; `remarks` go below it."""

    cells: Mapping[str, Cell | str]
    remarks: tuple[str, ...] = ()


class PendingRows:
    """Makes the rows of one list, all with the same columns.

    `names` are the branches with the names by which they are shown; of a single one only the verdict is shown. `width`
    is that of the terminal, None where nothing is cut.
    """

    def __init__(
        self,
        changes: Sequence[PendingChange],
        state: QueueState,
        names: Mapping[BranchName, str],
        width: int | None,
        *,
        by_author: bool = False,
    ) -> None:
        self._state = state
        self._names = names
        self._policy = state.config.policy
        self._wants_votes = bool(wanted_approvals(self._policy))
        self._width = width
        self._is_narrow = width is not None and width < _NARROW
        self._where_width = self._width_of_where(changes)
        self.columns = self._columns(changes, by_author=by_author)

    def _columns(self, changes: Sequence[PendingChange], *, by_author: bool) -> tuple[Column, ...]:
        """Return the columns: of those that a narrow terminal has no room for, the ones that say least are left out."""
        likeliest = [change.likeliest for change in changes]
        widths = {
            "commit": SHORT_LENGTH,
            "where": self._where_width,
            "likely": max((len(_likely(change)) for change in changes), default=0),
            "age": max((len(_age(item)) for item in likeliest), default=0),
            "passed": max((len(str(item.likelihood.passed_over)) for item in likeliest), default=0),
            "why": max((len(self._why(change)) for change in changes), default=0),
            "who": max((len(self._who(change)) for change in changes), default=0),
            "author": max((len(_author(change)) for change in changes), default=0),
            "votes": len("objected"),
            "subject": 0,
        }
        # A column of nothing would take room from the subjects, which are long.
        dropped = {
            "who": all(self._who(change) == "-" for change in changes),
            "passed": not any(item.likelihood.passed_over for item in likeliest),
            "author": not by_author,
            "votes": not self._wants_votes,
        }
        kept = [title for title in widths if not dropped.get(title)]
        if self._width is not None:
            longest = max((len(change.items[0].entry.item.subject) for change in changes), default=0)
            for title in ("passed", "age", "why"):
                taken = sum(max(len(other), widths[other]) + 2 for other in kept if other != "subject")
                if title in kept and self._width - taken < min(longest, _LEAST_SUBJECT):
                    kept.remove(title)
            if len(self._names) > 1:  # who has it is worth more than a wide column of branches
                taken = sum(max(len(other), widths[other]) + 2 for other in kept if other != "subject")
                lacking = min(longest, _LEAST_SUBJECT) - (self._width - taken)
                self._where_width -= max(min(lacking, self._where_width - _LEAST_WHERE), 0)
                widths["where"] = self._where_width
        titles = {"where": "verdict" if len(self._names) == 1 else "where"}
        return tuple(
            Column(
                titles.get(title, title),
                flexible=title == "subject",
                style=Style.ID if title == "commit" else Style.PLAIN,
                least=_LEAST_SUBJECT - 8 if title == "subject" else 0,
                filled=widths[title],
            )
            for title in kept
        )

    def _width_of_where(self, changes: Sequence[PendingChange]) -> int:
        """Return the room that the verdicts get, before they are known: that of "conflicts" on all branches."""
        if len(self._names) == 1:
            return len("other pick")
        longest = max(
            (len(" ".join(self._names[each.entry.branch] for each in change.items)) for change in changes), default=0
        )
        return min(longest + len(" conflicts"), _WIDEST_WHERE[self._is_narrow])

    def row(self, change: PendingChange, tried: Tried) -> PendingRow:
        """Return the row of a change whose items have been tried."""
        items = [tried[item.entry.branch, change.commit] for item in change.items]
        where, more = self._where(items)
        tallies = [tally(each.entry.item, self._policy) for each in items]
        cells: dict[str, Cell | str] = {
            "commit": short(change.commit),
            "where": where,
            "verdict": where,
            "likely": Cell(_likely(change), Style.BAD if change.priority.is_urgent else None),
            "age": _age(change.likeliest),
            "passed": str(change.likeliest.likelihood.passed_over or "-"),
            "why": self._why(change),
            "who": self._who(change),
            "author": _author(change),
            "votes": _votes(tallies),
            "subject": change.items[0].entry.item.subject,
        }
        return PendingRow(cells, (*more, *self._remarks(items, tallies)))

    def cells(self, row: PendingRow) -> list[Cell | str]:
        """Return the cells of a row in the order of the columns."""
        return [row.cells[column.title] for column in self.columns]

    def _names_of(self, branches: Iterable[BranchName]) -> str:
        return name_run(self._names, list(branches))

    def _where(self, items: Sequence[TriedItem]) -> tuple[Cell, tuple[str, ...]]:
        """Return the branches by verdict, and what of it the column has no room for."""
        by_word: dict[str, list[TriedItem]] = {}
        for each in items:
            by_word.setdefault(item_cell(each).text, []).append(each)
        style = item_cell(items[0]).style if len(by_word) == 1 else Style.WAITING
        if len(self._names) == 1:
            return Cell(next(iter(by_word)), style), ()
        parts = [self._part(word, [each.entry.branch for each in same]) for word, same in by_word.items()]
        shown = 1
        while shown < len(parts) and len(_SEPARATOR.join(parts[: shown + 1])) <= self._where_width:
            shown += 1
        rest = _SEPARATOR.join(parts[shown:])
        return Cell(_SEPARATOR.join(parts[:shown]), style), (rest,) if rest else ()

    def _part(self, word: str, branches: Sequence[BranchName]) -> str:
        """Return a verdict with its branches, neighbours in fewer words where the column has no room for all."""
        told = f"{name_run(self._names, branches)} {word}"
        return told if len(told) <= self._where_width else f"{name_run(self._names, branches, least=3)} {word}"

    def _remarks(self, items: Sequence[TriedItem], tallies: Sequence[VoteTally]) -> tuple[str, ...]:
        """Return what else is to be known of a change, each line once, with its branches where not all share it."""
        lines: dict[str, list[BranchName]] = {}
        for each, votes in zip(items, tallies, strict=True):
            closed = self._state.queue_of(each.entry.branch).closed
            words = [
                *blocker_words(each.blockers, _MOST_BLOCKERS),
                *lacking_words(each.entry.lacking, closed),
                *topic_lines(each.entry),
            ]
            if not self._wants_votes:  # a vote is rare then, and has no column
                words += vote_words(votes)
            if len({item.entry.item.assignee for item in items}) > 1 and each.entry.item.assignee is not None:
                words.append(f"{each.entry.item.assignee}{'*' if is_begun(each.entry) else ''} has it")
            for line in words:
                lines.setdefault(line, []).append(each.entry.branch)
        return tuple(
            line if len(where) == len(items) else f"{self._names_of(where)}: {line}" for line, where in lines.items()
        )

    def _who(self, change: PendingChange) -> str:
        keys = list(dict.fromkeys(item.entry.item.assignee for item in change.items))
        named = [key for key in keys if key is not None]
        if not named:
            return "*" if any(is_begun(item.entry) for item in change.items) else "-"
        mark = "*" if any(is_begun(item.entry) for item in change.items) else ""
        more = "+" if len(keys) > 1 else ""
        first = named[0]
        if self._is_narrow and len(first) > _WIDEST_WHO:
            first = f"{first[: _WIDEST_WHO - 1]}…"
        return f"{first}{mark}{more}"

    def _why(self, change: PendingChange) -> str:
        """Return the reasons in a word each, those of the newest branch first."""
        words: dict[str, None] = {}
        for item in reversed(change.items):
            nominations = item.entry.item.nominations
            for nomination in nominations:
                if nomination.via is not Via.NEWER_BRANCH or nomination.branch is None:
                    words[nomination.rule or str(nomination.via)] = None
                elif item is change.items[-1]:  # that an older branch's neighbour has it says the same again
                    words[self._names.get(BranchName(nomination.branch), nomination.branch)] = None
            if not nominations:
                words["kept"] = None
        told = ", ".join(words)
        if self._is_narrow and len(told) > _WIDEST_WHY:
            first = next(iter(words))
            told = first[:_WIDEST_WHY] if len(words) == 1 else f"{first[: _WIDEST_WHY - 1]}+"
        return told


def later_words(entry: OpenItem, today: date) -> str:
    """Return what an item that is not to be done now waits for."""
    until = f" until {short_day(entry.due.date(), today)}" if entry.due is not None else ""
    what = f" for {entry.wait}" if entry.wait and entry.standing is EffectiveState.WAITING else ""
    reason = f" ({entry.wait})" if entry.wait and entry.standing is EffectiveState.DEFERRED else ""
    return f"{entry.standing}{what}{until}{reason}"


def is_begun(entry: OpenItem) -> bool:
    """Tell whether somebody works on the item."""
    return entry.standing is EffectiveState.IN_PROGRESS


def _likely(change: PendingChange) -> str:
    mark = "(low)" if change.priority is Priority.LOW else change.priority.mark
    return f"{change.likeliest.likelihood.likely:.0%} {mark}".rstrip()


def _age(item: JudgedItem) -> str:
    return f"{item.likelihood.age_days}d"


def _author(change: PendingChange) -> str:
    author = change.items[0].entry.item.author
    return author.name or author.mail


def _votes(tallies: Sequence[VoteTally]) -> Cell:
    """Return how many approve of how many wanted, at the least, or that somebody objects."""
    if any(each.objections for each in tallies):
        return Cell("objected", Style.BAD)
    least = min(tallies, key=lambda each: len(each.approvals))
    return Cell(f"{len(least.approvals)}/{least.wanted}", Style.GOOD if least.is_approved else Style.WAITING)
