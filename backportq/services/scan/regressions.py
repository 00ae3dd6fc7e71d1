"""Fixes that a stable branch has and a newer maintained one lacks: upgrading would lose them.

A report for people and not a nomination: a commit may be absent from a newer branch for good reasons. This module must
not judge the queue; which commits were declined or are pending there is passed in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backportq.git.repository import Repository
from backportq.model.branch_relations import BranchRelations
from backportq.model.history.landed import LandedPick
from backportq.model.history.release_chores import is_chore_of_release
from backportq.model.ids import BranchName, Oid, short
from backportq.model.trials.verdict import Trial, Verdict
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.scan.report import UPGRADING_LOSES, ScanWarning, WarningKind

if TYPE_CHECKING:  # what nominates reads messages, and commands that only ask for the last scan read none
    from backportq.services.scan.nominate import Candidates


@dataclass(frozen=True, slots=True)
class MissingPick:
    """An upstream `commit` that `newer` lacks and `older` has as `pick`; of several branches `older` is the newest."""

    commit: Oid
    pick: Oid
    older: BranchName
    newer: BranchName


def find_missing_picks(
    facts: Facts, branches: Sequence[BranchFacts], nominated: Candidates, *, only: Oid | None = None
) -> tuple[MissingPick, ...]:
    """Return what any of `branches` (oldest version first) has as a pick and a newer one lacks. With `only`, look at
    this commit alone.

    Left out: what upstream reverted, what isn't upstream's, what a commit on the newer branch refuses, what fixes only
    commits that the newer branch doesn't have, and what was written for one release.
    """
    lacking: list[tuple[LandedPick, BranchFacts, BranchFacts]] = []
    relations = BranchRelations([entry.branch for entry in branches])
    by_name = {entry.branch.name: entry for entry in branches}
    if only is None:
        picked = [pick.upstream for older in branches for pick in older.picks]
        facts.prepare(picked)
        nominated.preparer(picked)
    for older in branches:
        newer_branches = [by_name[name] for name in relations.newer(older.branch.name)]
        for pick in older.picks if only is None else filter(None, (older.in_force(only),)):
            oid = pick.upstream
            if pick.reverted_by is not None or oid not in facts.order or oid in facts.reverted_by:
                continue
            targets = nominated.targets.get(oid)
            for newer in newer_branches:
                if newer.contains(oid) or oid in newer.refused:
                    continue
                if targets is None or any(newer.contains(target) for target in targets):
                    lacking.append((pick, older, newer))
    facts.load(pick.upstream for pick, _, _ in lacking)
    found: dict[tuple[BranchName, Oid], MissingPick] = {}
    for pick, older, newer in lacking:
        oid, name = pick.upstream, newer.branch.name
        if not is_chore_of_release(facts.commits[oid].subject, older.branch.version):
            found[name, oid] = MissingPick(oid, pick.commit, older.branch.name, name)
    return tuple(found.values())


def missing_in_newer(
    found: Iterable[MissingPick],
    declined: Mapping[BranchName, Collection[Oid]],
    pending: Mapping[BranchName, Collection[Oid]],
) -> tuple[ScanWarning, ...]:
    """Return a warning for each that was not declined for the newer branch."""
    warnings = []
    for each in found:
        oid, name = each.commit, each.newer
        if oid not in declined.get(name, ()):
            known = "; it is pending there" if oid in pending.get(name, ()) else UPGRADING_LOSES
            text = f"{each.older} has it as {short(each.pick)}, {name} lacks it{known}"
            warnings.append(ScanWarning(WarningKind.MISSING_IN_NEWER, oid, name, text))
    return tuple(warnings)


def still_lost(
    repository: Repository, branches: Sequence[BranchFacts], found: Sequence[ScanWarning]
) -> tuple[ScanWarning, ...]:
    """Return the warnings of `missing_in_newer` without losses of what the newer branch has although nothing says so.

    A pick that would change nothing there is no loss: the content came with another commit, or was written anew.
    """
    onto = {entry.branch.name: entry.onto for entry in branches}
    pairs = [(each.commit, onto[each.branch]) for each in found if each.is_loss and each.commit and each.branch in onto]
    if not pairs:
        return tuple(found)
    from backportq.git.trials import run_trials  # most scans find no loss, and need no trial

    mainlines = {commit: 1 for commit, _ in pairs if commit in branches[0].changes.members}
    outcomes = dict(zip(pairs, run_trials(repository, pairs, mainlines=mainlines), strict=True))

    def is_there(each: ScanWarning) -> bool:
        if not each.is_loss or each.commit is None or each.branch is None:
            return False
        outcome = outcomes.get((each.commit, onto.get(each.branch, each.commit)))
        return isinstance(outcome, Trial) and outcome.verdict is Verdict.EMPTY

    return tuple(each for each in found if not is_there(each))
