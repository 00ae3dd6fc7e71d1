"""Which items of the queue a person means: what was typed, on which branches, or all that a query admits.

Every decision selects here, so that ranges, abbreviations, versions and queries mean the same everywhere. This module
must not change an item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from backportq.errors import BackportqError, DecisionError, RefError, UsageError
from backportq.git.read.lookup import read_commits
from backportq.git.repository import Repository
from backportq.model.branch_relations import in_release_order
from backportq.model.ids import BranchName, Oid, short
from backportq.model.items.item import Item
from backportq.model.items.queue import BranchQueue, ItemKey, QueueState
from backportq.model.words import typed
from backportq.services.branches import choose_branches, find_in, is_branch_word, problem_of, readable
from backportq.services.commits import find_commits
from backportq.services.project import Project

_HEX = re.compile(r"[0-9a-fA-F]{4,64}\Z")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed: `words` are commits, ranges, and branches (by name or version), `branches` those given by an
    option, `query` the text of a query. `older`: on the older branches that have it open, too. `merges`: the merges of
    ranges, too."""

    words: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    query: str | None = None
    older: bool = False
    merges: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """What was meant.

    - `commits` stand in the order typed (of a range, oldest first), `branches` in the order of the configuration.
    - `is_named` says whether these branches were named: then a commit that one of them lacks is an error.
    - `matching` are the items that a query admits; None where there was no query, and the commits say what is meant.
    """

    commits: tuple[Oid, ...]
    branches: tuple[BranchName, ...]
    is_named: bool
    matching: tuple[ItemKey, ...] | None = None


def select(project: Project, state: QueueState, asked: Asked, *, closed_too: bool = False) -> Selection:
    """Return what `asked` means on this reading of the queue.

    Raise `RefError`, `ConfigError` or `UsageError`. A query admits open items, with `closed_too` also closed ones.
    """
    commits, branches = split_words(state, asked)
    if asked.query is None:
        chosen = _with_members(
            project.repository, state, choose(project.repository, state, commits, branches, merges=asked.merges)
        )
        return _with_older(state, chosen) if asked.older else chosen
    from backportq.services.items.query import matching_items  # a query may need trials and paths

    within = choose(project.repository, state, commits, branches) if commits else None
    keys = matching_items(project, state, asked.query, branches, closed_too=closed_too)
    kept = tuple(key for key in keys if within is None or key[1] in within.commits)
    names = tuple(branch.name for branch in choose_branches(state.config, branches))
    return Selection(tuple(dict.fromkeys(commit for _, commit in kept)), names, bool(branches), kept)


