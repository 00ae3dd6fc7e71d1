"""Conflicts in words: what git's kinds mean to somebody who has to resolve one.

Apart from the search for prerequisites because it only reads the two trees. This module must not merge anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backportq.git.trials import ConflictHunk, TreeChange, TrialSession
from backportq.model.ids import Oid
from backportq.model.trials.verdict import PathConflict

_NEAR_NAMES = 3
_WORDS = {
    "content": "both changed the same lines, or lines next to each other",
    "add/add": "the branch has another file of this name",
    "binary": "both changed a binary file",
    "rename/delete": "one renamed it, the other removed it",
    "rename/add": "it was renamed to a name that the other side uses",
    "file/directory": "one has a file where the other has a folder",
    "directory/file": "one has a folder where the other has a file",
    "file location": "it is added to a folder that was renamed on the branch",
    "submodule": "both moved the submodule",
    "distinct types": "it is of different types on the two sides",
    "distinct modes": "it has different modes on the two sides",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """One conflicted path: git's kind, what that means in words, and the places in the file."""

    path: str
    kind: str
    words: str
    hunks: tuple[ConflictHunk, ...] = ()


def describe(
    session: TrialSession,
    conflicts: Sequence[PathConflict],
    hunks: Mapping[str, tuple[ConflictHunk, ...]],
    changes: Sequence[TreeChange],
    onto: Oid,
) -> tuple[Conflict, ...]:
    """Return the conflicts of a commit that has these `changes` and was applied to `onto`, in words."""
    return tuple(
        Conflict(each.path, each.kind, _words(session, each, changes, onto), hunks.get(each.path, ()))
        for each in conflicts
    )


def _words(session: TrialSession, conflict: PathConflict, changes: Sequence[TreeChange], onto: Oid) -> str:
    if conflict.kind == "modify/delete":
        return _modified_and_deleted(session, conflict, changes, onto)
    return _WORDS.get(conflict.kind) or conflict.text or conflict.kind


def _modified_and_deleted(
    session: TrialSession, conflict: PathConflict, changes: Sequence[TreeChange], onto: Oid
) -> str:
    path = conflict.path.encode("utf-8", "surrogateescape")
    removed = any(change.path == path and change.new is None for change in changes)
    if removed:
        return "the commit removes it, and the branch has changed it"
    tree = session.tree_of(onto)
    near = session.paths_named(tree, path.rpartition(b"/")[2]) if tree is not None else ()
    if not near:
        return "the file does not exist on this branch"
    names = ", ".join(name.decode("utf-8", "surrogateescape") for name in near[:_NEAR_NAMES])
    return f"the file does not exist on this branch under this name; perhaps it is {names}"
