"""Learning from the past which changes a project takes: by their words, who wrote them, and what was passed over.

The samples are what was open on young branches every fourth Monday or so of the last four years; of what was not taken
a fixed part stands for all. Nothing that came after the moment of learning is used. This module must not rank anything
itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from backportq.model.likelihood.counts import Kind, step_of
from backportq.model.likelihood.linear import LinearModel, Sample, train
from backportq.model.likelihood.past import DAY, Past, PastBranch, PastChange
from backportq.services.suggest.candidates import YOUNG, BranchWatch
from backportq.services.suggest.past import subject_and_body

_YEARS = 4 * 365 * DAY
_EVERY = 28 * DAY
_OUTCOME_KNOWN = 120 * DAY
_ONE_IN = 4  # of what was not taken
_AGES = (0, 3, 7, 14, 30, 60, 90, 120, 180, 240)
_WORD = re.compile(r"[a-z][a-z0-9_]{1,24}")
_TRAILER = re.compile(r"(?m)^([A-Za-z][A-Za-z-]{1,24}):[ \t].*$")
_BODY = 3_000  # characters
_MOST_WORDS = 120


class Vocabulary:
    """The tokens of changes, made once for each."""

    def __init__(self) -> None:
        self._words: dict[int, tuple[str, ...]] = {}

    def words(self, change: PastChange) -> tuple[str, ...]:
        """Return what the message says and who made the change, as tokens."""
        found = self._words.get(change.place)
        if found is None:
            found = self._words[change.place] = tuple(_words_of(change))
        return found


def states_of(watch: BranchWatch, change: PastChange, moment: int, kind: Kind | None) -> tuple[str, ...]:
    """Return how the change stands on the branch at `moment`, as tokens."""
    passed = step_of(watch.passed_over(change.place))
    age = bisect_right(_AGES, (moment - change.entered) // DAY) - 1
    why = str(kind) if kind is not None else "nothing"
    return (f"passed {passed}", f"age {age}", f"named {why}", f"named {why}, passed {passed}")


def learn(past: Past, until: int, vocabulary: Vocabulary) -> LinearModel:
    """Return what the past before `until` teaches."""
    samples: list[Sample] = []
    for branch in past.branches:
        samples += _samples(past, branch, until, vocabulary)
    return train(samples)


def _samples(past: Past, branch: PastBranch, until: int, vocabulary: Vocabulary) -> Iterator[Sample]:
    moment = max(branch.parted, until - _YEARS)
    end = min(until - _OUTCOME_KNOWN, branch.parted + YOUNG)
    if moment >= end:
        return
    outcome = {taking.place: taking.moment for taking in branch.takings}
    watch = BranchWatch(past, branch)
    number = 0
    while moment < end:
        watch.advance(moment)
        for change in watch.open(moment):
            taken = outcome.get(change.place)
            is_taken = taken is not None and taken < min(until, moment + _OUTCOME_KNOWN)
            number += 1
            if change.is_merge or (not is_taken and number % _ONE_IN):
                continue
            states = states_of(watch, change, moment, watch.kind(change))
            yield Sample(vocabulary.words(change), states, is_taken, 1.0 if is_taken else float(_ONE_IN))
        moment += _EVERY


def _words_of(change: PastChange) -> Iterator[str]:
    commit = change.commit
    subject, body = subject_and_body(commit)
    said = _WORD.findall(subject.lower())
    prose = _TRAILER.sub("", body[:_BODY]).lower()
    yield from dict.fromkeys(f"subject {word}" for word in said)
    yield from dict.fromkeys(f"subject {first} {second}" for first, second in pairwise(said))
    yield from list(dict.fromkeys(f"text {word}" for word in _WORD.findall(prose)))[:_MOST_WORDS]
    yield from dict.fromkeys(f"trailer {key.lower()}" for key in _TRAILER.findall(body[:_BODY]))
    yield f"author {commit.author.name}"
    yield f"committer {commit.committer.name}"
