"""The settings of a repository that nearly every command asks for, read by one git process at the first question.

They are those that say where the queue is, with which remote it is exchanged, and who is at work. Settings that few
commands ask for are read one by one (`user_setting`). This module must not know what a setting means.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from backportq.git.process import Git

_ASKED = r"^(backportq\.|branch\..*\.remote$|remote\..*\.|user\.|committer\.)"
_REMOTE = re.compile(r"remote\.(.+)\.[^.]+\Z", re.DOTALL)


class Settings:
    """The settings of one repository as they were at the first question."""

    def __init__(self, git: Git) -> None:
        self._git = git

    def find(self, key: str) -> str | None:
        """Return the value of a setting, the last if it has several; None where it is not set."""
        return self._values.get(key)

    def remotes(self) -> tuple[str, ...]:
        """Return the names of the configured remotes, sorted."""
        matches = map(_REMOTE.match, self._values)
        return tuple(sorted({match[1] for match in matches if match is not None}))

    @functools.cached_property
    def _values(self) -> Mapping[str, str]:
        listing = self._git.run("config", "-z", "--get-regexp", _ASKED, ok=(0, 1)).out
        records = listing.decode("utf-8", "surrogateescape").split("\0")
        pairs = (record.partition("\n") for record in records if record)
        return {key: value for key, _, value in pairs}
