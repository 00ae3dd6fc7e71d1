"""`suggest`: commits that nothing names but that look like what this project takes, ranked, with reasons.

What was learned is made from the past alone and kept for the tips. Whatever the queue knows of a branch, open or
closed, is not suggested again, so that a refusal is remembered. This module must not decide anything: `tag` takes what
a person chooses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from backportq import __version__
from backportq.errors import UsageError
from backportq.model.config import Support
from backportq.model.ids import BranchName, Oid, short
from backportq.model.likelihood.counts import Kind
from backportq.model.likelihood.linear import LinearModel
from backportq.model.likelihood.outlook import REASONS, passed_over_words
from backportq.model.likelihood.past import DAY, Past, PastBranch, PastChange
from backportq.services.branches import choose_branches
from backportq.services.commits import find_commit, state_of
from backportq.services.history.stored_facts import HistoryOfQueue
from backportq.services.project import Project
from backportq.services.suggest.candidates import BranchWatch, last_moment
from backportq.services.suggest.learn import Vocabulary, learn, states_of
from backportq.services.suggest.past import past_of

_SECTION = "suggest"
_KEY = "suggest-key"
_FORTNIGHT = 14 * DAY


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A commit that looks like it belongs on `branch`: the chance, 0 to 1, and the reasons in words."""

    branch: BranchName
    commit: Oid
    subject: str
    author: str
    likely: float
    reasons: tuple[str, ...]


def suggest(project: Project, branches: Sequence[str] = (), *, limit: int) -> tuple[Suggestion, ...]:
    """Return at most `limit` suggestions for each of `branches` (all that still take anything if none is named), the
    likeliest first. Raise `ConfigError` for an unknown branch."""
    advisor = _Advisor(project)
    found: list[Suggestion] = []
    for name in advisor.chosen(branches):
        found += advisor.suggestions(name)[:limit]
    return tuple(found)


def explain_suggestion(project: Project, commit: str, branch: str) -> Suggestion:
    """Return how likely one upstream commit is on one branch, whatever the queue says of it.

    Raise `RefError` for a commit that is not there, `UsageError` for one that the branch has or upstream lacks.
    """
    oid = find_commit(project.repository, state_of(project), commit)
    advisor = _Advisor(project)
    (name,) = advisor.chosen((branch,))
    return advisor.explain(oid, name)


class _Advisor:
    """Everything that suggestions are made from, read once."""

    def __init__(self, project: Project) -> None:
        self._state = project.store.snapshot().state
        self._day = project.clock().date()
        history = HistoryOfQueue(project.repository, self._state)
        history.tell_left_out()
        history.facts.load(history.facts.commits)
        self._past = past_of(history.facts)
        self._now = last_moment(self._past) + 1
        self._vocabulary = Vocabulary()
        self._model = _learned(history, self._past, self._now, self._vocabulary)
        self._branches = {branch.name: branch for branch in self._past.branches}

    def chosen(self, names: Sequence[str]) -> tuple[BranchName, ...]:
        """Return the branches that are meant: those named, or all that take anything."""
        chosen = choose_branches(self._state.config, names)
        return tuple(each.name for each in chosen if names or each.support_on(self._day) is not Support.END_OF_LIFE)

    def suggestions(self, name: BranchName) -> list[Suggestion]:
        """Return all suggestions for one branch, the likeliest first."""
        queue = self._state.queue_of(name)
        known = {item.commit for item in (*queue.open, *queue.closed)}
        watch = self._watch(self._branches[name])
        opened = [change for change in watch.open(self._now) if change.commit.oid not in known and not change.is_merge]
        unnamed = [change for change in opened if watch.kind(change) is None]
        made = [_suggestion(self._model, self._vocabulary, watch, change, None, self._now) for change in unnamed]
        return sorted(made, key=lambda each: (-each.likely, each.commit))

    def explain(self, oid: Oid, name: BranchName) -> Suggestion:
        """Return what can be said of one commit."""
        watch = self._watch(self._branches[name])
        place = self._past.place_of(oid)
        if place is None or place <= watch.branch.base:
            raise UsageError(
                f"'{short(oid)}' is nothing that {name} could take: upstream lacks it, or the branch is newer",
                hints=(f"backportq show {short(oid)}",),
            )
        if place in watch.has:
            raise UsageError(f"{name} has '{short(oid)}' already", hints=(f"backportq show {short(oid)}",))
        change = self._past.changes[place]
        return _suggestion(self._model, self._vocabulary, watch, change, watch.kind(change), self._now)

    def _watch(self, branch: PastBranch) -> BranchWatch:
        watch = BranchWatch(self._past, branch)
        watch.advance(self._now)
        return watch


def _learned(history: HistoryOfQueue, past: Past, now: int, vocabulary: Vocabulary) -> LinearModel:
    """Return what was learned at the last turn of a fortnight: kept, or made anew where the past is another."""
    turn = now // _FORTNIGHT * _FORTNIGHT
    said = [
        (branch.name, branch.parted, [taking.place for taking in branch.takings if taking.moment < turn])
        for branch in past.branches
    ]
    first = past.changes[0].commit.oid if past.changes else ""
    key = hashlib.sha256(json.dumps([__version__, turn, first, said]).encode()).hexdigest()
    kept = history.index.find_entry(_SECTION, "") if history.index.find_meta(_KEY) == key else None
    if kept is not None:
        return LinearModel(kept["weights"], kept["bias"])
    model = learn(past, turn, vocabulary)
    with history.index.keeping():
        history.index.put_meta(_KEY, key)
        history.index.put_entries(_SECTION, [("", {"bias": model.bias, "weights": dict(model.weights)})])
    return model


def _suggestion(
    model: LinearModel, vocabulary: Vocabulary, watch: BranchWatch, change: PastChange, kind: Kind | None, now: int
) -> Suggestion:
    words, states = vocabulary.words(change), states_of(watch, change, now, kind)
    parts = sorted(model.parts(words, ()), key=lambda part: -abs(part[1]))
    reasons = [passed_over_words(watch.passed_over(change.place))]
    reasons += [_reason(token, weight) for token, weight in parts[: REASONS - 1] if weight]
    commit = change.commit
    return Suggestion(
        watch.branch.name,
        commit.oid,
        commit.subject,
        str(commit.author),
        round(model.likely(words, states), 3),
        tuple(reasons),
    )


def _reason(token: str, weight: float) -> str:
    """Return what a token says, in words."""
    where, _, what = token.partition(" ")
    said = {
        "subject": f"the subject says '{what}'",
        "text": f"the message says '{what}'",
        "trailer": f"it has the trailer '{what}'",
        "author": f"by {what}",
        "committer": f"committed by {what}",
    }[where]
    return f"{said}, which is taken {'more' if weight > 0 else 'less'} often"
