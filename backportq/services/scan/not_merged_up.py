"""What only an older stable branch has: made there, and never brought to the newer ones, so that upgrading may lose it.

Of a branch that is merged upwards that is everything which waits to be merged; of any other, whatever was made on the
branch itself and calls itself a fix. This module must not judge the queue.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from backportq.model.branch_relations import BranchRelations
from backportq.model.commit import Commit
from backportq.model.history.release_chores import is_chore_of_release
from backportq.model.history.subjects import normal_subject_of
from backportq.model.ids import BranchName, Oid
from backportq.services.history.facts import BranchFacts, Facts
from backportq.services.history.upstream import is_ordinary
from backportq.services.scan.report import ScanWarning, WarningKind

_FIX = re.compile(r"\b(?:fix|fixes|fixed|bug ?fix|hot ?fix)\b|\bCVE-\d", re.IGNORECASE)
_CHORE = re.compile(r"(?:prepare |\[?)?(?:release|bump|version|v?\d+\.\d+)\b", re.IGNORECASE)
_REVERT = re.compile(r"revert\b", re.IGNORECASE)
_SHOWN = 50  # characters of a subject
_NAMED = 2  # branches one by one


def not_merged_up(facts: Facts, branches: Sequence[BranchFacts]) -> tuple[ScanWarning, ...]:
    """Return a warning for each commit that was made on one of `branches` (oldest version first) and that neither
    upstream nor the newest of them has, as itself or picked; it names the newest branch that has it. Nothing is told
    where not all could be compared."""
    silent = {entry.branch.name: _unexplained(entry) for entry in branches}
    if facts.warnings or not any(silent.values()):
        return ()
    facts.load(oid for entry in branches for oid in entry.own)
    names = {entry.branch.name: {_name(facts.commits[oid]) for oid in entry.own} for entry in branches}
    relations = BranchRelations([entry.branch for entry in branches])
    by_name = {entry.branch.name: entry for entry in branches}
    seen: set[tuple[str, str]] = set()
    found: list[ScanWarning] = []
    for entry in reversed(branches):
        for oid in silent[entry.branch.name]:
            commit = facts.commits[oid]
            if _name(commit) in seen or not is_ordinary(commit) or _is_undone(commit, names[entry.branch.name]):
                continue
            seen.add(_name(commit))
            is_chore = _CHORE.match(commit.subject) or is_chore_of_release(commit.subject, entry.branch.version)
            if is_chore or not (entry.merged_into or _is_fix(commit)) or facts.named.with_title(commit.subject):
                continue
            newer = [by_name[name] for name in relations.newer(entry.branch.name)]
            lacking: list[str] = [each.branch.name for each in newer if _name(commit) not in names[each.branch.name]]
            if len(lacking) == len(newer) > _NAMED:
                lacking = ["all newer branches"]
            found.append(_warning(oid, commit.subject, entry.branch.name, [*lacking, facts.upstream.name]))
    return tuple(reversed(found))


def came_up(facts: Facts, merge: Oid, entry: BranchFacts) -> bool:
    """Tell whether a merge on upstream's line merged this stable branch into it."""
    brought = facts.commits[merge].parents[1:]
    return any(entry.has_ancestor(parent) for parent in brought) and not entry.has_ancestor(merge)


def _unexplained(entry: BranchFacts) -> list[Oid]:
    """Return the commits of the branch itself that are no picks, and that it did not take back."""
    picks = {pick.commit for pick in entry.picks}
    return [oid for oid in entry.own if oid not in picks]


def _name(commit: Commit) -> tuple[str, str]:
    return normal_subject_of(commit), commit.author.mail.casefold()


def _is_undone(commit: Commit, names: Collection[tuple[str, str]]) -> bool:
    """Tell whether a commit takes another one back, or was taken back on the branch."""
    if _REVERT.match(commit.subject):
        return True
    reverting = f'revert "{normal_subject_of(commit)}"'
    return any(subject == reverting for subject, _ in names)


def _is_fix(commit: Commit) -> bool:
    return _FIX.search(commit.subject) is not None or "\nFixes:" in commit.message


def _warning(oid: Oid, subject: str, has: BranchName, lacking: Sequence[str]) -> ScanWarning:
    *others, last = lacking
    lack = f"{', '.join(others)} and {last} lack it" if others else f"{last} lacks it"
    return ScanWarning(WarningKind.NOT_MERGED_UP, oid, has, f"'{subject[:_SHOWN]}' was made there; {lack}")
