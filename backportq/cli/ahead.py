"""What a command may start before its arguments are read, so that git is at work while the parser is loaded.

Only what the command will need for certain, whatever its arguments say in detail; nothing is printed or raised, and
nothing is written. This module must import little, and the verb does without it where it gives nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backportq.errors import BackportqError

if TYPE_CHECKING:
    from backportq.services.scan.head_start import HeadStart
    from backportq.services.scan.report import ScanReport

_NOTHING_AHEAD = frozenset({"-h", "--help", "--fetch"})
_scan: ScanReport | HeadStart | None = None


def start(verb: str, arguments: Sequence[str]) -> None:
    """Start what `verb` needs first."""
    global _scan  # noqa: PLW0603 - a process runs one command
    # With --fetch the refs are still to move; with all else that may stand there a scan reads the history as it is.
    if verb != "scan" or not _NOTHING_AHEAD.isdisjoint(arguments):
        return
    from backportq.cli.invocation import find_repository, project

    find_repository()
    from backportq.services.scan.head_start import recall_or_start

    try:
        _scan = recall_or_start(project(), is_whole=all(word.startswith("-") for word in arguments))
    except BackportqError:
        _scan = None  # what is wrong is said by the verb, if its arguments are right


def scan() -> ScanReport | HeadStart | None:
    """Return, once, what was found or started for a scan; None where that is still to do."""
    global _scan
    begun, _scan = _scan, None
    return begun
