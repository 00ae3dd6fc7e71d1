"""Git's three-way merge of a text by line, on bytes.

It must not know what the text means.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from backportq.git.repository import Repository

_CONFLICTS = range(128)  # git-merge-file(1): the number of conflicts, at most 127
_ENDINGS = range(256)  # and 255 for what it cannot merge


def merge_bytes(repository: Repository, ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
    """Return the merge of `ours` and `theirs` since `base`; None where lines conflict, or where it is no text."""
    with tempfile.TemporaryDirectory(prefix="backportq-") as folder:
        paths = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for path, content in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(content)
        done = repository.git.run("merge-file", "-p", "-q", "--", *map(str, paths), ok=_ENDINGS)
        return done.out if done.status == 0 else None


def merge_texts(repository: Repository, mine: Path, base: Path, theirs: Path) -> tuple[bytes, bool]:
    """Return the merge of `mine` and `theirs` since `base`, and whether it is free of conflicts (else with markers)."""
    labels = ("-L", "your edit", "-L", "when you began", "-L", "the queue now")
    done = repository.git.run("merge-file", "-p", *labels, "--", str(mine), str(base), str(theirs), ok=_CONFLICTS)
    return done.out, done.status == 0