def split_words(state: QueueState, asked: Asked) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the commits and the branches of what was typed; the tip of a stable branch is hardly meant as a commit."""
    branches = [word for word in asked.words if is_branch_word(state.config, word)]
    return tuple(word for word in asked.words if word not in branches), (*asked.branches, *branches)


def choose(
    repository: Repository,
    state: QueueState,
    commits: Sequence[str],
    branches: Sequence[str] = (),
    *,
    merges: bool = False,
) -> Selection:
    """Return what the typed `commits` and `branches` mean.

    A commit is first looked for among the items, also by abbreviation, then in the repository. Raise `RefError`,
    `ConfigError` or `UsageError`. A range is without its merges unless they are asked for.
    """
    if not commits:
        raise UsageError("no commit given", hints=("backportq pending lists what is in the queue",))
    names = tuple(branch.name for branch in choose_branches(state.config, branches))
    queues = [state.queue_of(name) for name in names]
    if not branches:  # one broken file is no reason to stop what is decided elsewhere
        queues = list(readable(queues, closed_too=False))
    oids = dict.fromkeys(oid for text in commits for oid in _resolve(repository, state, queues, text, merges=merges))
    return Selection(tuple(oids), names, bool(branches))


def choose_one(repository: Repository, state: QueueState, text: str) -> Selection:
    """Like `choose` for what must be a single commit."""
    chosen = choose(repository, state, [text], ())
    if len(chosen.commits) != 1:
        raise UsageError(f"'{text}' names {len(chosen.commits)} commits, wanted one")
    return chosen


def find_items(state: QueueState, selection: Selection, *, closed_too: bool) -> Mapping[ItemKey, Item]:
    """Return the items of `selection` in `state` by branch and commit.

    Raise `DecisionError` for a commit that no chosen branch has, or that one of the named branches lacks. Without
    `closed_too`, closed items count only where they are all there is, so that the decision can say why it won't do.
    What a query admitted and is gone by now, or closed, is left out.
    """
    if selection.matching is not None:
        return _still_there(state, selection.matching, closed_too=closed_too)
    items: dict[ItemKey, Item] = {}
    for commit in selection.commits:
        queues = [state.queue_of(name) for name in selection.branches]
        if selection.is_named:
            here = {queue.branch: item for queue in queues if (item := queue.find(commit)) is not None}
        else:
            here = find_in(queues, commit)
        lacking = [name for name in selection.branches if name not in here]
        if not here or (selection.is_named and lacking):
            for problem in (problem_of(queue) for queue in queues if selection.is_named and queue.branch in lacking):
                if problem is not None:
                    raise problem
            raise _absent(commit, lacking if selection.is_named else (), state)
        still_open = {name: item for name, item in here.items() if item.state.is_open}
        if not closed_too and not selection.is_named and still_open:
            here = still_open
        items.update({(name, commit): item for name, item in here.items()})
    return items


def older_with(state: QueueState, selection: Selection) -> tuple[BranchName, ...]:
    """Return the branches older than the newest named one that have every commit open, the newest first."""
    if not selection.is_named or selection.matching is not None:
        return ()
    names = [branch.name for branch in in_release_order(state.config.branches)]
    newest = max(map(names.index, selection.branches), default=0)
    older = []
    for name in reversed(names[:newest]):
        if name in selection.branches:
            continue
        items = [find_in([state.queue_of(name)], commit).get(name) for commit in selection.commits]
        if all(item is not None and item.state.is_open for item in items):
            older.append(name)
    return tuple(older)


def is_known(queues: Iterable[BranchQueue], commit: Oid) -> bool:
    """Tell whether any of these queues has an item of `commit`."""
    return bool(find_in(queues, commit))


def _with_members(repository: Repository, state: QueueState, selection: Selection) -> Selection:
    """Put what a merge brought in its place where the queue has that and not the merge: they are one change."""
    queues = [state.queue_of(name) for name in selection.branches]
    if not selection.is_named:
        queues = list(readable(queues))

    def is_here(oid: Oid) -> bool:  # of a branch that is named, what is wrong with its file ends the command
        return any(queue.find(oid) is not None for queue in queues) if selection.is_named else is_known(queues, oid)

    absent = [oid for oid in selection.commits if not is_here(oid)]
    if not absent:
        return selection
    brought: dict[Oid, tuple[Oid, ...]] = {}
    for oid, commit in read_commits(repository, absent).items():
        if commit.is_merge:
            listing = repository.git.text("rev-list", "--reverse", "--no-merges", f"{oid}^1..{oid}").split()
            brought[oid] = tuple(Oid(member) for member in listing if is_here(Oid(member)))
    meant = dict.fromkeys(each for oid in selection.commits for each in brought.get(oid) or (oid,))
    return replace(selection, commits=tuple(meant))


def _with_older(state: QueueState, selection: Selection) -> Selection:
    wanted = {*selection.branches, *older_with(state, selection)}
    names = tuple(branch.name for branch in state.config.branches if branch.name in wanted)
    return Selection(selection.commits, names, selection.is_named)


def _still_there(state: QueueState, keys: Sequence[ItemKey], *, closed_too: bool) -> Mapping[ItemKey, Item]:
    items = {}
    for branch in dict.fromkeys(branch for branch, _ in keys):
        queue = state.queue_of(branch)
        by_commit = {item.commit: item for item in (*queue.open, *(queue.closed if closed_too else ()))}
        items.update(
            {(branch, commit): by_commit[commit] for name, commit in keys if name == branch and commit in by_commit}
        )
    return items


def _resolve(
    repository: Repository, state: QueueState, queues: Sequence[BranchQueue], text: str, *, merges: bool = False
) -> tuple[Oid, ...]:
    if _HEX.match(text):
        lowered = text.lower()
        matches = sorted({item.commit for queue in queues for item in queue.open if item.commit.startswith(lowered)})
        if not matches:
            matches = sorted(
                {item.commit for queue in readable(queues) for item in queue.closed if item.commit.startswith(lowered)}
            )
        if len(matches) == 1:
            return (matches[0],)
    else:
        matches = []
    try:
        return find_commits(repository, state, text, merges=merges)
    except BackportqError as error:
        if matches:
            names = ", ".join(f"'{short(oid)}'" for oid in matches)
            raise RefError(f"'{text}' may be several items: {names}", hints=("give more digits",)) from error
        raise


def _absent(commit: Oid, branches: Sequence[BranchName], state: QueueState) -> DecisionError:
    name = short(commit)
    elsewhere = list(find_in(state.branches.values(), commit))
    where = f" of '{branches[0]}'" if branches else ""
    hints = [f"it is in the queue of {', '.join(elsewhere)}"] if elsewhere else []
    option = f" --branch {typed(branches[0])}" if branches else ""
    hints.append(f"backportq tag {name}{option}")
    return DecisionError(f"'{name}' is not in the queue{where}", hints=tuple(hints))
