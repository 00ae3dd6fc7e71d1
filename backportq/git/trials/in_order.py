"""Applying a queue in order: each commit on top of those before it that apply.

Commits that touch different paths cannot influence each other where git merges file by file, so they are applied in
waves, many at once; what git must merge as a whole waits for everything before it. The answers are those of applying
one after the other. This module must not decide what blocks what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backportq.git.trials.readers import Entry, TreeChange
from backportq.git.trials.remembered import Application, Outcome, RememberedVerdict
from backportq.git.trials.session import TrialSession
from backportq.git.trials.trees import ATTRIBUTES_FILE, OddTreeError
from backportq.model.ids import Oid
from backportq.model.trials.verdict import Verdict


def apply_in_order(
    session: TrialSession, onto: Oid, commits: Sequence[Oid], alone: Mapping[Oid, Outcome]
) -> tuple[dict[Oid, Outcome], Oid]:
    """Return what each commit gives on top of the earlier ones that apply, and the tree after the last one.

    `onto` is a commit or a tree; `alone` what each gives onto it. Commits that cannot be tried keep their reason.
    """
    tree = session.tree_of(onto)
    if tree is None:
        return {commit: alone[commit] for commit in commits}, onto
    changes = session.changes(list(commits))
    # Git itself fails on some merges; what fails alone may still apply in order, on exactly the tree it is meant for.
    must_wait = {
        commit
        for commit in commits
        if isinstance(alone[commit], str) or _is_whole(alone[commit]) or _moves_names(changes[commit])
    }
    paths = {commit: frozenset(change.path for change in changes[commit]) for commit in commits}
    return _exactly(session, onto, commits, paths, must_wait, alone)


def _one_by_one(session: TrialSession, onto: Oid, commits: Sequence[Oid]) -> tuple[dict[Oid, Outcome], Oid]:
    outcomes: dict[Oid, Outcome] = {}
    at = onto
    for commit in commits:
        outcome = outcomes[commit] = session.apply([Application(commit, at)], keep=True)[0]
        if isinstance(outcome, RememberedVerdict) and outcome.tree is not None:
            at = outcome.tree
    return outcomes, at


def _exactly(
    session: TrialSession,
    onto: Oid,
    commits: Sequence[Oid],
    paths: Mapping[Oid, frozenset[bytes]],
    must_wait: set[Oid],
    alone: Mapping[Oid, Outcome],
) -> tuple[dict[Oid, Outcome], Oid]:
    while True:
        try:
            return _in_waves(session, onto, commits, paths, must_wait, alone)
        except _MustWait as unexpected:  # later ones went before it: from the start, with what is known by now
            must_wait.add(unexpected.commit)
        except OddTreeError:
            return _one_by_one(session, onto, commits)


class _MustWait(Exception):  # noqa: N818 - not a failure
    """A commit turned out to be merged as a whole, because earlier ones changed names that it is about."""

    def __init__(self, commit: Oid) -> None:
        super().__init__(commit)
        self.commit = commit


def _in_waves(
    session: TrialSession,
    onto: Oid,
    commits: Sequence[Oid],
    paths: Mapping[Oid, frozenset[bytes]],
    must_wait: set[Oid],
    alone: Mapping[Oid, Outcome],
) -> tuple[dict[Oid, Outcome], Oid]:
    outcomes: dict[Oid, Outcome] = {}
    tree = onto
    left = list(commits)
    while left:
        wave = _next_wave(left, paths, must_wait, alone)
        found = session.apply([Application(commit, tree) for commit in wave], keep=True)
        entries: dict[bytes, Entry | None] = {}
        only: Oid | None = None
        for commit, outcome in zip(wave, found, strict=True):
            waits = commit in must_wait
            if not waits and (_is_whole(outcome) or isinstance(outcome, str)):
                raise _MustWait(commit)
            if waits and entries:
                break  # it was tried on a tree without what the ones before it changed
            outcomes[commit] = outcome
            after = (
                outcome.tree if isinstance(outcome, RememberedVerdict) and outcome.verdict is Verdict.CLEAN else None
            )
            if after is None:
                continue
            if waits or len(wave) == 1:
                only = after
                break  # the next ones have to see its names
            entries.update(session.entries(after, paths[commit]))
        if only is not None:
            tree = only
        elif entries:
            tree = session.spliced(session.tree_of(tree) or tree, entries)
        left = [commit for commit in left if commit not in outcomes]
    return outcomes, tree


def _next_wave(
    left: Sequence[Oid],
    paths: Mapping[Oid, frozenset[bytes]],
    must_wait: set[Oid],
    alone: Mapping[Oid, Outcome],
) -> list[Oid]:
    """Return commits that can be tried now, on the same tree: none touches a path of an earlier one that is left.

    One that must wait for all before it is among them only where those will probably change nothing, since they
    conflict alone; what the guess is wrong about is tried again. The first one is always among them.
    """
    wave: list[Oid] = []
    touched: set[bytes] = set()
    will_change = False
    for commit in left:
        if commit in must_wait:
            if will_change:
                break
            wave.append(commit)
            if not _conflicts(alone[commit]):
                break
        else:
            is_free = touched.isdisjoint(paths[commit])
            if is_free:
                wave.append(commit)
            touched |= paths[commit]
            will_change = will_change or not is_free or not _conflicts(alone[commit])
    return wave


def _conflicts(outcome: Outcome) -> bool:
    return isinstance(outcome, RememberedVerdict) and outcome.verdict is Verdict.CONFLICT


def _is_whole(outcome: Outcome) -> bool:
    return isinstance(outcome, RememberedVerdict) and outcome.is_whole


def _moves_names(changes: Sequence[TreeChange]) -> bool:
    """Tell whether other commits may depend on more than the paths that these changes touch."""
    return any(change.old is None or change.new is None or change.path.endswith(ATTRIBUTES_FILE) for change in changes)
