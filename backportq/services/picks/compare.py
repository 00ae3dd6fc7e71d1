"""`show --diff`: every pick of a commit against the original, picks on topic branches included, for a reviewer."""

from __future__ import annotations

from dataclasses import dataclass

from backportq.git.picking.publishing import find_branch
from backportq.git.read.history import walk
from backportq.git.read.lookup import resolve_abbreviations
from backportq.git.read.range_diff import range_diff
from backportq.model.ids import BranchName, Oid
from backportq.model.trailers.dialects import grammar_of
from backportq.model.trailers.pick_lines import read_picks
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


def _on_topic(project: Project, each: OnBranch, original: Oid) -> tuple[BranchName, Oid] | None:
    """Return the newest pick of `original` on the topic branch that its item names."""
    name = each.item.topic if each.item is not None and each.item.state.is_open else None
    tip = find_branch(project.repository, BranchName(name)) if name is not None else None
    if name is None or tip is None:
        return None
    config = project.store.snapshot().state.config
    grammar = grammar_of(config.dialects, config.trailers)
    for commit in walk(project.repository, [tip], [each.onto]):
        named = [mark.hex for mark in read_picks(commit.message, grammar)]
        ids = resolve_abbreviations(project.repository, named)
        if any(original in ids[hex_] for hex_ in named):
            return BranchName(name), commit.oid
    return None
