"""A small history that forks, and its facts."""

from __future__ import annotations

from pathlib import Path

from backportq.git.repository import discover
from backportq.model.config import Config, StableBranch
from backportq.model.ids import BranchName
from backportq.services.history.facts import Facts
from backportq.services.history.gather import gather


def facts_of(path: Path, *branches: str, staging: bool = False, remote: str | None = None) -> Facts:
    """Gather facts for `master` and these branches, each named `stable-VERSION`."""
    stable = tuple(
        StableBranch(
            BranchName(name),
            name.removeprefix("stable-"),
            BranchName(name.replace("stable", "staging")) if staging else None,
        )
        for name in branches
    )
    config = Config(BranchName("master"), stable, dialects=("xen", "linux"), remote=remote)
    return gather(discover(path), config)
