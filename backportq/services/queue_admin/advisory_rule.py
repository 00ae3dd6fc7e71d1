"""How a project numbers its security advisories: `XSA-443`, `CVE-2023-34325`, `GHSA-…`, read off its own messages.

`init` proposes a rule made of it, which makes what mentions an advisory urgent and nominates nothing. This module must
not decide what is a security fix: a mention is all that it knows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from backportq.model.commit import Commit
from backportq.model.config import Rule, RuleEffect
from backportq.model.priority import Priority

_FEWEST = 2  # one advisory of somebody else's is no habit
_MENTION = re.compile(rb"\b(?:(CVE)-\d{4}-\d{4,7}|([A-Z]{1,6}SA)-\d+|(GHSA)(?:-[0-9a-z]{4}){3})\b")
_PATTERNS = {"CVE": r"CVE-\d{4}-\d+", "GHSA": r"GHSA(-[0-9a-z]{4}){3}"}


@dataclass(frozen=True, slots=True)
class AdvisoryRule:
    """The rule that is proposed, and how many of the recent commits it concerns."""

    rule: Rule
    commits: int


def propose_advisory_rule(recent: Iterable[Commit]) -> AdvisoryRule | None:
    """Return the rule for the advisories that `recent` upstream commits mention; None where hardly any does."""
    counts: Counter[str] = Counter()
    commits = 0
    for commit in recent:
        kinds = {(match[1] or match[2] or match[3]).decode("ascii") for match in _MENTION.finditer(commit.raw)}
        counts.update(kinds)
        commits += bool(kinds)
    habits = [kind for kind, count in counts.most_common() if count >= _FEWEST]
    if not habits:
        return None
    pattern = "|".join(_PATTERNS.get(kind, rf"{kind}-\d+") for kind in habits)
    rule = Rule(name="security", pattern=rf"\b({pattern})\b", priority=Priority.SECURITY, effect=RuleEffect.RANK)
    return AdvisoryRule(rule, commits)
