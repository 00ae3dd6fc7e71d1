"""systemd.

Grammar: no tag asks for a backport; what follows an earlier commit says so in a sentence of its own, `Follow-up for
<id>.` (also `to`, `on`, with a colon, in the plural), `Fixup for <id>`, `Fixes a bug introduced by <id>.`, `Bug
introduced in <id>`, `Fixes <id>.`; several ids are joined by `and`. Picks are made with git's cherry-pick line, each
from the next newer branch, so that lines of several branches stand in one message.

Source: docs/BACKPORTS.md of systemd.git for the picks; the sentences are written down nowhere, and stand on one
commit in twenty.

Traps: `Fixes #123` and `Follow-up for #123` name issues and pull requests, `Fixes CID#1530000` a finding of Coverity;
most sentences have no colon, so that git sees no trailer; `This effectively reverts <id>` may be no exact revert.
"""

from __future__ import annotations

from backportq.model.trailers.dialects.rules import IDS, PARAGRAPH, Dialect, Meaning, SentenceRule
from backportq.model.trailers.dialects.shared import FIXES, REVERTS

_COMMITS = rf"(?:the[ \t])?(?:commits?[ \t]+)?(?:#\d{{1,6}}[ \t]*\(?|https?://\S{{1,200}}/commit/)?(?P<ids>{IDS})"
_WORDS = r"(?:[a-z-]{1,20}[ \t]+){0,4}"  # "a bug", "another memleak", "the issue"
_AFTER = rf"ups?(?:[ /][a-z]{{1,20}}){{0,3}}?[ \t-](?:for|to|on|of):?\s{{1,2}}{_COMMITS}"
_MENDS = (
    rf"fix(?:es)?[ \t]+(?:{_WORDS}(?:introduced|caused|broken|added)[ \t]+(?:by|in|with|since)[ \t]+"
    rf"|(?:an?[ \t]+|the[ \t]+)?(?:bug|issue|regression)s?[ \t]+in[ \t]+|for[ \t]+)?{_COMMITS}"
)
_MADE = rf"introduced[ \t]+(?:by|in|with)[ \t]+{_COMMITS}"

SYSTEMD = Dialect(
    name="systemd",
    summary="Follow-up for X, Fixes a bug introduced by X; git's pick lines",
    source="docs/BACKPORTS.md in systemd.git",
    rules=(
        *FIXES,
        SentenceRule("follow", rf"follow[ -]?{_AFTER}", Meaning.FIXES),
        SentenceRule("fix-?up", rf"fix-?{_AFTER}", Meaning.FIXES),
        SentenceRule("fix", rf"{PARAGRAPH}{_MENDS}", Meaning.FIXES),
        SentenceRule("fix", rf"{PARAGRAPH}fixes[ \t]+#\d{{1,6}}[.,]?[ \t]+(?:bug[ \t]+)?{_MADE}", Meaning.FIXES),
        SentenceRule("introduced", rf"{PARAGRAPH}{_MADE}", Meaning.FIXES),
        SentenceRule("bug introduced", rf"{PARAGRAPH}bug[ \t]+{_MADE}", Meaning.FIXES),
        SentenceRule("regression introduced", rf"{PARAGRAPH}regression[ \t]+{_MADE}", Meaning.FIXES),
        SentenceRule("this ", rf"{PARAGRAPH}This is an? (?:follow[ -]?|fix-?){_AFTER}", Meaning.FIXES),
        SentenceRule("this ", rf"{PARAGRAPH}This {_MENDS}", Meaning.FIXES),
        *REVERTS,
    ),
    branches=r"v\d{3}-stable",
)
