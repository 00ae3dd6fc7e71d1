"""The stable branches that a person means: by name, by version, or all of them.

Every command that takes `BRANCH…` chooses here, so a typing error gets the same answer everywhere. Refs are not looked
at: whoever reads the tip of a configured branch reports that it is gone.
"""

from __future__ import annotations

from collections.abc import Sequence

from backportq.errors import ConfigError
from backportq.model.config import Config, StableBranch
from backportq.model.near_words import near_words
from backportq.model.words import typed

_NEAR = 3


def choose_branches(config: Config, names: Sequence[str]) -> tuple[StableBranch, ...]:
    """Return the named branches in the order of the configuration; all of them when none is named.

    A version (`4.18`) or a staging branch stands for its branch. Raise `ConfigError` with near matches for an unknown
    name.
    """
    if not names:
        return config.branches
    chosen = {_choose(config, name).name for name in names}
    return tuple(branch for branch in config.branches if branch.name in chosen)


def is_branch_word(config: Config, word: str) -> bool:
    """Tell whether `word` names a stable branch where a commit could stand, too: by its name, version or staging
    branch."""
    return any(word in (branch.name, branch.version, branch.staging) for branch in config.branches)


def _choose(config: Config, name: str) -> StableBranch:
    for branch in config.branches:
        if branch.name == name:
            return branch
    # A staging branch stands for its stable branch: people name the one that they push to.
    by_version = [branch for branch in config.branches if branch.version == name or branch.staging == name]
    if len(by_version) == 1:
        return by_version[0]
    known = [branch.name for branch in config.branches]
    near = near_words(name, known, at_most=_NEAR)
    hints = [f"did you mean {' or '.join(repr(other) for other in near)}?"] if near else []
    if known:
        hints.append(f"the stable branches are {', '.join(known)}")
    hints.append(f"backportq init --branch {typed(name)} adds it, if it exists in git")
    raise ConfigError(f"'{name}' is not a configured stable branch", hints=tuple(hints))
