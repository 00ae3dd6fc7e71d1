"""The user's editor on a file, as git itself starts it; and git's three-way merge of the text.

It must not know what the text means.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from backportq.errors import GitFailedError
from backportq.git.repository import Repository

_CONFLICTS = range(128)  # git-merge-file(1): the number of conflicts, at most 127


def edit_file(repository: Repository, path: Path) -> None:
    """Open `path` in the editor that git would use (`git var GIT_EDITOR`) and wait; raise `GitFailedError` if it is
    missing or says that it failed."""
    editor = repository.git.text("var", "GIT_EDITOR")
    try:
        # As git does (editor.c): the setting is a shell command, the file its last argument.
        done = subprocess.run(["sh", "-c", f'{editor} "$@"', editor, str(path)], check=False, env=dict(os.environ))
    except OSError as error:
        raise GitFailedError(f"the editor '{editor}' could not be started: {error.strerror}") from error
    if done.returncode != 0:
        raise GitFailedError(
            f"the editor '{editor}' failed with status {done.returncode}", hints=("git config core.editor EDITOR",)
        )


def merge_texts(repository: Repository, mine: Path, base: Path, theirs: Path) -> tuple[bytes, bool]:
    """Return the merge of `mine` and `theirs` since `base`, and whether it is free of conflicts (else with markers)."""
    labels = ("-L", "your edit", "-L", "when you began", "-L", "the queue now")
    done = repository.git.run("merge-file", "-p", *labels, "--", str(mine), str(base), str(theirs), ok=_CONFLICTS)
    return done.out, done.status == 0
