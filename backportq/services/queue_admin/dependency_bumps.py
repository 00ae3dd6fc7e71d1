"""Whether a project's history is full of dependency bumps, and the rule that keeps them out of its queues.

Robots bump dependencies on each branch by themselves, so that nobody picks what they did upstream. Not everybody works
so: `init` prints the rule for a person to take, and writes none. This module must not look at branches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from backportq.model.commit import Commit

_FEWEST = 20
_SHARE = 0.03  # of the commits that were looked at
_HINT = re.compile(rb"\n\n[^\n]{0,200}?(?:bump |deps|update dependency )", re.IGNORECASE)
_HABITS = (
    r"^([a-z]+(\([a-z, _-]+\))?!?: )?bump .+ from .+ to ",
    r"^([a-z]+\(deps[a-z, -]*\)|deps)!?: ",
    r"^update dependency .+ to ",
)
"""By the subject, in any case: as Dependabot and Renovate write it, with a prefix or without."""


@dataclass(frozen=True, slots=True)
class DependencyBumps:
    """How many of so many recent commits bump a dependency, the subject of the newest, and a rule as TOML that refuses
    them."""

    commits: int
    looked_at: int
    example: str
    rule: str


def find_dependency_bumps(recent: Iterable[Commit]) -> DependencyBumps | None:
    """Return the habit of bumping dependencies of `recent` upstream commits, newest first; None where they are few."""
    patterns = {habit: re.compile(habit, re.IGNORECASE) for habit in _HABITS}
    counts = dict.fromkeys(patterns, 0)
    looked_at = 0
    example = ""
    for commit in recent:
        looked_at += 1
        if not _HINT.search(commit.raw):
            continue
        habit = next((habit for habit, pattern in patterns.items() if pattern.match(commit.subject)), None)
        if habit is not None:
            counts[habit] += 1
            example = example or commit.subject
    total = sum(counts.values())
    if total < max(_FEWEST, _SHARE * looked_at):
        return None
    usual = [habit for habit, count in counts.items() if count * 20 >= total]
    pattern = usual[0] if len(usual) == 1 else "|".join(usual)
    return DependencyBumps(total, looked_at, example, _rule(f"(?i){pattern}"))


def _rule(pattern: str) -> str:
    return "\n".join(
        (
            "[[rule]]",
            'name = "dependencies"',
            f"pattern = '{pattern}'",
            'in = "subject"',
            'nominate = "never"',
            'reason = "dependencies are bumped on each branch by itself"',
        )
    )
