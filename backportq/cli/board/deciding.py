"""The board as it decides: the keys that change the queue.

What a decision closes leaves the list at once; the queue is written meanwhile, and rows come back with a word where it
refuses.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from backportq.cli import invocation
from backportq.cli.arguments import parse_day
from backportq.cli.board.looking import LookingBoard
from backportq.cli.board.prompts import BoardQuestion, Choice, QuestionScreen
from backportq.cli.board.work import Lane
from backportq.errors import BackportqError, UsageError
from backportq.model.ids import short
from backportq.model.items.queue import ItemKey
from backportq.model.priority import Priority
from backportq.model.words import counted
from backportq.services.board.contents import BoardContents, BoardRow, read_contents, usual_reasons
from backportq.services.board.session import Sitting
from backportq.services.decisions import verbs
from backportq.services.decisions.decide import DecisionResult, Verb
from backportq.services.project import Project

Outcome = TypeVar("Outcome")
VerbMaker = Callable[[Project], Verb]

_DERIVED = "as the rules say"


class DecidingBoard(LookingBoard):
    """A board with which a person works the queue off."""

    _sitting: Sitting | None = None
    _writing = 0

    def _chosen(self) -> list[BoardRow]:
        """Return the marked rows, or the one under the cursor; nothing, with a word, where nothing may be decided."""
        if self._settings.read_only:
            self.tell("this board only shows the queue (--read-only)", is_bad=True)
            return []
        marked = [row for row in self._rows if row.commit in self._marked]
        return marked or ([self._row] if self._row is not None else [])

    def action_take(self) -> None:
        """Take the rows."""
        rows = self._chosen()
        if rows:
            self._decide(rows, verbs.take, "taken")

    def action_assign(self) -> None:
        """Ask for a person, and assign the rows."""
        rows = self._chosen()
        people = self._contents.state.people.people
        choices = (Choice("me", "me"), *(Choice(person.key, f"{person.key}  {person.name}") for person in people))

        def answered(person: str) -> None:
            self._decide(rows, lambda project: verbs.assign(project, person), f"assigned to {person}")

        self._ask(rows, BoardQuestion(f"assign {_named(rows)} to", choices), answered)

    def action_decline(self) -> None:
        """Ask for a reason, and decline the rows."""
        rows = self._chosen()
        choices = tuple(Choice(reason, reason) for reason in usual_reasons(self._contents.state))

        def answered(reason: str) -> None:
            self._decide(rows, lambda project: verbs.decline(project, reason), f"declined: {reason}", closes=True)

        self._ask(rows, BoardQuestion(f"why decline {_named(rows)}?", choices), answered)

    def action_defer(self) -> None:
        """Ask for a day or a reason, and put the rows off."""
        rows = self._chosen()
        today = self._contents.today
        days = {counted(count, "week"): today + timedelta(weeks=count) for count in (1, 2, 4, 13)}
        choices = tuple(Choice(day.isoformat(), f"{words}: {day.isoformat()}") for words, day in days.items())

        def answered(text: str) -> None:
            try:
                until = parse_day(text, today)
            except UsageError:
                until = None  # then it is a reason
            reason = text if until is None else None
            self._decide(
                rows,
                lambda project: verbs.defer(project, until=until, reason=reason),
                f"deferred: {text}",
                closes=True,
            )

        self._ask(
            rows, BoardQuestion(f"put {_named(rows)} off until a day, or why?", choices, is_numbered=False), answered
        )

    def action_prioritise(self) -> None:
        """Ask for a priority, and set it."""
        rows = self._chosen()
        choices = (*(Choice(str(each), str(each)) for each in Priority), Choice(_DERIVED, _DERIVED))

        def answered(word: str) -> None:
            priority = None if word == _DERIVED else Priority(word)
            self._decide(rows, lambda project: verbs.prioritise(project, priority), f"priority {word}")

        self._ask(rows, BoardQuestion(f"priority of {_named(rows)}", choices, is_free=False), answered)

    def action_note(self) -> None:
        """Ask for a note, and write it."""
        rows = self._chosen()
        text = rows[0].item.note if len(rows) == 1 else None

        def answered(note: str) -> None:
            self._decide(rows, lambda project: verbs.note(project, note), "noted")

        self._ask(rows, BoardQuestion(f"note on {_named(rows)}", may_be_empty=True, text=text or ""), answered)

    def action_tag(self) -> None:
        """Ask for branches, and nominate the rows there."""
        rows = self._chosen()
        here = {name for row in rows for name in row.branches}
        others = [branch for branch in self._contents.found.branches if branch.name not in here]
        choices = tuple(Choice(branch.name, f"{branch.name}  {branch.version}") for branch in reversed(others))

        def answered(names: str) -> None:
            self._write(
                lambda sitting: sitting.tag(rows, names.replace(",", " ").split()),
                lambda result: _told(result, f"asked for on {names}"),
                frozenset(),
            )

        self._ask(rows, BoardQuestion(f"ask for {_named(rows)} on which branches?", choices), answered)

    def action_pick(self) -> None:
        """Give the terminal to `backportq pick`, then read the queue again."""
        rows = self._chosen()
        if not rows:
            return
        row = rows[0]
        branch = self._view.branch or row.branches[-1]
        with self.suspend():
            subprocess.run(invocation.command("pick", row.commit, branch), check=False)
            input("Enter goes back to the board ")
        self.action_reload()

    def action_undo(self) -> None:
        """Take back the last decision of this sitting."""
        if not self._settings.read_only:
            self._write(Sitting.undo, lambda undone: f"took back: {undone.entry.summary}", frozenset())

    def _ask(self, rows: Sequence[BoardRow], question: BoardQuestion, answered: Callable[[str], None]) -> None:
        def given(answer: str | None) -> None:
            if answer is not None:
                answered(answer)

        if rows:
            self.push_screen(QuestionScreen(question), given)

    def _decide(self, rows: Sequence[BoardRow], verb: VerbMaker, words: str, *, closes: bool = False) -> None:
        """Apply a verb to `rows`; those that it closes leave the list now."""
        keys = frozenset(each.key for row in rows for each in row.items)
        self._write(
            lambda sitting: sitting.decide(verb(sitting.project), rows),
            lambda result: _told(result, words),
            keys if closes else frozenset(),
        )

    def _write(
        self,
        task: Callable[[Sitting], Outcome],
        words: Callable[[Outcome], str],
        closing: frozenset[ItemKey],
    ) -> None:
        """Do `task` in its turn; the rows of `closing` are hidden until the queue was read after it."""
        self._deciding |= closing
        self._marked.clear()
        self._writing += 1
        self._show()

        def work(project: Project) -> tuple[Outcome, BoardContents | None]:
            if self._sitting is None or self._sitting.project is not project:
                self._sitting = Sitting(project, self._sitting.made if self._sitting is not None else [])
            outcome = task(self._sitting)
            # Only the last of several decisions in a row pays for reading.
            is_last = self._writing == 1
            known = self._contents
            return outcome, read_contents(project, self._settings.branches, known=known) if is_last else None

        def done(answer: tuple[Outcome, BoardContents | None]) -> None:
            outcome, contents = answer
            self._writing -= 1
            if contents is not None and not self._writing:
                self._deciding.clear()
            self._take_in(contents)
            self._show_place()
            self.tell(words(outcome))

        def failed(failure: BackportqError) -> None:
            self._writing -= 1
            self._deciding -= closing
            self._show()
            self._fail(failure)

        self._work.submit(Lane.QUEUE, work, done, failed)


def _named(rows: Sequence[BoardRow]) -> str:
    return short(rows[0].commit) if len(rows) == 1 else counted(len(rows), "change")


def _told(result: DecisionResult, words: str) -> str:
    changed = sum(each.is_change for each in result.decided)
    notes = "".join(f"; {note}" for note in result.notes)
    return f"{counted(changed, 'item')} {words}{notes}" if changed else f"nothing to change{notes}"
