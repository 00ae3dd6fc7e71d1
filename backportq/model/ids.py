"""Object ids and names as types of their own, so that a branch name is never passed where an id is meant.

They are made only by the `parse_*` functions here or by the git package, which gets them from git itself. This module
must not know repositories: whether an id exists is a question for `backportq.git`.
"""

from __future__ import annotations

import re
from typing import NewType

Oid = NewType("Oid", str)
"""A full object id: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits."""

BranchName = NewType("BranchName", str)
"""A short branch name as people type it, such as `stable-4.18` or `release/1.2`; never a full ref name."""

RefName = NewType("RefName", str)
"""A full ref name such as `refs/remotes/origin/stable-4.18`."""

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
SHORT_LENGTH = 12


def is_oid(text: str) -> bool:
    """Tell whether `text` is a full object id in git's spelling."""
    return _OID.match(text) is not None


def parse_oid(text: str) -> Oid:
    """Return `text` as an object id, lower-cased; raise `ValueError` unless it is a full one."""
    lowered = text.lower()
    if not is_oid(lowered):
        raise ValueError(f"'{text}' is not a full object id of 40 or 64 hexadecimal digits")
    return Oid(lowered)


def short(oid: Oid) -> str:
    """Return the abbreviation that is shown to people; 12 digits, as most projects write in `Fixes:`."""
    return oid[:SHORT_LENGTH]
