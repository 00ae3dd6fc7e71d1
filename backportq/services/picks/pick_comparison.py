"""`show --diff`: every pick of a commit against the original, picks on topic branches included, for a reviewer."""

from __future__ import annotations

from dataclasses import dataclass

from backportq.git.picking.publishing import find_branch
from backportq.git.read.lookup import read_commits
from backportq.git.read.range_diff import range_diff
from backportq.model.ids import BranchName, Oid
from backportq.model.picks.provenance import resolver_words
from backportq.services.items.show import CommitReport, OnBranch
from backportq.services.project import Project


@dataclass(frozen=True, slots=True)
class Comparison:
    """One pick against its original.

    `where` is the branch that has it, a stable branch or a topic branch for one; `text` is the range-diff.
    """

    branch: BranchName
    where: str
    pick: Oid
    text: str


def compare_picks(project: Project, shown: CommitReport) -> tuple[Comparison, ...]:
    """Return the picks of a commit that hold or are being worked on, compared with it, by branch."""
    original = shown.commit.oid
    comparisons = []
    for each in shown.branches:
        places = [(each.branch, pick.commit) for pick in each.picks if pick.reverted_by is None]
        topic = _on_topic(project, each, original)
        if topic is not None:
            places.append(topic)
        comparisons += [
            Comparison(each.branch, where, pick, range_diff(project.repository, original, pick))
            for where, pick in places
        ]
    return tuple(comparisons)


def resolver_notes(project: Project, shown: CommitReport) -> dict[BranchName, str]:
    """Return what the picks of a commit say of a program that resolved their conflicts, by branch."""
    places: dict[BranchName, Oid] = {}
    for each in shown.branches:
        picks = [pick.commit for pick in each.picks if pick.reverted_by is None]
        topic = _on_topic(project, each, shown.commit.oid) if not picks else None
        if topic is not None:
            picks.append(topic[1])
        if picks:
            places[each.branch] = picks[-1]
    commits = read_commits(project.repository, places.values())
    notes = {name: resolver_words(commits[oid].message) for name, oid in places.items() if oid in commits}
    return {name: words for name, words in notes.items() if words is not None}


def _on_topic(project: Project, each: OnBranch, original: Oid) -> tuple[BranchName, Oid] | None:
    """Return the newest pick of `original` on the topic branch that its item names."""
    name = each.item.topic if each.item is not None and each.item.state.is_open else None
    tip = find_branch(project.repository, BranchName(name)) if name is not None else None
    if name is None or tip is None:
        return None
    from backportq.services.picks.topics import picks_on  # 25 ms, for few commits

    picks = picks_on(project.repository, project.store.snapshot().state, tip, [each.onto])
    return next(((BranchName(name), pick.made) for pick in picks if pick.upstream == original), None)
