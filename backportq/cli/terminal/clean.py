"""Untrusted text made safe to print.

Subjects, names, paths, notes and git's own words come from whoever wrote the commit, and a terminal obeys what it is
sent. `output` cleans everything it prints, so no caller has to remember it.
"""

from __future__ import annotations

import re

# C0 and C1 controls with DEL, invisible and zero-width characters, bidirectional marks, overrides and isolates, line
# and paragraph separators, byte order mark and interlinear marks, lone surrogates (undecodable bytes), tags.
_UNSAFE_CLASS = (
    "\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
UNSAFE = re.compile(f"[{_UNSAFE_CLASS}]")
"""One character that must not reach a terminal as it is."""


def clean(text: str) -> str:
    """Return `text` on one line, with every character that a terminal could obey, hide or reorder made visible.

    Line ends and tabs become a space; controls and undecodable bytes become `\\xNN`, all else `\\uNNNN`. Clean text
    comes back unchanged, and cleaning twice changes nothing more.
    """
    if text.isascii() and text.isprintable():
        return text
    return UNSAFE.sub(_visible, text.replace("\r\n", " "))


def clean_lines(text: str) -> list[str]:
    """Return the lines of `text`, each cleaned; for what is meant to have several, such as a message body."""
    return [clean(line.replace("\t", "    ")) for line in text.replace("\r\n", "\n").split("\n")]


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character in "\n\r\t":
        return " "
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
