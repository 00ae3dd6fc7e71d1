"""Rules that several dialects have in common: `Fixes:` and reverts.

Separate, so that a dialect names them instead of repeating them. A rule that only one project has does not belong here.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.rules import IDS, Meaning, Rule, SentenceRule, TrailerRule, Value

FIXES: tuple[Rule, ...] = (
    TrailerRule(("Fixes",), Meaning.FIXES, Value.COMMIT),
    SentenceRule(
        r"fixes[ \t]+(?:commits?[ \t]+)?[0-9a-f]{7}",
        r"Fixes[ \t]+(?:commits?[ \t]+)?(?=[0-9]{0,40}[a-f])(?=[a-f]{0,40}[0-9])"
        rf"(?P<ids>(?=[0-9a-f]{{7}}){IDS})(?=[.,:]?[ \t\r]*(?:\n|\Z|[(\[\"'`\u201c\u2018]))",
        Meaning.FIXES,
        like_trailer=True,
    ),
)
"""The kernel's tag, written in many forms; `docs/tags.md` lists them. Up to two in a hundred lack the colon; then
nothing but a quoted subject may follow, and the id must not be a number, as those of bugs are."""

_MADE_BY = r"(?:#\d|![1-9]|PR[ \t#]|MR[ \t!]|https?://\S{1,300}?/(?:pulls?|merge_requests)/\d)\S{0,200}"
FIXES_OF_NUMBERS: tuple[Rule, ...] = (
    SentenceRule(
        r"follow-?[ ]?up",
        rf"Follow-?[ ]?up[ \t]+(?:to|for|of|on)[ \t]+(?P<ids>{_MADE_BY})",
        Meaning.FIXES,
        like_trailer=True,
    ),
    SentenceRule(
        "regression",
        rf"Regression[ \t]+(?:(?:introduced|caused)[ \t]+)?(?:from|in|of|by|since)[ \t]+(?P<ids>{_MADE_BY})",
        Meaning.FIXES,
        like_trailer=True,
    ),
)
"""Sentences that name a request by its number, where forges merge them: whether a change has it, history tells."""

AMENDS = TrailerRule(("Amends",), Meaning.FIXES, Value.COMMIT)
"""The same for what is no bug but an omission."""

REVERTS: tuple[Rule, ...] = (
    SentenceRule(
        "this (?:commit |patch |change )?(?:revert|reapplie)s",
        rf"This (?:commit |patch |change )?reverts\s{{1,4}}(?:commits?\s{{1,4}})?(?P<ids>{IDS})",
        Meaning.REVERT,
        unless=r"partial|in part\b|except|apart from",
    ),
    SentenceRule(
        "this (?:commit |patch |change )?(?:revert|reapplie)s",
        rf"This (?:commit |patch |change )?reapplies\s{{1,4}}(?:commits?\s{{1,4}})?(?P<ids>{IDS})",
        Meaning.REAPPLY,
        unless=r"partial|in part\b|except|apart from",
    ),
    TrailerRule(("Reverts",), Meaning.REVERT, Value.COMMIT),
    TrailerRule(("Reapplies", "Reapply"), Meaning.REAPPLY, Value.COMMIT),
)
"""What `git revert` writes, and the trailers that some write by hand. Whether a commit reverts all of another is for
people to say: a sentence that says "partially" is no mark."""
