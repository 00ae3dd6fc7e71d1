"""Which items of the queue a person means: what was typed, and on which branches.

Every decision chooses here, so that ranges, abbreviations and the branch option mean the same everywhere. This module
must not change an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from backportq.errors import BackportqError, DecisionError, RefError, UsageError
from backportq.git.read.lookup import resolve_commit, resolve_range
from backportq.git.repository import Repository
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.item import Item
from backportq.model.items.queue import BranchQueue, QueueState
from backportq.model.words import typed
from backportq.services.branches import choose_branches

_HEX = re.compile(r"[0-9a-fA-F]{4,64}\Z")


@dataclass(frozen=True, slots=True)
class Selection:
    """What was asked for: the commits in the order typed (of a range, oldest first), the branches in the order of the
    configuration, and whether these branches were named (then a commit missing on one is an error)."""

    commits: tuple[Oid, ...]
    branches: tuple[BranchName, ...]
    is_named: bool


def choose(
    repository: Repository,
    state: QueueState,
    commits: Sequence[str],
    branches: Sequence[str] = (),
    *,
    merges: bool = False,
) -> Selection:
    """Return what the typed `commits` and `branches` mean.

    A commit is first looked for among the items, also by abbreviation, then in the repository. A stable branch is
    refused, because its tip is hardly what was meant. A range is without its merges unless they are asked for.
    Raise `RefError`, `ConfigError` or `UsageError`.
    """
    if not commits:
        raise UsageError("no commit given", hints=("backportq pending lists what is in the queue",))
    names = tuple(branch.name for branch in choose_branches(state.config, branches))
    queues = [state.queue_of(name) for name in names]
    found: dict[Oid, None] = {}
    for text in commits:
        oids = _resolve(repository, queues, text, merges=merges)
        if any(text == branch.name for branch in state.config.branches) and not is_known(queues, oids[0]):
            raise UsageError(
                f"'{text}' is a stable branch, wanted a commit", hints=(f"--branch {typed(text)} names a branch",)
            )
        found.update(dict.fromkeys(oids))
    return Selection(tuple(found), names, bool(branches))


def choose_one(repository: Repository, state: QueueState, text: str, branches: Sequence[str] = ()) -> Selection:
    """Like `choose` for what must be a single commit."""
    chosen = choose(repository, state, [text], branches)
    if len(chosen.commits) != 1:
        raise UsageError(f"'{text}' names {len(chosen.commits)} commits, wanted one")
    return chosen


def find_items(state: QueueState, chosen: Selection, *, closed_too: bool) -> Mapping[tuple[BranchName, Oid], Item]:
    """Return the items of `chosen` by branch and commit.

    Raise `DecisionError` for a commit that no chosen branch has, or that one of the named branches lacks. Without
    `closed_too`, closed items count only where they are all there is, so that the decision can say why it won't do.
    """
    found: dict[tuple[BranchName, Oid], Item] = {}
    for commit in chosen.commits:
        here = {name: item for name in chosen.branches if (item := state.queue_of(name).find(commit)) is not None}
        lacking = [name for name in chosen.branches if name not in here]
        if not here or (chosen.is_named and lacking):
            raise _absent(commit, lacking if chosen.is_named else (), state)
        still_open = {name: item for name, item in here.items() if item.state.is_open}
        if not closed_too and not chosen.is_named and still_open:
            here = still_open
        found.update({(name, commit): item for name, item in here.items()})
    return found


def is_known(queues: Iterable[BranchQueue], commit: Oid) -> bool:
    """Tell whether any of these queues has an item of `commit`."""
    return any(queue.find(commit) is not None for queue in queues)


def _resolve(
    repository: Repository, queues: Sequence[BranchQueue], text: str, *, merges: bool = False
) -> tuple[Oid, ...]:
    if _HEX.match(text):
        lowered = text.lower()
        matches = sorted({item.commit for queue in queues for item in queue.open if item.commit.startswith(lowered)})
        if not matches:
            matches = sorted(
                {item.commit for queue in queues for item in queue.closed if item.commit.startswith(lowered)}
            )
        if len(matches) == 1:
            return (matches[0],)
    else:
        matches = []
    try:
        return resolve_range(repository, text, merges=merges) if ".." in text else (resolve_commit(repository, text),)
    except BackportqError as error:
        if matches:
            names = ", ".join(f"'{short(oid)}'" for oid in matches)
            raise RefError(f"'{text}' may be several items: {names}", hints=("give more digits",)) from error
        raise


def _absent(commit: Oid, branches: Sequence[BranchName], state: QueueState) -> DecisionError:
    name = short(commit)
    elsewhere = [branch for branch in state.branches if state.queue_of(branch).find(commit) is not None]
    where = f" of '{branches[0]}'" if branches else ""
    hints = [f"it is in the queue of {', '.join(elsewhere)}"] if elsewhere else []
    option = f" --branch {typed(branches[0])}" if branches else ""
    hints.append(f"backportq tag {name}{option}")
    return DecisionError(f"'{name}' is not in the queue{where}", hints=tuple(hints))
