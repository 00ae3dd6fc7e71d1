"""What the stable branches list in files of their own as not to be picked, read once for all branches.

The files are facts of the branch like its commits: whoever pushes there has decided. This module must not look at what
anything nominates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backportq.git.read.tree_files import files_at
from backportq.git.repository import Repository
from backportq.model.config import Config
from backportq.model.ids import BranchName
from backportq.model.trailers.dialects import refusal_lists_of
from backportq.model.trailers.refusal_lists import ListedRefusal, read_refusal_list
from backportq.services.history.history_range import TrackedBranch

Listed = Mapping[BranchName, tuple[tuple[str, ListedRefusal], ...]]
"""For each branch the files' paths and what they refuse."""


def paths_of_lists(config: Config) -> tuple[str, ...]:
    """Return the paths of the files that may list refusals."""
    return refusal_lists_of(config.dialects) if config.refusal_lists is None else config.refusal_lists


def read_listed_refusals(repository: Repository, config: Config, branches: Sequence[TrackedBranch]) -> Listed:
    """Return what each branch lists, on its tip or on that of its staging branch; nothing where no file is known."""
    paths = paths_of_lists(config)
    if not paths:
        return {}
    tips = {
        entry.branch.name: dict.fromkeys(tip.oid for tip in (entry.tip, entry.staging) if tip is not None)
        for entry in branches
    }
    contents = files_at(repository, [(oid, path) for oids in tips.values() for oid in oids for path in paths])
    return {
        name: tuple(
            dict.fromkeys(
                (path, refusal)
                for oid in oids
                for path in paths
                if (oid, path) in contents
                for refusal in read_refusal_list(path, contents[oid, path])
            )
        )
        for name, oids in tips.items()
    }
