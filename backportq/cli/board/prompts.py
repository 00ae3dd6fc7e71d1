"""Questions of the board, and pages of text.

Every question is the same: a line to type in, choices below it that what is typed narrows down, Enter takes the one
under the cursor, a digit the one of this number while nothing is typed, Escape none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.events import Key
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from backportq.cli.terminal.clean import clean

_NUMBERED = 9


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: its `value`, and how it is shown."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class BoardQuestion:
    """What is asked: a `title`, `choices`, and whether what is typed is an answer as well. With `may_be_empty` an empty
    line is one. `text` stands in the line at first. `is_numbered`: a digit takes a choice; no answer begins with
    one then."""

    title: str
    choices: tuple[Choice, ...] = ()
    is_free: bool = True
    may_be_empty: bool = False
    text: str = ""
    is_numbered: bool = True


class QuestionLine(Input):
    """The line to type in; while it is empty, a digit takes one of the first choices, of which there are `numbered`."""

    class Numbered(Message):
        """A choice was taken by its number."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    numbered = 0

    async def _on_key(self, event: Key) -> None:
        digit = event.character if event.character is not None and event.character in "123456789" else None
        if digit is not None and not self.value and int(digit) <= self.numbered:
            event.prevent_default()
            event.stop()
            self.post_message(self.Numbered(int(digit)))
            return
        await super()._on_key(event)


class QuestionScreen(ModalScreen[str | None]):
    """Asks one question; the answer is None after Escape."""

    CSS = """
    QuestionScreen { align: center bottom; background: transparent; }
    QuestionScreen Vertical { width: 100%; height: auto; max-height: 16; }
    QuestionScreen Vertical { border-top: ascii $foreground; background: $background; }
    QuestionScreen QuestionLine { border: none; height: 1; padding: 0; }
    QuestionScreen OptionList { border: none; height: auto; max-height: 11; scrollbar-size: 0 0; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", priority=True)]

    def __init__(self, question: BoardQuestion) -> None:
        super().__init__()
        self._question = question
        self._shown: list[Choice] = []

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical():
            yield Static(Text(clean(self._question.title), style="bold"))
            yield QuestionLine(self._question.text, select_on_focus=False)
            yield OptionList(markup=False)

    def on_mount(self) -> None:
        """Show all choices, and let the keys go to the line."""
        self._fill("")
        self.query_one(QuestionLine).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the choices down."""
        self._fill(event.value if event.value != self._question.text else "")

    def on_key(self, event: Key) -> None:
        """Move among the choices, or take one by its number."""
        options = self.query_one(OptionList)
        if event.key in ("down", "up") and self._shown:
            event.stop()
            step = 1 if event.key == "down" else -1
            here = options.highlighted
            options.highlighted = (here + step) % len(self._shown) if here is not None else 0

    def on_question_line_numbered(self, event: QuestionLine.Numbered) -> None:
        """Take the choice of this number."""
        self.dismiss(self._shown[event.number - 1].value)

    def on_input_submitted(self) -> None:
        """Answer with the choice under the cursor, or with what was typed."""
        options = self.query_one(OptionList)
        typed = self._typed().strip()
        if options.highlighted is not None and options.highlighted < len(self._shown):
            self.dismiss(self._shown[options.highlighted].value)
        elif typed and self._question.is_free:
            self.dismiss(typed)
        elif not typed and self._question.may_be_empty:
            self.dismiss("")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer with a choice that was clicked on."""
        self.dismiss(self._shown[event.option_index].value)

    def action_cancel(self) -> None:
        """Answer nothing."""
        self.dismiss(None)

    def _typed(self) -> str:
        return self.query_one(QuestionLine).value if self.is_mounted else self._question.text

    def _fill(self, typed: str) -> None:
        words = typed.casefold().split()
        self._shown = [
            choice
            for choice in self._question.choices
            if all(word in f"{choice.value} {choice.label}".casefold() for word in words)
        ]
        numbered = _NUMBERED if self._question.is_numbered and not typed else 0
        self.query_one(QuestionLine).numbered = min(len(self._shown), numbered)
        options = self.query_one(OptionList)
        options.clear_options()
        for number, choice in enumerate(self._shown, 1):
            digit = f"{number} " if number <= numbered else "  "
            options.add_option(Option(Text(f"{digit}{clean(choice.label)}")))
        # What is typed freely is the answer, unless somebody moves to a choice.
        options.highlighted = None if self._question.is_free or not self._shown else 0


class PageScreen(ModalScreen[None]):
    """Shows a page of text until a key that is not for scrolling."""

    CSS = """
    PageScreen { align: center middle; }
    PageScreen Static.below { width: 100%; height: 1; dock: bottom; text-style: reverse; }
    PageScreen VerticalScroll { width: 100%; height: 1fr; scrollbar-size: 0 0; background: $background; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,question_mark", "dismiss_page", priority=True),
        Binding("j,down", "scroll(1)"),
        Binding("k,up", "scroll(-1)"),
        Binding("space,pagedown", "scroll(20)"),
        Binding("b,pageup", "scroll(-20)"),
    ]

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__()
        self._lines = [clean(line) for line in lines]

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        with VerticalScroll():
            yield Static(Text("\n".join(self._lines)))
        yield Static("q goes back, j and k scroll", classes="below", markup=False)

    def action_dismiss_page(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        """Scroll by so many lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
