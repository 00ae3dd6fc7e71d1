"""One question to git without what loading `subprocess` costs: for an answer that a person waits for between two keys.

It must not be used for anything else: there is no timeout, no error, and no input.
"""

from __future__ import annotations

import os


def ask(*arguments: str) -> str | None:
    """Return what git prints, without the last line end; None where it fails or can't be run."""
    reading, writing = os.pipe()
    quiet = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, writing, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    with os.fdopen(reading, "rb") as answer:
        try:
            child = os.posix_spawnp("git", ["git", *arguments], os.environ, file_actions=quiet)
        except OSError:
            return None
        finally:
            os.close(writing)
        said = answer.read()
    _, status = os.waitpid(child, 0)
    return said.decode("utf-8", "surrogateescape").removesuffix("\n") if status == 0 else None
