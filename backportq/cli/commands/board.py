"""`board`: the queue full-screen in the terminal."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from backportq.cli import invocation
from backportq.cli.arguments import BranchesArgument
from backportq.cli.terminal import output
from backportq.errors import UsageError
from backportq.services.board.contents import read_contents

_HANDS_OVER_AFTER = 0.0005
"""Seconds after which a thread that computes lets another one run; Python's own 5 ms are felt as a slow key."""


class BoardTheme(StrEnum):
    """Whose colours the board uses: the terminal's own, or those of a dark or a light screen."""

    TERMINAL = "terminal"
    DARK = "dark"
    LIGHT = "light"


def run(
    branches: BranchesArgument = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="decide nothing, only look")] = False,
    theme: Annotated[
        BoardTheme, typer.Option("--theme", help="whose colours: the terminal's own, or of a dark or light screen")
    ] = BoardTheme.TERMINAL,
) -> None:
    """Show the open items full-screen, and decide with single keys; '?' explains them.

    One row is one change, on all branches that lack it, the most urgent and likeliest first. The pane below says who
    has it, where it applies, why it is here, where it conflicts, and what it changes. A decision is one change of the
    queue, as on the command line; 'u' takes it back. What others change appears by itself.
    """
    if sys.stdin is None or not sys.stdin.isatty() or not output.is_terminal():
        raise UsageError("the board needs a terminal", hints=("backportq pending lists the same",))
    contents = read_contents(invocation.project(), tuple(branches or ()))
    # Textual takes a third of a second to load: after what may fail.
    from backportq.cli.board.deciding import DecidingBoard
    from backportq.cli.board.shown import BoardSettings

    # A key is handed through several threads, and each waits for the one that computes verdicts.
    sys.setswitchinterval(_HANDS_OVER_AFTER)
    settings = BoardSettings(tuple(branches or ()), read_only, str(theme))
    DecidingBoard(contents, invocation.reopen, settings).run(mouse=True)
