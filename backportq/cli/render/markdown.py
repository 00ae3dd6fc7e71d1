"""Text in markdown, shown as it is: subjects and names come from anybody, and some hold what would be markup.

`release-notes` and `report` write markdown. This module must not know what it is about.
"""

from __future__ import annotations

import re

_SIGNS = re.compile(r"([\\`*_\[\]<>#|~&]|\A[-+]|(?<=\A[0-9])[.)])")


def escaped(text: str) -> str:
    """Return `text` so that markdown shows it as it is."""
    return _SIGNS.sub(r"\\\1", text)
