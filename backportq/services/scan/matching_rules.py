"""Which of the project's rules upstream commits match: by message and author first, by paths where a rule has a glob.

Apart from the nominations, because rules are looked at once for all branches. This module must not decide what a match
means.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from backportq.model.config import Rule, RuleEffect
from backportq.model.ids import Oid
from backportq.model.items.rules import CompiledRule
from backportq.services.history.facts import BranchFacts, Facts

PathsOf = Callable[[Collection[Oid]], Mapping[Oid, tuple[str, ...]]]
"""Returns the paths that each commit touches."""


def matching_rules(
    facts: Facts,
    commits: Collection[Oid],
    branches: Sequence[BranchFacts],
    rules: Sequence[CompiledRule],
    paths_of: PathsOf,
) -> dict[Oid, tuple[Rule, ...]]:
    """Return the rules that these upstream commits match, in the order of the configuration.

    A merge is matched by its title and the paths of what it brought, and only by rules that refuse: one that nominates
    means the members.
    """
    refusing = [each for each in rules if each.rule.effect is RuleEffect.NEVER]
    by_message: dict[Oid, tuple[CompiledRule, ...]] = {}
    facts.load(commits)
    for oid in commits:
        commit = facts.commits[oid]
        able = refusing if commit.is_merge else rules
        matched = tuple(rule for rule in able if rule.matches_message(commit))
        if matched and not all(entry.has_ancestor(oid) for entry in branches):
            by_message[oid] = matched
    asked = [oid for oid, matched in by_message.items() if any(rule.path is not None for rule in matched)]
    brought = {oid: facts.changes.members.get(oid, ()) or (oid,) for oid in asked}
    paths = paths_of({member for members in brought.values() for member in members}) if asked else {}
    touched = {oid: [path for member in members for path in paths.get(member, ())] for oid, members in brought.items()}
    found = {
        oid: tuple(each.rule for each in matched if each.matches_paths(touched.get(oid, ())))
        for oid, matched in by_message.items()
    }
    return {oid: matched for oid, matched in found.items() if matched}
