"""Words in sentences and in commands, the same wherever one is said. This module must not know what they are about."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+\Z")


def counted(number: int, word: str) -> str:
    """Return `1 commit` or `3 commits`; for words whose plural only takes an `s`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def typed(word: object) -> str:
    """Return a word of a command as it is typed in a shell: quoted if need be.

    Names of branches, remotes and folders may hold whatever a shell obeys, and people copy the commands that we print.
    """
    text = str(word)
    return text if _PLAIN.match(text) else "'" + text.replace("'", "'\\''") + "'"
