"""Django.

Grammar: no tag asks for a backport (the release policy and the ticket do); `Fixes:` is read where it is written. Picks
carry `Backport of X from main.`, and their subject begins with the branch (`[4.2.x] Fixed #123 -- ...`).

Source: docs/internals/committing-code.txt and release-process.txt of django.git.

Traps: `Fixed #123` and `Fixes #123` name a ticket; older branches say `from master.`, and a pick may be of two commits.
"""

from __future__ import annotations

from backportq.model.dialects.grammar import IDS, Dialect, Meaning, SentenceRule
from backportq.model.dialects.shared import CHERRY_PICKS, FIXES, REVERTS

BACKPORT_OF = SentenceRule(
    "backport(?:ed)? (?:of|from) ",
    rf"Backport(?:ed)? (?:of|from) (?:commits? )?(?P<ids>{IDS})(?:[ \t]+from [\w./-]{{1,100}})?\.?[ \t\r]*(?=\n|\Z)",
    Meaning.PICK,
)

DJANGO = Dialect(
    name="django",
    summary="Backport of X from main.",
    source="docs/internals/committing-code.txt in django.git",
    rules=(FIXES, *REVERTS, *CHERRY_PICKS, BACKPORT_OF),
)
