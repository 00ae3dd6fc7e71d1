"""Which attributes apply to a merge: those of the tree that is picked onto, as git reads them in a cherry-pick.

A cherry-pick reads `.gitattributes` from the working tree, which holds the branch; a trial has none, so git is given a
directory with the attribute files of that tree alone. This module must not merge anything.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from backportq.errors import GitFailedError
from backportq.git.process import failure
from backportq.git.trials.quarantine import Quarantine
from backportq.git.trials.readers import ObjectReader
from backportq.git.trials.trees import Trees

_MAY_CHANGE_A_MERGE = (b"merge", b"binary", b"[attr]")
_SECONDS = 60

AttributeFiles = tuple[tuple[bytes, bytes], ...]
"""Attribute files as (directory with its slash, or "", and raw blob id)."""


class Attributes:
    """Answers for one quarantine; everything asked is remembered."""

    def __init__(self, quarantine: Quarantine, reader: ObjectReader, trees: Trees) -> None:
        self._quarantine = quarantine
        self._reader = reader
        self._trees = trees
        self._content: dict[bytes, bytes] = {}
        self._drivers: dict[tuple[AttributeFiles, bytes], bytes] = {}
        self._below: dict[str, AttributeFiles] = {}
        self._worktrees: dict[AttributeFiles, Path] = {}

    def worktree_of(self, root: str) -> Path:
        """Return a directory with every attribute file of the tree `root`."""
        return self._worktree(self._trees.attribute_files(root, self._below))

    def drivers(self, asked: Sequence[tuple[bytes, AttributeFiles]]) -> list[bytes]:
        """Return, for each (path, files that apply to it), the value of its `merge` attribute: `unset` for binary,
        `union`, ..., and empty where git would take its built-in text merge.

        A driver of the project's own is not run: its definition stands in a configuration that trials don't read, so
        git takes the text merge, as it does for everybody who did not define the driver.
        """
        unknown: dict[AttributeFiles, list[bytes]] = {}
        for path, files in asked:
            if (files, path) not in self._drivers:
                if any(word in self._read(oid) for _, oid in files for word in _MAY_CHANGE_A_MERGE):
                    unknown.setdefault(files, []).append(path)
                else:
                    self._drivers[files, path] = b""
        for files, paths in unknown.items():
            worktree = self._worktree(tuple((where + b".gitattributes", oid) for where, oid in files))
            for path, value in zip(paths, self._check(worktree, paths), strict=True):
                self._drivers[files, path] = value if value in (b"unset", b"binary", b"union") else b""
        return [self._drivers[files, path] for path, files in asked]

    def _worktree(self, files: AttributeFiles) -> Path:
        made = self._worktrees.get(files)
        if made is None:
            kept = {path: self._read(oid) for path, oid in files if _is_safe(path)}
            made = self._worktrees[files] = self._quarantine.worktree(kept)
        return made

    def _read(self, oid: bytes) -> bytes:
        content = self._content.get(oid)
        if content is None:
            # A blob that a partial clone lacks: the same as a file that git cannot read, which it ignores too.
            _, content = self._reader.read(oid.hex()) or (b"", b"")
            self._content[oid] = content
        return content

    def _check(self, worktree: Path, paths: Sequence[bytes]) -> list[bytes]:
        args = ("check-attr", "-z", "--stdin", "merge")
        try:
            done = subprocess.run(
                self._quarantine.command(worktree, args),
                cwd=worktree,
                env=self._quarantine.environment(),
                input=b"".join(path + b"\0" for path in paths),
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise GitFailedError(f"'git check-attr' did not end within {_SECONDS} seconds") from error
        if done.returncode != 0:
            raise failure(args, done.returncode, done.stderr)
        return done.stdout.split(b"\0")[2::3]


def _is_safe(path: bytes) -> bool:
    """Whether this path of a stranger's tree stays inside the directory it is written to."""
    return all(part not in (b"", b".", b"..") and part.lower() != b".git" for part in path.split(b"/"))
