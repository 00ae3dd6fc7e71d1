"""Alternatives: picks of the same commit on other stable branches, already adapted by a person, that apply here.

Where an original conflicts, somebody may have solved the conflict on a neighbouring branch. This module must not look
for picks: it is given what the facts know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from backportq.git.repository import Repository
from backportq.git.trials import TrialSession
from backportq.model.history.landed import PicksElsewhere
from backportq.model.ids import BranchName, Oid
from backportq.model.trials.deviation import Deviation
from backportq.model.trials.verdict import Trial, TrialOutcome, Verdict
from backportq.services.trials.deviation import deviations_of


@dataclass(frozen=True, slots=True)
class Alternative:
    """A pick `commit` of the wanted commit on `branch`, what it gives on the branch in question, and how it deviates
    from the original (None where that could not be compared)."""

    commit: Oid
    branch: BranchName
    verdict: Verdict
    deviation: Deviation | None = None


@dataclass(frozen=True, slots=True)
class AlternativeSearch:
    """A commit wanted on `branch`, to be applied to the commit `onto`."""

    commit: Oid
    branch: BranchName
    onto: Oid


def list_alternatives(
    repository: Repository,
    elsewhere: PicksElsewhere,
    wanted: Sequence[AlternativeSearch],
    *,
    session: TrialSession | None = None,
    known: Mapping[tuple[Oid, Oid], TrialOutcome] = MappingProxyType({}),
) -> Mapping[AlternativeSearch, tuple[Alternative, ...]]:
    """Return, for each wanted commit, its picks on other branches with what they give here, nearest first.

    One trial for each pick: a lookup where it is known, else about a millisecond. Deviations are not worked out.
    """
    asked = [(each, branch, pick) for each in wanted for branch, pick in elsewhere.near(each.commit, each.branch)]
    if not asked:
        return dict.fromkeys(wanted, ())
    pairs = list(dict.fromkeys((pick, each.onto) for each, _, pick in asked if (pick, each.onto) not in known))
    if session is None:
        with TrialSession(repository) as own:
            outcomes = own.run(pairs)
    else:
        outcomes = session.run(pairs)
    found: dict[AlternativeSearch, list[Alternative]] = {each: [] for each in wanted}
    tried = {**known, **dict(zip(pairs, outcomes, strict=True))}
    for each, branch, pick in asked:
        outcome = tried[pick, each.onto]
        if isinstance(outcome, Trial):
            found[each].append(Alternative(pick, branch, outcome.verdict))
    return {each: tuple(alternatives) for each, alternatives in found.items()}


def pairs_of(elsewhere: PicksElsewhere, wanted: Sequence[AlternativeSearch]) -> list[tuple[Oid, Oid]]:
    """Return the trials that `list_alternatives` makes: each pick with where it would be applied."""
    return [(pick, each.onto) for each in wanted for _, pick in elsewhere.near(each.commit, each.branch)]


def with_deviations(
    repository: Repository, alternatives: Mapping[AlternativeSearch, Alternative]
) -> dict[AlternativeSearch, Alternative]:
    """Return the same alternatives with their deviations from the originals."""
    pairs: Iterable[tuple[Oid, Oid]] = ((found.commit, each.commit) for each, found in alternatives.items())
    deviations = deviations_of(repository, pairs)
    return {
        each: Alternative(found.commit, found.branch, found.verdict, deviations.get((found.commit, each.commit)))
        for each, found in alternatives.items()
    }
