"""Reading objects in this process, through libgit2, where thousands are read one after the other.

It opens an object directory with its alternates and nothing else, so no configuration, ref, replace ref, hook or
network takes part, whatever repository the objects belong to. Objects are read here, never merged or compared: those
answers stay git's. What libgit2 cannot read (SHA-256, a damaged or missing object), callers ask of git itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing it takes 70 ms, which only bulk work earns back
    import pygit2

WORTH_IT = 1_000
"""From so many objects on, opening a database is cheaper than asking `git cat-file` one by one."""

_KINDS = (b"", b"commit", b"tree", b"blob", b"tag")
_WINDOW_BYTES, _MAPPED_BYTES = 4 << 20, 48 << 20  # of packs; what is mapped counts as memory of this process


class ObjectDatabase:
    """The objects of one directory and its alternates, those that are written while it is open included."""

    def __init__(self, database: pygit2.Odb, errors: tuple[type[Exception], ...]) -> None:
        self._database = database
        self._errors = errors

    @classmethod
    def open(cls, directory: Path, *, hash_name: str) -> ObjectDatabase | None:
        """Return the database of an object directory, or None where libgit2 does not know its hash."""
        if hash_name != "sha1":
            return None
        import pygit2

        pygit2.settings.enable_caching(False)  # noqa: FBT003 - its own interface  # callers keep what they parsed
        pygit2.settings.enable_strict_hash_verification(False)  # noqa: FBT003 - as git, which hashes on fsck only
        pygit2.settings.mwindow_size = _WINDOW_BYTES
        pygit2.settings.mwindow_mapped_limit = _MAPPED_BYTES
        errors = (pygit2.GitError, KeyError, ValueError, OSError)
        try:
            return cls(pygit2.Odb(str(directory)), errors)
        except errors:
            return None

    def read(self, oid: str) -> tuple[bytes, bytes] | None:
        """Return type and content of the object with this full id, or None where libgit2 does not give it."""
        try:
            kind, content = self._database.read(oid)
        except self._errors:
            return None
        return _KINDS[kind], content
