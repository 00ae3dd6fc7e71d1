"""The stable branches that a person means: by name, by version, or all of them.

Every command that takes `BRANCH…` chooses here, so a typing error gets the same answer everywhere. A configured branch
that is gone from git stops the commands that name it; the others set it aside, and say so. So does a branch of whose
files in the queue one cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC

from backportq.errors import ConfigError, QueueFileError, RefError
from backportq.git.refs import Refs, resolve_configured
from backportq.model.config import Config, StableBranch, Support
from backportq.model.ids import BranchName, Oid
from backportq.model.items.item import Item
from backportq.model.items.queue import BranchQueue
from backportq.model.near_words import near_words
from backportq.model.notices import tell
from backportq.model.words import typed
from backportq.services.project import system_clock

_NEAR = 3


@dataclass(frozen=True, slots=True)
class GoneBranch:
    """A configured stable branch that git does not have here: deleted, pruned, or never fetched. `missing` is its own
    name or that of its staging branch: without that, it is not known what has landed."""

    branch: StableBranch
    missing: BranchName

    @property
    def text(self) -> str:
        """What is missing, and what becomes of the branch's items."""
        staging = "" if self.missing == self.branch.name else f"staging branch '{self.missing}' of "
        return f"{staging}branch '{self.branch.name}' is not in this repository; its items are kept aside"

    @property
    def hints(self) -> tuple[str, ...]:
        """What to type about it."""
        retiring = f'backportq edit config, support = "{Support.END_OF_LIFE}" retires it'
        if self.missing != self.branch.name:
            retiring = "backportq edit config, if it has no staging branch any more"
        return (retiring, "git fetch, if it is only missing in this clone")


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


def set_gone_aside(config: Config, refs: Refs) -> tuple[Config, tuple[GoneBranch, ...]]:
    """Return the configuration without the branches that are gone from git, and these.

    Raise `RefError` if none is left of those that are not retired: then it is hardly the branches that are wrong.
    """
    here: list[StableBranch] = []
    gone: list[GoneBranch] = []
    for branch in config.branches:
        missing = _missing_name(config, refs, branch)
        if missing is None:
            here.append(branch)
        else:
            gone.append(GoneBranch(branch, missing))
    if not gone:
        return config, ()
    if not here:
        for each in not_retired(gone):
            resolve_configured(refs, config, each.missing)
    return replace(config, branches=tuple(here)), tuple(gone)


def refuse_gone(config: Config, refs: Refs, names: Iterable[BranchName]) -> None:
    """Raise `RefError` for the first of these configured branches that is gone, or whose staging branch is."""
    wanted = frozenset(names)
    for branch in config.branches:
        missing = _missing_name(config, refs, branch) if branch.name in wanted else None
        if missing is not None:
            resolve_configured(refs, config, missing)


def not_retired(gone: Iterable[GoneBranch]) -> tuple[GoneBranch, ...]:
    """Return those whose support has not ended: that a retired branch is gone is no news."""
    day = system_clock().astimezone(UTC).date()
    return tuple(each for each in gone if each.branch.support_on(day) is not Support.END_OF_LIFE)


def tell_gone(gone: Iterable[GoneBranch]) -> None:
    """Say which branches a command goes on without."""
    for each in not_retired(gone):
        tell(each.text, each.hints)


def _missing_name(config: Config, refs: Refs, branch: StableBranch) -> BranchName | None:
    for name in (branch.name, branch.staging):
        if name is None:
            continue
        try:
            resolve_configured(refs, config, name)
        except RefError:
            if name in refs.branch_names(config.remote):
                raise  # it is there more than once
            return name
    return None


def problem_of(queue: BranchQueue, *, closed_too: bool = True) -> QueueFileError | None:
    """Return what is wrong with the files of a branch, None if they can be read; the closed one only if wanted."""
    try:
        _ = queue.open, closed_too and queue.closed
    except QueueFileError as error:
        return error
    return None


def readable(queues: Iterable[BranchQueue], *, closed_too: bool = True) -> Iterator[BranchQueue]:
    """Yield the queues that can be read, and say which cannot: for commands about no branch of their own."""
    for queue in queues:
        problem = problem_of(queue, closed_too=closed_too)
        if problem is None:
            yield queue
        else:
            tell_unreadable(queue.branch, problem)


def find_in(queues: Iterable[BranchQueue], commit: Oid) -> dict[BranchName, Item]:
    """Return the items of a commit by branch, without those of branches that cannot be read; a file that does not name
    the commit is not parsed."""
    found = {}
    for queue in queues:
        try:
            item = queue.find(commit)
        except QueueFileError as error:
            tell_unreadable(queue.branch, error)
            continue
        if item is not None and list(readable([queue])):
            found[queue.branch] = item
    return found


def tell_unreadable(branch: BranchName, problem: QueueFileError) -> None:
    """Say that a command goes on without the items of a branch."""
    tell(f"the items of '{branch}' are left out: {problem.message}", problem.hints)
