"""The patch of one commit as a person reads it.

It is read in this process by libgit2, which runs no text conversion and no program of the repository, and by git where
libgit2 refuses (SHA-256, another owner, a partial clone, a reference format that it does not know). This module must
not be used where the text is compared: the two write the same change with other context now and then.
"""

from __future__ import annotations

from backportq.git.repository import Repository
from backportq.model.commit import Commit

_OPTIONS = ("--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "--root", "--patch")


def patch_text(repository: Repository, commit: Commit, mainline: int | None = None) -> str:
    """Return the patch of `commit` to its parent, of a merge to the parent `mainline` (the first if None)."""
    parent = commit.parents[(mainline or 1) - 1] if commit.parents else None
    read = _by_libgit2(repository, commit.oid, parent)
    if read is None:
        sides = (parent, commit.oid) if parent is not None else (commit.oid,)
        read = repository.git.run("diff-tree", "--no-commit-id", *_OPTIONS, *sides).out
    return read.decode("utf-8", "surrogateescape")


def _by_libgit2(repository: Repository, oid: str, parent: str | None) -> bytes | None:
    import pygit2  # takes 70 ms; only what lives long asks here

    try:
        opened = pygit2.Repository(str(repository.git_dir))
        tree = opened[oid].peel(pygit2.Tree)
        before = None if parent is None else opened[parent].peel(pygit2.Tree)
        diff = tree.diff_to_tree(swap=True) if before is None else before.diff_to_tree(tree)
        diff.find_similar()
        return b"".join(patch.data for patch in diff if patch is not None)
    except (pygit2.GitError, KeyError, ValueError, OSError):
        return None
