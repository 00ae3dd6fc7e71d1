"""How a pick differs from its original, as `git range-diff` shows it to a person: a difference of differences, message
included. The deviation is a number for tables instead."""

from __future__ import annotations

from backportq.git.repository import Repository
from backportq.model.ids import Oid

_ALWAYS_PAIR = "--creation-factor=999"  # however little is left of the original, these two are one change


def range_diff(repository: Repository, original: Oid, pick: Oid) -> str:
    """Return the range-diff of two single commits, without colour; nothing of the repository's own is run for it."""
    return repository.git.text(
        *("range-diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-notes", _ALWAYS_PAIR),
        f"{original}^!",
        f"{pick}^!",
    )
