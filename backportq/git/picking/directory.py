"""Where picks in progress are kept: beside git's own worktree records, and not in the cache.

The cache may be deleted at any time, and temporary directories are emptied by a reboot; a half-resolved conflict must
survive both. This module must not write anything.
"""

from __future__ import annotations

from pathlib import Path

from backportq.git.repository import Repository

_FOLDER = "backportq-picks"


def picks_directory(repository: Repository) -> Path:
    """Return the directory of all picks in progress, shared by all worktrees; it may not exist yet."""
    return repository.common_dir / _FOLDER
